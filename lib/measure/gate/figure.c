/* figure.c - figures by their paths. */
#include "lib/measure/gate/figure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/base/strlist.h"

enum { MAX_NAMED = 20 };

static const json_t *lookup(const json_t *v, const char *path)
{
	const json_t *hit = json_object_get(v, path);
	const char *dot = strchr(path, '.');

	for (; !hit && dot; dot = strchr(dot + 1, '.')) {
		char *head = xstrndup(path, (size_t)(dot - path));
		const json_t *member = json_object_get(v, head);

		if (member)
			hit = lookup(member, dot + 1);
		free(head);
	}
	return hit;
}

bool figure_find(const json_t *figures, const char *path, double *out)
{
	const json_t *v = lookup(figures, path);

	*out = json_is_number(v) ? json_number_value(v) : NAN;
	return json_is_number(v) || json_is_null(v);
}

static void collect(const json_t *v, const char *prefix, struct strlist *out)
{
	const char *key;
	json_t *member;

	json_object_foreach((json_t *)v, key, member) {
		char *path = xasprintf("%s%s%s", prefix, *prefix ? "." : "", key);

		if (json_is_object(member))
			collect(member, path, out);
		else if (json_is_number(member) || json_is_null(member))
			strlist_add(out, path);
		free(path);
	}
}

/* "a, b, c": those that begin with the n bytes of head, so many that they can be read. */
static size_t list(const struct strlist *paths, const char *head, size_t n, struct buf *out)
{
	size_t found = 0;

	for (size_t i = 0; i < paths->n; i++) {
		if (strncmp(paths->v[i], head, n) != 0)
			continue;
		if (++found <= MAX_NAMED)
			buf_addf(out, "%s %s", found > 1 ? "," : "", paths->v[i]);
	}
	if (found > MAX_NAMED)
		buf_addstr(out, ", ...");
	return found;
}

int figure_hint(int code, const json_t *figures, const char *path)
{
	struct strlist paths = STRLIST_INIT;
	struct buf hint = BUF_INIT;
	const char *near, *dot = strchr(path, '.');

	collect(figures, "", &paths);
	strlist_sort(&paths);
	near = strlist_nearest((const char *const *)paths.v, paths.n, path);
	if (near)
		buf_addf(&hint, "did you mean '%s'? ", near);
	buf_addstr(&hint, "measured are");
	/* Of what it is asked of, "bench.", where something of it was measured. */
	if (!dot || !list(&paths, path, (size_t)(dot - path) + 1, &hint))
		list(&paths, "", 0, &hint);
	if (paths.n)
		error_hint(code, "%s", hint.data);
	buf_clear(&hint);
	strlist_clear(&paths);
	return code;
}
