/* worst.c - the slices of an evaluation where the model does worst. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/measure/evaluation/evaluation.h"
#include "lib/measure/slice/slicer.h"

struct found {
	const json_t *by, *group;
	double value;
	size_t place; /* equal ones stay in the document's order */
};

struct search {
	const char *metric;
	int64_t min_rows;
	bool higher;
	struct found *v;
	size_t n, cap;
	bool metric_seen, by_seen;
};

/* The worst first. Only one search sorts at a time in a thread. */
static _Thread_local bool higher_is_better;

static int by_badness(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->value != y->value)
		return (x->value < y->value) == higher_is_better ? -1 : 1;
	return x->place < y->place ? -1 : 1;
}

static bool is_division(const json_t *by, const char *text)
{
	struct buf have = BUF_INIT;
	json_t *name;
	size_t i;
	bool same;

	json_array_foreach((json_t *)by, i, name)
		buf_addf(&have, "%s%s", i ? " * " : "", json_string_value(name));
	same = slicer_same(text, have.data);
	buf_clear(&have);
	return same;
}

static void look(const json_t *entry, struct search *s)
{
	json_t *group;
	size_t i;

	json_array_foreach(json_object_get(entry, "groups"), i, group) {
		const json_t *v = json_object_get(json_object_get(group, "metrics"), s->metric);

		s->metric_seen = s->metric_seen || v;
		if (!json_is_number(v) || json_int(group, "rows", 0) < s->min_rows)
			continue;
		ARRAY_GROW(s->v, s->n, s->cap);
		s->v[s->n] = (struct found){ json_object_get(entry, "by"), group,
					     json_number_value(v), s->n };
		s->n++;
	}
}

static json_t *found_json(const struct search *s, const struct found *f, const json_t *overall)
{
	json_t *o = json_pack(
		"{s:O,s:O,s:O,s:s,s:f}", "by", f->by, "values", json_object_get(f->group, "values"),
		"rows", json_object_get(f->group, "rows"), "metric", s->metric, "value", f->value);
	json_t *interval = json_object_get(json_object_get(f->group, "intervals"), s->metric);

	if (interval)
		json_object_set(o, "interval", interval);
	if (json_is_number(overall))
		json_object_set(o, "overall", (json_t *)overall);
	return o;
}

static const char *metric_of(const json_t *document)
{
	enum measure_task task;

	if (measure_task_parse(json_str(document, "task", ""), &task) == 0)
		return measure_main(task);
	error_clear();
	return "recall"; /* of detections */
}

static int no_figure(const json_t *document, const char *metric)
{
	const json_t *value;
	const char *name;
	struct buf b = BUF_INIT;
	int rc = error_set(ERR_INPUT, "its slices have no figure '%s'", metric);

	json_object_foreach(json_object_get(document, "metrics"), name, value)
		if (json_is_number(value))
			buf_addf(&b, "%s%s", b.len ? ", " : "", name);
	if (b.len)
		error_hint(rc, "there is: %s", b.data);
	buf_clear(&b);
	return rc;
}

int evaluation_worst(const json_t *document, const struct worst_ask *ask, json_t **out)
{
	struct search s = { .metric = ask->metric ? ask->metric : metric_of(document),
			    .min_rows = ask->min_rows };
	const json_t *overall, *entry;
	size_t i;
	int rc = 0;

	*out = NULL;
	overall = json_object_get(json_object_get(document, "metrics"), s.metric);
	json_array_foreach(json_object_get(document, "slices"), i, entry) {
		if (ask->by && !is_division(json_object_get(entry, "by"), ask->by))
			continue;
		s.by_seen = true;
		look(entry, &s);
	}
	if (!s.by_seen)
		rc = ask->by ? error_set(ERR_INPUT, "it was not measured by '%s'", ask->by)
			     : error_set(ERR_INPUT, "it was not measured by any column");
	else if (!s.metric_seen)
		rc = no_figure(document, s.metric);
	if (!rc) {
		*out = json_array();
		higher_is_better = measure_higher_is_better(s.metric);
		if (s.n)
			qsort(s.v, s.n, sizeof *s.v, by_badness);
	}
	for (i = 0; !rc && i < s.n && i < ask->n; i++)
		json_array_append_new(*out, found_json(&s, &s.v[i], overall));
	free(s.v);
	return rc;
}
