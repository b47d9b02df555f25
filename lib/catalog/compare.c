/* compare.c - two flat objects side by side, section by section. */
#define _GNU_SOURCE
#include "lib/catalog/compare.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

enum { NESTED_MAX = 16, SHORT_HEX = 12 };

static void flatten_into(json_t *out, const char *prefix, const json_t *obj, int depth)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)obj, key, value) {
		char *full = *prefix ? xasprintf("%s.%s", prefix, key) : xstrdup(key);

		if (json_is_object(value) && depth < NESTED_MAX)
			flatten_into(out, full, value, depth + 1);
		else
			json_object_set(out, full, value);
		free(full);
	}
}

json_t *compare_flatten(const json_t *obj)
{
	json_t *out = json_object();

	if (json_is_object(obj))
		flatten_into(out, "", obj, 0);
	return out;
}

static json_t *or_null(json_t *v)
{
	return v ? json_incref(v) : json_null();
}

/* 5 and 5.0 are the same parameter. */
static bool same_value(const json_t *a, const json_t *b)
{
	if (json_is_number(a) && json_is_number(b))
		return json_number_value(a) == json_number_value(b);
	return json_equal(a, b);
}

static void add_change(json_t *rows, const char *key, json_t *a, json_t *b)
{
	json_t *row;

	if (a && b && same_value(a, b))
		return;
	row = json_pack("{s:s,s:o,s:o}", "key", key, "before", or_null(a), "after", or_null(b));
	json_array_append_new(rows, row);
}

/* Rows for the keys that differ: those of a in its order, then what only b has. */
static json_t *changes(const json_t *a_tree, const json_t *b_tree)
{
	json_t *a = compare_flatten(a_tree), *b = compare_flatten(b_tree), *rows = json_array(),
	       *value;
	const char *key;

	json_object_foreach(a, key, value)
		add_change(rows, key, value, json_object_get(b, key));
	json_object_foreach(b, key, value)
		if (!json_object_get(a, key))
			add_change(rows, key, NULL, value);
	json_decref(a);
	json_decref(b);
	return rows;
}

static void add_metric_changes(json_t *rows)
{
	size_t i;
	json_t *row;

	json_array_foreach(rows, i, row) {
		json_t *a = json_object_get(row, "before"), *b = json_object_get(row, "after");

		json_object_set_new(
			row, "change",
			json_is_number(a) && json_is_number(b)
				? json_number(json_number_value(b) - json_number_value(a))
				: json_null());
	}
}

/* {role: {ref, id, content}}; a role's second input is "role 2". */
static json_t *inputs_by_role(const json_t *manifest)
{
	json_t *out = json_object(), *row;
	size_t i;

	json_array_foreach(json_object_get(manifest, "inputs"), i, row) {
		char *key = xstrdup(json_str(row, "role", "input"));

		for (int k = 2; json_object_get(out, key); k++) {
			free(key);
			key = xasprintf("%s %d", json_str(row, "role", "input"), k);
		}
		json_object_set_new(out, key,
				    json_pack("{s:s?,s:s?,s:s?}", "ref", json_str(row, "ref", NULL),
					      "id", json_str(row, "id", NULL), "content",
					      json_str(row, "content", NULL)));
		free(key);
	}
	return out;
}

static void add_input(json_t *rows, const char *role, json_t *a, json_t *b)
{
	if (!a || !b || !json_equal(a, b))
		json_array_append_new(rows, json_pack("{s:s,s:o,s:o}", "role", role, "before",
						      or_null(a), "after", or_null(b)));
}

static json_t *input_changes(const json_t *a_manifest, const json_t *b_manifest)
{
	json_t *a = inputs_by_role(a_manifest), *b = inputs_by_role(b_manifest),
	       *rows = json_array();
	const char *role;
	json_t *value;

	json_object_foreach(a, role, value)
		add_input(rows, role, value, json_object_get(b, role));
	json_object_foreach(b, role, value)
		if (!json_object_get(a, role))
			add_input(rows, role, NULL, value);
	json_decref(a);
	json_decref(b);
	return rows;
}

static json_t *commit_of(const json_t *code)
{
	const char *commit = json_str(code, "commit", "");

	return *commit ? json_string(commit) : json_null();
}

