/* differ.c - how the profiles of two data sets differ. */
#include "lib/table/profile/differ.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/table/profile/profile.h"
#include "lib/table/split/split.h"

/* The profile itself, or the report of a build that holds it. */
static const json_t *columns_of(const json_t *p)
{
	const json_t *inner = json_object_get(p, "profile");

	return json_object_get(inner ? inner : p, "columns");
}

static json_t *find(const json_t *columns, const char *name)
{
	json_t *c;
	size_t i;

	json_array_foreach((json_t *)columns, i, c)
		if (strcmp(json_str(c, "name", ""), name) == 0)
			return c;
	return NULL;
}

static void add_change(json_t *list, const char *what, json_t *before, json_t *after)
{
	json_array_append_new(
		list, json_pack("{s:s, s:o, s:o}", "what", what, "before", before, "after", after));
}

/* A member by a path of at most two keys. */
static const json_t *member(const json_t *s, const char *path)
{
	const char *dot = strchr(path, '.');
	char *head;
	const json_t *v;

	if (!dot)
		return json_object_get(s, path);
	head = xstrndup(path, (size_t)(dot - path));
	v = json_object_get(json_object_get(s, head), dot + 1);
	free(head);
	return v;
}

static double null_share(const json_t *s)
{
	int64_t rows = json_int(s, "rows", 0);

	return rows ? (double)json_int(s, "nulls", 0) / (double)rows : 0;
}

/* Texts that are among the most frequent on one side only. */
static void differ_top(const json_t *a, const json_t *b, json_t *list)
{
	const json_t *sides[2] = { json_object_get(a, "top"), json_object_get(b, "top") };
	json_t *only[2] = { json_array(), json_array() }, *v, *w;
	size_t i, k;

	for (int side = 0; side < 2; side++) {
		json_array_foreach((json_t *)sides[side], i, v) {
			bool there = false;

			json_array_foreach((json_t *)sides[!side], k, w)
				there |= json_equal(json_object_get(v, "value"),
						    json_object_get(w, "value"));
			if (!there)
				json_array_append(only[side], json_object_get(v, "value"));
		}
	}
	if (json_array_size(only[0]) + json_array_size(only[1]))
		add_change(list, "top", only[0], only[1]);
	else
		for (int side = 0; side < 2; side++)
			json_decref(only[side]);
}

static json_t *differ_split(const json_t *a, const json_t *b, const char *kind)
{
	static const struct {
		const char *what, *path;
	} wanted[] = { { "distinct", "distinct" },   { "mean", "mean" },
		       { "deviation", "deviation" }, { "min", "min" },
		       { "p5", "quantiles.p5" },     { "p25", "quantiles.p25" },
		       { "p50", "quantiles.p50" },   { "p75", "quantiles.p75" },
		       { "p95", "quantiles.p95" },   { "max", "max" } };
	json_t *list = json_array();

	if (null_share(a) != null_share(b))
		add_change(list, "nulls", json_number(null_share(a)), json_number(null_share(b)));
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		const json_t *x = member(a, wanted[i].path), *y = member(b, wanted[i].path);

		if ((x || y) && (!x || !y || !json_equal(x, y)))
			add_change(list, wanted[i].what, x ? json_incref((json_t *)x) : json_null(),
				   y ? json_incref((json_t *)y) : json_null());
	}
	if (strcmp(kind, "text") == 0)
		differ_top(a, b, list);
	return list;
}

static void differ_column(const json_t *a, const json_t *b, json_t *out)
{
	const json_t *left = json_object_get(a, "splits"), *right = json_object_get(b, "splits");

	for (int k = 0; k < SPLITS; k++) {
		const char *split = split_names[k];
		const json_t *s = json_object_get(left, split),
			     *other = json_object_get(right, split);
		json_t *changes;

		if (!s || !other)
			continue;
		changes = differ_split(s, other, json_str(a, "kind", ""));
		if (json_array_size(changes))
			json_array_append_new(
				out,
				json_pack("{s:s, s:s, s:O, s:o?}", "name", json_str(a, "name", ""),
					  "split", split, "changes", changes, "deviation",
					  json_incref(json_object_get(s, "deviation"))));
		json_decref(changes);
	}
}

/* Rows of each split, from any column. */
static json_t *rows_of(const json_t *columns)
{
	json_t *out = json_object(), *s;
	const char *split;

	json_object_foreach(json_object_get(json_array_get(columns, 0), "splits"), split, s)
		json_object_set(out, split, json_object_get(s, "rows"));
	return out;
}

