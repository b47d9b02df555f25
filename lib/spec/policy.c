/* policy.c - who may release under a name. */
#define _GNU_SOURCE
#include "lib/spec/policy.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/spec/field.h"

void policy_clear(struct spec_policy *p)
{
	free(p->space);
	free(p->name);
	strlist_clear(&p->promoters);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* "maps" or "maps/eta" as a policy of s; NULL with the reason set. */
static struct spec_policy *open_policy(struct spec *s, const struct field_where *w, const char *sub)
{
	const char *slash = sub ? strchr(sub, '/') : NULL;
	char *space = sub ? xstrndup(sub, slash ? (size_t)(slash - sub) : strlen(sub)) : NULL;
	struct spec_policy *p = NULL;

	if (!sub) {
		field_error(w, "[release] needs a name: [release \"NAMESPACE/NAME\"]");
	} else if (spec_check_name(space) < 0 || (slash && spec_check_name(slash + 1) < 0)) {
		error_wrap(ERR_INPUT, "%s:%d", w->file, w->line);
		error_hint(ERR_INPUT, "[release \"NAMESPACE/NAME\"] or [release \"NAMESPACE\"]");
	} else {
		for (size_t i = 0; !p && i < s->n_policy; i++)
			if (!strcmp(s->policy[i].space, space) &&
			    same_text(s->policy[i].name, slash ? slash + 1 : NULL))
				p = &s->policy[i];
		if (!p) {
			ARRAY_GROW(s->policy, s->n_policy, s->cap_policy);
			p = &s->policy[s->n_policy++];
			*p = (struct spec_policy){ .space = xstrdup(space),
						   .name = slash ? xstrdup(slash + 1) : NULL,
						   .line = w->line };
		}
	}
	free(space);
	return p;
}

/* ana@example.com, bo@example.com */
static int read_promoters(const struct field_where *w, const struct config_entry *e,
			  struct spec_policy *p)
{
	size_t before = p->promoters.n;

	if (e->value)
		strlist_split(&p->promoters, e->value, ",");
	if (p->promoters.n == before)
		return field_error(w, "'promoters' names nobody");
	for (size_t i = before; i < p->promoters.n; i++)
		if (!strchr(p->promoters.v[i], '@') || strpbrk(p->promoters.v[i], " \t<>"))
			return field_error(w, "'%s' is no mail address, want NAME@HOST",
					   p->promoters.v[i]);
	return 0;
}

static int read_entry(const struct field_where *w, const struct config_entry *e,
		      struct spec_policy *p)
{
	if (strcmp(e->key, "promoters") != 0) {
		field_error(w, "unknown key '%s' in [release], want promoters", e->key);
		return error_hint(ERR_INPUT, "mich help Michfile lists the keys");
	}
	if (e->cut == CONFIG_CUT_GLUED)
		return field_error(w, "the value of 'promoters' is cut by a ';' or '#', which "
				      "begins a comment");
	return read_promoters(w, e, p);
}

int policy_read(struct spec *s, const struct config_section *c)
{
	struct field_where w = { s->file, c->line };
	struct spec_policy *p = open_policy(s, &w, c->sub);
	int rc = p ? 0 : ERR_INPUT;

	for (size_t i = 0; !rc && i < c->n; i++) {
		w.line = c->v[i].line;
		rc = read_entry(&w, &c->v[i], p);
	}
	return rc;
}

const struct spec_policy *policy_find(const struct spec *s, const char *space, const char *name)
{
	const struct spec_policy *whole = NULL;

	for (size_t i = 0; i < s->n_policy; i++) {
		const struct spec_policy *p = &s->policy[i];

		if (strcmp(p->space, space) != 0)
			continue;
		if (p->name && !strcmp(p->name, name))
			return p;
		if (!p->name)
			whole = p;
	}
	return whole;
}

bool policy_allows(const struct spec_policy *p, const char *user)
{
	const char *open = strrchr(user, '<');
	char *mail = open ? xstrndup(open + 1, strcspn(open + 1, ">")) : xstrdup(user);
	bool allowed = !p->promoters.n;

	for (size_t i = 0; i < p->promoters.n; i++)
		allowed = allowed || !strcasecmp(p->promoters.v[i], mail);
	free(mail);
	return allowed;
}