static json_t *code_changes(const json_t *a_manifest, const json_t *b_manifest)
{
	json_t *a = json_object_get(a_manifest, "code"), *b = json_object_get(b_manifest, "code");
	json_t *a_trees = json_object_get(a, "trees"), *b_trees = json_object_get(b, "trees");
	json_t *paths = json_array(), *value;
	const char *path;

	json_object_foreach(a_trees, path, value)
		add_change(paths, path, value, json_object_get(b_trees, path));
	json_object_foreach(b_trees, path, value)
		if (!json_object_get(a_trees, path))
			add_change(paths, path, NULL, value);
	for (size_t i = 0; i < json_array_size(paths); i++) {
		json_t *row = json_array_get(paths, i);

		json_object_set(row, "path", json_object_get(row, "key"));
		json_object_del(row, "key");
	}
	return json_pack("{s:o,s:o,s:o}", "before", commit_of(a), "after", commit_of(b), "paths",
			 paths);
}

static json_t *side_json(const struct compare_side *s)
{
	return json_pack("{s:s,s:s,s:s}", "ref", s->ref, "id", s->id, "content", s->content);
}

static json_t *member_changes(const struct compare_side *a, const struct compare_side *b,
			      const char *member)
{
	return changes(json_object_get(a->manifest, member), json_object_get(b->manifest, member));
}

static const char *hardware_id(const struct compare_side *s)
{
	return json_str(json_object_get(s->manifest, "hardware"), "id", NULL);
}

/*
 * How fast something ran says nothing beside how fast it ran on another machine: figures of benches
 * are left out, and said to be.
 */
static json_t *part_hardware(const struct compare_side *a, const struct compare_side *b,
			     json_t *metrics)
{
	const char *x = hardware_id(a), *y = hardware_id(b);

	if (!x || !y || !strcmp(x, y))
		return NULL;
	for (size_t i = json_array_size(metrics); i-- > 0;)
		if (!strncmp(json_str(json_array_get(metrics, i), "key", ""), "bench.", 6))
			json_array_remove(metrics, i);
	return json_pack("{s:O,s:O}", "before", json_object_get(a->manifest, "hardware"), "after",
			 json_object_get(b->manifest, "hardware"));
}

json_t *compare_versions(const struct compare_side *before, const struct compare_side *after)
{
	json_t *metrics = changes(before->metrics, after->metrics),
	       *hardware = part_hardware(before, after, metrics);

	add_metric_changes(metrics);
	return json_pack("{s:o*,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "hardware", hardware, "before",
			 side_json(before), "after", side_json(after), "recipe",
			 member_changes(before, after, "recipe"), "params",
			 member_changes(before, after, "params"), "inputs",
			 input_changes(before->manifest, after->manifest), "code",
			 code_changes(before->manifest, after->manifest), "engines",
			 member_changes(before, after, "engines"), "metrics", metrics);
}

bool compare_same(const json_t *comparison)
{
	static const char *const sections[] = { "recipe", "params", "inputs", "engines",
						"metrics" };
	const json_t *a = json_object_get(comparison, "before"),
		     *b = json_object_get(comparison, "after");

	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		if (json_array_size(json_object_get(comparison, sections[i])))
			return false;
	return !json_object_get(comparison, "hardware") &&
	       !json_array_size(json_object_get(json_object_get(comparison, "code"), "paths")) &&
	       !strcmp(json_str(a, "content", ""), json_str(b, "content", ""));
}

/* --- text ---------------------------------------------------------------------------------------
 */

static void add_value(const json_t *v, struct buf *out)
{
	if (!v || json_is_null(v))
		buf_addstr(out, "(none)");
	else if (json_is_string(v))
		buf_addstr(out, json_string_value(v));
	else if (json_is_real(v))
		buf_addf(out, "%.6g", json_real_value(v));
	else
		json_canonical(v, out);
}

static int widest(const json_t *rows, const char *key)
{
	size_t width = 0, i;
	json_t *row;

	json_array_foreach(rows, i, row) {
		size_t n = strlen(json_str(row, key, ""));

		width = n > width ? n : width;
	}
	return width < 40 ? (int)width : 40;
}

static void add_section(const json_t *comparison, const char *section, const char *title,
			struct buf *out)
{
	json_t *rows = json_object_get(comparison, section), *row;
	int width = widest(rows, "key");
	size_t i;

