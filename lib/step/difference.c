/* difference.c - compare two prints member by member. */
#include "lib/step/difference.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/base/strlist.h"

static json_t *or_null(const json_t *v)
{
	return v ? json_incref((json_t *)v) : json_null();
}

static void add(json_t *rows, const char *label, const char *key, const json_t *a, const json_t *b)
{
	char *what = key ? xasprintf("%s %s", label, key) : xstrdup(label);

	if (!(a && b && json_equal(a, b)) && (a || b))
		json_array_append_new(rows, json_pack("{s:s,s:o,s:o}", "what", what, "before",
						      or_null(a), "after", or_null(b)));
	free(what);
}

/* Members of two objects, keys of both, sorted. */
static void add_members(json_t *rows, const char *label, const json_t *a, const json_t *b)
{
	struct strlist keys = STRLIST_INIT;
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)a, key, v)
		strlist_add(&keys, key);
	json_object_foreach((json_t *)b, key, v)
		if (!json_object_get(a, key))
			strlist_add(&keys, key);
	strlist_sort(&keys);
	for (size_t i = 0; i < keys.n; i++)
		add(rows, label, keys.v[i], json_object_get(a, keys.v[i]),
		    json_object_get(b, keys.v[i]));
	strlist_clear(&keys);
}

/* [{role, content}] as {role: short content}. */
static json_t *by_role(const json_t *inputs)
{
	json_t *map = json_object(), *in;
	size_t i;

	json_array_foreach((json_t *)inputs, i, in) {
		const char *content = json_str(in, "content", NULL);
		char *text = content ? xstrndup(content, 12) : xstrdup("not made");

		json_object_set_new(map, json_str(in, "role", ""), json_string(text));
		free(text);
	}
	return map;
}

/* What a step asks that takes any stamp, being told by something else when its world changed. */
static bool any_stamp(const json_t *print)
{
	return !strcmp(json_str(print, "refresh", ""), "1970-01-01T00:00:00.000Z");
}

/* Is the row "recipe of NAME", and the member NAME another one as well? That says more: the recipe goes. */
static bool is_told_by_input(const json_t *row, const json_t *a, const json_t *b)
{
	const char *what = json_str(row, "what", "");
	const json_t *before, *after;
	char *role;

	if (strncmp(what, "recipe of ", 10))
		return false;
	role = xasprintf("member-%s", what + 10);
	before = json_object_get(a, role);
	after = json_object_get(b, role);
	free(role);
	return before && after && !json_equal(before, after);
}

static void drop_told(json_t *rows, const json_t *a, const json_t *b)
{
	for (size_t i = json_array_size(rows); i > 0; i--)
		if (is_told_by_input(json_array_get(rows, i - 1), a, b))
			json_array_remove(rows, i - 1);
}

/* An engine may be known only with every input, as that of a member's learner: until then none is no answer. */
static void drop_unasked(json_t *rows, const json_t *inputs)
{
	bool unmade = false;
	json_t *in;
	size_t i;

	json_array_foreach((json_t *)inputs, i, in)
		unmade = unmade || !json_is_string(json_object_get(in, "content"));
	for (i = json_array_size(rows); unmade && i > 0; i--) {
		const json_t *row = json_array_get(rows, i - 1);

		if (!strncmp(json_str(row, "what", ""), "engine ", 7) &&
		    json_is_null(json_object_get(row, "after")))
			json_array_remove(rows, i - 1);
	}
}

json_t *difference_of_prints(const json_t *before, const json_t *after)
{
	static const struct {
		const char *member, *label;
	} members[] = { { "recipe", "recipe" },
			{ "params", "param" },
			{ "code", "code" },
			{ "engines", "engine" } };
	static const char *const scalars[] = { "command", "seed",   "refresh",
					       "step",	  "device", "precision" };
	json_t *rows = json_array(), *a, *b;

	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		add_members(rows, members[i].label, json_object_get(before, members[i].member),
			    json_object_get(after, members[i].member));
	a = json_object_get(before, "environment");
	b = json_object_get(after, "environment");
	add_members(rows, "env", json_object_get(a, "env"), json_object_get(b, "env"));
	add(rows, "environment", NULL, json_object_get(a, "file"), json_object_get(b, "file"));
	for (size_t i = 0; i < ARRAY_LEN(scalars); i++) {
		if (!strcmp(scalars[i], "refresh") && any_stamp(after))
			continue;
		add(rows, scalars[i], NULL, json_object_get(before, scalars[i]),
		    json_object_get(after, scalars[i]));
	}
	a = by_role(json_object_get(before, "inputs"));
	b = by_role(json_object_get(after, "inputs"));
	add_members(rows, "input", a, b);
	drop_told(rows, a, b);
	drop_unasked(rows, json_object_get(after, "inputs"));
	json_decref(a);
	json_decref(b);
	return rows;
}

json_t *difference_of_surroundings(const json_t *before, const json_t *after)
{
	static const char *const members[] = { "program", "sha256", "python" };
	static const char *const labels[] = { "program", "program's bytes", "python" };
	const json_t *a = json_object_get(before, "environment"),
		     *b = json_object_get(after, "environment");
	json_t *rows = json_array();

	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		add(rows, labels[i], NULL, json_object_get(a, members[i]),
		    json_object_get(b, members[i]));
	add_members(rows, "package", json_object_get(a, "packages"),
		    json_object_get(b, "packages"));
	add_members(rows, "passed", json_object_get(a, "passed"), json_object_get(b, "passed"));
	add(rows, "threads", NULL, json_object_get(before, "threads"),
	    json_object_get(after, "threads"));
	return rows;
}

/* A value on one line, strings without quotes, cut where it gets long. */
static void add_value(struct buf *out, const json_t *v)
{
	struct buf b = BUF_INIT;

	if (json_is_null(v))
		buf_addstr(&b, "(none)");
	else if (json_is_string(v))
		buf_addstr(&b, json_string_value(v));
	else
		json_canonical(v, &b);
	for (size_t i = 0; i < b.len; i++)
		if (b.data[i] == '\n' || b.data[i] == '\t')
			b.data[i] = ' ';
	buf_addf(out, b.len > 60 ? "%.57s..." : "%s", b.data);
	buf_clear(&b);
}

/* What a print calls "step" is the number that mich raises when it comes to make the same otherwise. */
static void add_words(struct buf *out, const char *what)
{
	size_t n = strlen(what), tail = strlen("step");

	if (n >= tail && !strcmp(what + n - tail, "step") &&
	    (n == tail || (n >= tail + 2 && !strncmp(what + n - tail - 2, ": ", 2))))
		buf_addf(out, "%.*show mich itself makes it", (int)(n - tail), what);
	else
		buf_addstr(out, what);
}

char *difference_text(const json_t *row)
{
	struct buf b = BUF_INIT;

	add_words(&b, json_str(row, "what", ""));
	buf_addstr(&b, ": ");
	add_value(&b, json_object_get(row, "before"));
	buf_addstr(&b, " -> ");
	add_value(&b, json_object_get(row, "after"));
	return buf_take(&b);
}