static json_t *differ_rows(const json_t *a, const json_t *b)
{
	json_t *before = rows_of(a), *after = rows_of(b), *out = json_object();

	for (int k = 0; k < SPLITS; k++) {
		int64_t x = json_int(before, split_names[k], 0),
			y = json_int(after, split_names[k], 0);

		if (x != y)
			json_object_set_new(out, split_names[k],
					    json_pack("{s:I, s:I}", "before", (json_int_t)x,
						      "after", (json_int_t)y));
	}
	json_decref(before);
	json_decref(after);
	return out;
}

int table_differ(const json_t *before, const json_t *after, json_t **out)
{
	const json_t *a = columns_of(before), *b = columns_of(after);
	json_t *added = json_array(), *removed = json_array(), *retyped = json_array(),
	       *columns = json_array();
	json_t *c, *other;
	size_t i;

	json_array_foreach((json_t *)a, i, c) {
		other = find(b, json_str(c, "name", ""));
		if (!other)
			json_array_append(removed, json_object_get(c, "name"));
		else if (strcmp(json_str(c, "type", ""), json_str(other, "type", "")) != 0)
			json_array_append_new(retyped,
					      json_pack("{s:O, s:O, s:O}", "name",
							json_object_get(c, "name"), "before",
							json_object_get(c, "type"), "after",
							json_object_get(other, "type")));
		if (other && strcmp(json_str(c, "kind", ""), json_str(other, "kind", "")) == 0)
			differ_column(c, other, columns);
	}
	json_array_foreach((json_t *)b, i, c)
		if (!find(a, json_str(c, "name", "")))
			json_array_append(added, json_object_get(c, "name"));
	*out = json_pack("{s:o, s:o, s:o, s:o, s:o}", "added", added, "removed", removed, "retyped",
			 retyped, "rows", differ_rows(a, b), "columns", columns);
	return 0;
}

int table_differ_any(const json_t *d)
{
	return json_array_size(json_object_get(d, "added")) ||
	       json_array_size(json_object_get(d, "removed")) ||
	       json_array_size(json_object_get(d, "retyped")) ||
	       json_array_size(json_object_get(d, "columns")) ||
	       json_object_size(json_object_get(d, "rows"));
}

static void text_values(const json_t *list, struct buf *out)
{
	json_t *v;
	size_t i;

	json_array_foreach((json_t *)list, i, v) {
		buf_addstr(out, i ? ", " : "");
		table_value_text(v, out);
	}
	if (!json_array_size(list))
		buf_addch(out, '-');
}

/* "mean 12.57 -> 13.1 (+0.013 deviations)" */
static void text_change(const json_t *c, double deviation, struct buf *out)
{
	const char *what = json_str(c, "what", "");
	const json_t *before = json_object_get(c, "before"), *after = json_object_get(c, "after");

	buf_addf(out, "    %s ", what);
	if (strcmp(what, "nulls") == 0) {
		buf_addf(out, "%.3g%% -> %.3g%%\n", 100 * json_number_value(before),
			 100 * json_number_value(after));
		return;
	}
	if (strcmp(what, "top") == 0) {
		buf_addstr(out, "gone: ");
		text_values(before, out);
		buf_addstr(out, "; new: ");
		text_values(after, out);
		buf_addch(out, '\n');
		return;
	}
	table_value_text(before, out);
	buf_addstr(out, " -> ");
	table_value_text(after, out);
	if (strcmp(what, "mean") == 0 && deviation > 0)
		buf_addf(out, " (%+.2g deviations)",
			 (json_number_value(after) - json_number_value(before)) / deviation);
	buf_addch(out, '\n');
}

void table_differ_text(const json_t *d, struct buf *out)
{
	const char *split;
	json_t *v, *c;
	size_t i, k;

	json_object_foreach(json_object_get(d, "rows"), split, v)
		buf_addf(out, "%s: %lld -> %lld rows\n", split, (long long)json_int(v, "before", 0),
			 (long long)json_int(v, "after", 0));
	json_array_foreach(json_object_get(d, "added"), i, v)
		buf_addf(out, "+ %s\n", json_string_value(v));
	json_array_foreach(json_object_get(d, "removed"), i, v)
		buf_addf(out, "- %s\n", json_string_value(v));
	json_array_foreach(json_object_get(d, "retyped"), i, v)
		buf_addf(out, "~ %s: %s -> %s\n", json_str(v, "name", ""),
			 json_str(v, "before", ""), json_str(v, "after", ""));
	json_array_foreach(json_object_get(d, "columns"), i, v) {
		buf_addf(out, "%s (%s)\n", json_str(v, "name", ""), json_str(v, "split", ""));
		json_array_foreach(json_object_get(v, "changes"), k, c)
			text_change(c, json_num(v, "deviation", 0), out);
	}
}