	if (json_array_size(rows))
		buf_addf(out, "%s\n", title);
	json_array_foreach(rows, i, row) {
		const json_t *change = json_object_get(row, "change");

		buf_addf(out, "  %-*s  ", width, json_str(row, "key", ""));
		add_value(json_object_get(row, "before"), out);
		buf_addstr(out, " -> ");
		add_value(json_object_get(row, "after"), out);
		if (json_is_number(change)) {
			double a = json_number_value(json_object_get(row, "before"));
			double d = json_number_value(change);

			buf_addf(out, "  (%+.6g", d);
			if (a != 0)
				buf_addf(out, ", %+.2f%%", 100 * d / (a < 0 ? -a : a));
			buf_addch(out, ')');
		}
		buf_addch(out, '\n');
	}
}

static void add_input_side(const json_t *side, struct buf *out)
{
	if (json_is_null(side))
		buf_addstr(out, "(none)");
	else
		buf_addf(out, "%s (%.*s)", json_str(side, "ref", "?"), SHORT_HEX,
			 json_str(side, "content", ""));
}

static void add_inputs(const json_t *rows, struct buf *out)
{
	int width = widest(rows, "role");
	size_t i;
	json_t *row;

	if (json_array_size(rows))
		buf_addstr(out, "inputs\n");
	json_array_foreach(rows, i, row) {
		const json_t *a = json_object_get(row, "before"),
			     *b = json_object_get(row, "after");
		const char *content = json_str(a, "content", "");

		buf_addf(out, "  %-*s  ", width, json_str(row, "role", ""));
		add_input_side(a, out);
		buf_addstr(out, " -> ");
		add_input_side(b, out);
		buf_addstr(out, *content && !strcmp(content, json_str(b, "content", ""))
					? ", the same bytes\n"
					: "\n");
	}
}

static const char *path_verb(const json_t *row)
{
	return json_is_null(json_object_get(row, "before"))  ? "added"
	       : json_is_null(json_object_get(row, "after")) ? "removed"
							     : "changed";
}

static void add_code(const json_t *code, struct buf *out)
{
	json_t *paths = json_object_get(code, "paths"), *row;
	const char *a = json_str(code, "before", NULL), *b = json_str(code, "after", NULL);
	size_t i;

	if (!json_array_size(paths))
		return;
	buf_addstr(out, "code\n");
	json_array_foreach(paths, i, row)
		buf_addf(out, "  %-7s  %s\n", path_verb(row), json_str(row, "path", ""));
	if (!a || !b)
		return;
	buf_addf(out, "  git diff %.*s %.*s --", SHORT_HEX, a, SHORT_HEX, b);
	json_array_foreach(paths, i, row)
		buf_addf(out, " '%s'", json_str(row, "path", ""));
	buf_addch(out, '\n');
}

static void add_machine(const json_t *hardware, struct buf *out)
{
	buf_addf(out, "%s (%s, %lld cores, %lld GiB)", json_str(hardware, "id", "?"),
		 json_str(hardware, "cpu", "?"), (long long)json_int(hardware, "cores", 0),
		 (long long)json_int(hardware, "memory_gib", 0));
}

static void add_hardware(const json_t *hardware, struct buf *out)
{
	if (!hardware)
		return;
	buf_addstr(out, "hardware\n  ");
	add_machine(json_object_get(hardware, "before"), out);
	buf_addstr(out, " -> ");
	add_machine(json_object_get(hardware, "after"), out);
	buf_addstr(out, "\n  figures of bench are not compared: they are of different hardware\n");
}

void compare_text(const json_t *comparison, struct buf *out)
{
	const json_t *a = json_object_get(comparison, "before"),
		     *b = json_object_get(comparison, "after");
	bool same = !strcmp(json_str(a, "content", ""), json_str(b, "content", ""));

	buf_addf(out, "%s -> %s: %s\n", json_str(a, "ref", ""), json_str(b, "ref", ""),
		 same ? "the same bytes" : "other bytes");
	add_section(comparison, "recipe", "recipe", out);
	add_section(comparison, "params", "parameters", out);
	add_inputs(json_object_get(comparison, "inputs"), out);
	add_code(json_object_get(comparison, "code"), out);
	add_section(comparison, "engines", "engines", out);
	add_hardware(json_object_get(comparison, "hardware"), out);
	add_section(comparison, "metrics", "metrics", out);
}
