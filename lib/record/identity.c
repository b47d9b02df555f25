/* identity.c - who records, and when: environment, then git's settings, then user@host. */
#define _GNU_SOURCE
#include <ctype.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/record/date.h"
#include "lib/record/inside.h"

/* Git's rule: no angle brackets or line ends, and none of its crud at the ends. */
static char *without_crud(char *text)
{
	static const char crud[] = " \t.,:;\"\\'";
	char *to = text;
	size_t n;

	for (const char *p = text; *p; p++)
		if ((unsigned char)*p >= ' ' && *p != '<' && *p != '>' && *p != 127)
			*to++ = *p;
	*to = '\0';
	for (n = strlen(text); n && strchr(crud, text[n - 1]); n--)
		text[n - 1] = '\0';
	n = strspn(text, crud);
	memmove(text, text + n, strlen(text + n) + 1);
	return text;
}

/* The first that is set and not empty; caller frees. */
static char *pick(struct repo *r, const char *env, const char *role_key, const char *key)
{
	const char *e = getenv(env);
	char *text = e && *e ? without_crud(xstrdup(e)) : NULL;

	if (text && *text)
		return text;
	free(text);
	for (int i = 0; i < 2; i++) {
		text = NULL;
		if (store_config(r->store, i ? key : role_key, &text) > 0 && *without_crud(text))
			return text;
		free(text);
	}
	error_clear();
	return NULL;
}

static char *login(void)
{
	struct passwd *p = getpwuid(getuid());
	const char *name = p && p->pw_name && *p->pw_name ? p->pw_name : getenv("USER");

	return name && *name ? without_crud(xstrdup(name)) : xasprintf("uid%ld", (long)getuid());
}

char *ident_name(struct repo *r, enum ident_role role)
{
	bool author = role == IDENT_AUTHOR;
	char *name = pick(r, author ? "GIT_AUTHOR_NAME" : "GIT_COMMITTER_NAME",
			  author ? "author.name" : "committer.name", "user.name");
	char *mail = pick(r, author ? "GIT_AUTHOR_EMAIL" : "GIT_COMMITTER_EMAIL",
			  author ? "author.email" : "committer.email", "user.email");
	char *out;

	if (!name)
		name = login();
	if (!mail && getenv("EMAIL") && *getenv("EMAIL"))
		mail = without_crud(xstrdup(getenv("EMAIL")));
	if (!mail || !*mail) {
		char *user = login();

		free(mail);
		mail = xasprintf("%s@%s", user, r->host);
		free(user);
	}
	out = xasprintf("%s <%s>", name, mail);
	free(name);
	free(mail);
	return out;
}

static int local_zone(int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	return localtime_r(&t, &tm) ? (int)(tm.tm_gmtoff / 60) : 0;
}

char *ident_line(struct repo *r, enum ident_role role)
{
	const char *date = getenv(role == IDENT_AUTHOR ? "GIT_AUTHOR_DATE" : "GIT_COMMITTER_DATE");
	int64_t seconds = clock_now_ms() / 1000;
	int zone = local_zone(seconds);
	char *who = ident_name(r, role), *line;

	if (date && *date && date_parse(date, &seconds, &zone) < 0)
		error_clear();
	line = xasprintf("%s %lld %c%02d%02d", who, (long long)seconds, zone < 0 ? '-' : '+',
			 abs(zone) / 60, abs(zone) % 60);
	free(who);
	return line;
}
