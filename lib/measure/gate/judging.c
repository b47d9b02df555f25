/* judging.c - the slices of a gate: their figures, and how they are named. */
#include "lib/measure/gate/judging.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/measure/gate/figure.h"

enum { MAX_SMALL = 3 };

static bool is_by(const json_t *entry, const struct gate_by *by)
{
	const json_t *names = json_object_get(entry, "by");
	size_t n = by->column[1] ? 2 : 1;

	if (json_array_size(names) != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		const char *name = json_string_value(json_array_get(names, i));

		if (!name || strcmp(name, by->column[i]) != 0)
			return false;
	}
	return true;
}

static void add_by(const struct gate_by *by, struct buf *out)
{
	buf_addstr(out, by->column[0]);
	if (by->column[1])
		buf_addf(out, " * %s", by->column[1]);
}

static int find_groups(const struct gate *g, const struct gate_by *by, const json_t *document,
		       const json_t **out)
{
	struct buf name = BUF_INIT;
	const json_t *entry;
	size_t i;
	int rc;

	json_array_foreach(document, i, entry)
		if (is_by(entry, by)) {
			*out = json_object_get(entry, "groups");
			return 0;
		}
	add_by(by, &name);
	rc = error_set(ERR_INPUT, "cannot judge gate '%s': nothing was measured by '%s'", g->text,
		       name.data);
	buf_clear(&name);
	return rc;
}

/* "rmse" of "rmse" and of "test.rmse"; the split must be the one that was sliced. */
static int slice_metric(const struct gate *g, const char *metric, const struct gate_facts *facts,
			const char **out)
{
	const char *dot = strchr(metric, '.');
	size_t n = dot ? (size_t)(dot - metric) : 0;

	*out = dot ? dot + 1 : metric;
	if (!dot || !facts->split ||
	    (strlen(facts->split) == n && !memcmp(facts->split, metric, n)))
		return 0;
	return error_set(ERR_INPUT, "cannot judge gate '%s': slices are measured on the split '%s'",
			 g->text, facts->split);
}

static void add_group(struct judging_slices *s, const struct judging_group *group, int64_t min)
{
	bool small = json_int(group->group, "rows", 0) < min;

	if (small) {
		ARRAY_GROW(s->small, s->n_small, s->cap_small);
		s->small[s->n_small++] = *group;
	} else if (isnan(group->value)) {
		s->undefined++;
	} else {
		ARRAY_GROW(s->v, s->n, s->cap);
		s->v[s->n++] = *group;
	}
}

static int add_groups(const struct gate *g, const struct gate_by *by, const char *metric,
		      const json_t *groups, int64_t min, struct judging_slices *out)
{
	const json_t *group;
	size_t i;

	json_array_foreach(groups, i, group) {
		const json_t *metrics = json_object_get(group, "metrics");
		struct judging_group add = { .by = by, .group = group };

		/* a slice without a labelled row has no metrics at all */
		if (!figure_find(metrics, metric, &add.value) && json_object_size(metrics))
			return figure_hint(
				error_set(ERR_INPUT,
					  "cannot judge gate '%s': slices have no metric '%s'",
					  g->text, metric),
				metrics, metric);
		add_group(out, &add, min);
	}
	return 0;
}

int judging_slices(const struct gate *g, const struct gate_side *s, const struct gate_facts *facts,
		   const json_t *document, struct judging_slices *out)
{
	const char *metric = NULL;
	int rc = slice_metric(g, s->metric, facts, &metric);

	for (size_t i = 0; i < s->slice.n && !rc; i++) {
		const json_t *groups = NULL;

		rc = find_groups(g, &s->slice.by[i], document, &groups);
		if (!rc)
			rc = add_groups(g, &s->slice.by[i], metric, groups, s->slice.min, out);
	}
	return rc;
}

void judging_slices_clear(struct judging_slices *s)
{
	free(s->v);
	free(s->small);
	*s = (struct judging_slices){ 0 };
}

static void add_values(const struct judging_group *group, struct buf *out)
{
	const json_t *values = json_object_get(group->group, "values");

	for (size_t i = 0; i < 2 && group->by->column[i]; i++) {
		const char *value = json_string_value(json_array_get(values, i));

		buf_addf(out, "%s%s=%s", i ? ", " : "", group->by->column[i], value ? value : "?");
	}
}

static void add_rows(const struct judging_group *group, struct buf *out)
{
	long long rows = (long long)json_int(group->group, "rows", 0);

	buf_addf(out, " (%lld row%s)", rows, rows == 1 ? "" : "s");
}

void judging_name(const struct judging_group *group, struct buf *out)
{
	add_values(group, out);
	add_rows(group, out);
}

void judging_small(const struct judging_slices *s, int64_t min, struct buf *out)
{
	if (!s->n_small)
		return;
	buf_addf(out, "; not judged, under %lld rows:", (long long)min);
	for (size_t i = 0; i < s->n_small && i < MAX_SMALL; i++) {
		buf_addstr(out, i ? ", " : " ");
		add_values(&s->small[i], out);
		if (!isnan(s->small[i].value))
			buf_addf(out, " %.6g", s->small[i].value);
		add_rows(&s->small[i], out);
	}
	if (s->n_small > MAX_SMALL)
		buf_addf(out, ", and %zu more", s->n_small - MAX_SMALL);
}

void judging_slicing(const struct gate_slice *s, struct buf *out)
{
	buf_addstr(out, "slice(");
	for (size_t i = 0; i < s->n; i++) {
		if (i)
			buf_addstr(out, ", ");
		add_by(&s->by[i], out);
	}
	buf_addch(out, ')');
}

void judging_count(size_t n, struct buf *out)
{
	buf_addf(out, "%zu slice%s", n, n == 1 ? "" : "s");
}
