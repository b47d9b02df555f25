/* wording.c - paths of the run folder out of a reason, names of the user's in. */
#define _GNU_SOURCE
#include "lib/step/wording.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/step/attempt.h"

/* Every path in text becomes name; text is replaced. */
static void put_name(char **text, const char *path, const char *name)
{
	struct buf b = BUF_INIT;
	const char *p = *text, *hit;

	while ((hit = strstr(p, path))) {
		buf_add(&b, p, (size_t)(hit - p));
		buf_addstr(&b, name);
		p = hit + strlen(path);
	}
	buf_addstr(&b, p);
	free(*text);
	*text = buf_take(&b);
}

int wording_name(int rc, const char *path, const char *name)
{
	char *text = xstrdup(error_text()), *hint = xstrdup(error_hint_text());

	put_name(&text, path, name);
	error_set(rc, "%s", text);
	if (*hint)
		error_hint(rc, "%s", hint);
	free(text);
	free(hint);
	return rc;
}

/* A learner ends its one line with "(HINT)"; what is a hint of ours too is said once. */
static void cut_hint(char *text, const char *hint)
{
	char *end = xasprintf(" (%s)", hint);
	size_t n = strlen(text), m = strlen(end);

	if (n > m && !strcmp(text + n - m, end))
		text[n - m] = '\0';
	free(end);
}

int wording_set(const struct attempt *a, int rc)
{
	static const char make_room[] = "make room there, and type it again";
	char *text = xstrdup(error_text()), *hint = xstrdup(error_hint_text());

	for (size_t i = 0; i < a->step->n_inputs; i++) {
		char *path = attempt_input_path(a, &a->step->inputs[i]);

		put_name(&text, path, a->step->inputs[i].ref);
		free(path);
	}
	put_name(&text, a->out, "$MICH_OUT");
	put_name(&text, a->events, "$MICH_EVENTS");
	if (!*hint && strstr(text, strerror(ENOSPC))) { /* as DuckDB or a program put it */
		free(hint);
		hint = xstrdup(make_room);
	}
	cut_hint(text, hint);
	error_set(rc, "%s", text);
	if (*hint)
		error_hint(rc, "%s", hint);
	free(text);
	free(hint);
	return rc;
}
