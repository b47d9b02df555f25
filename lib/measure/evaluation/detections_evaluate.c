/* detections_evaluate.c - counts of a user's matching as an evaluation: totals, slices, intervals. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/measure/chance/replicate.h"
#include "lib/measure/evaluation/detections.h"
#include "lib/measure/evaluation/detections_column.h"
#include "lib/measure/evaluation/evaluation.h"
#include "lib/measure/slice/slicer.h"

static double share(double part, double whole)
{
	return whole > 0 ? part / whole : NAN;
}

static void values(const struct replicate *r, const uint16_t *count, double *scratch, double *out)
{
	double s[REPLICATE_WIDTH];

	(void)scratch;
	replicate_sum(r, count, s);
	out[0] = share(s[0], s[0] + s[1]);
	out[1] = share(s[0], s[0] + s[2]);
	out[2] = share(2 * s[0], 2 * s[0] + s[1] + s[2]);
}

/* Lines as units of the bootstrap, one an item. */
struct pool {
	const struct detections *d;
	const struct bootstrap_opts *o;
	uint32_t *unit; /* (items) of an item in this turn */
	size_t *turn;	/* (items) */
	size_t turns;
	struct replicate r;
};

static int pool_open(const struct detections *d, const struct bootstrap_opts *o, struct pool *p)
{
	static const char *const names[] = { "precision", "recall", "f1" };
	int rc;

	*p = (struct pool){ .d = d, .o = o };
	p->r.names = names;
	p->r.n_names = ARRAY_LEN(names);
	p->r.values = values;
	rc = mem_alloc(d->items, sizeof *p->unit, &p->unit);
	if (!rc)
		rc = mem_alloc(d->items, sizeof *p->turn, &p->turn);
	if (!rc)
		rc = mem_alloc(d->items, REPLICATE_WIDTH * sizeof *p->r.stat, &p->r.stat);
	return rc;
}

static void pool_close(struct pool *p)
{
	free(p->unit);
	free(p->turn);
	replicate_clear(&p->r);
}

/* Fill the units with some lines; row NULL: with all n. */
static void pool_fill(struct pool *p, const uint32_t *row, size_t n)
{
	p->turns++;
	p->r.n = 0;
	for (size_t i = 0; i < n; i++) {
		const struct detection *v = &p->d->v[row ? row[i] : i];
		double *s;

		if (p->turn[v->item] != p->turns) {
			p->turn[v->item] = p->turns;
			p->unit[v->item] = (uint32_t)p->r.n;
			memset(p->r.stat + p->r.n++ * REPLICATE_WIDTH, 0,
			       REPLICATE_WIDTH * sizeof *p->r.stat);
		}
		s = p->r.stat + p->unit[v->item] * REPLICATE_WIDTH;
		s[0] += (double)v->hits;
		s[1] += (double)v->false_alarms;
		s[2] += (double)v->misses;
	}
}

/* Counts of units, exact: sums of whole numbers below 2^53. */
static json_t *totals(const struct pool *p)
{
	double h = 0, f = 0, m = 0;

	for (size_t i = 0; i < p->r.n; i++) {
		h += p->r.stat[i * REPLICATE_WIDTH];
		f += p->r.stat[i * REPLICATE_WIDTH + 1];
		m += p->r.stat[i * REPLICATE_WIDTH + 2];
	}
	return json_pack("{s:o,s:o,s:o,s:I,s:I,s:I,s:I}", "precision", json_number(share(h, h + f)),
			 "recall", json_number(share(h, h + m)), "f1",
			 json_number(share(2 * h, 2 * h + f + m)), "hits", (json_int_t)h,
			 "false_alarms", (json_int_t)f, "misses", (json_int_t)m, "items",
			 (json_int_t)p->r.n);
}

/* {"rows", "metrics", "intervals"} of some lines. */
static int measure(struct pool *p, const uint32_t *row, size_t n, json_t **out)
{
	json_t *metrics, *intervals = NULL;
	int rc = 0;

	pool_fill(p, row, n);
	metrics = totals(p);
	*out = json_pack("{s:O,s:O}", "rows", json_object_get(metrics, "items"), "metrics",
			 metrics);
	if (p->o->samples > 0)
		rc = replicate_intervals(&p->r, metrics, p->o, &intervals);
	if (!rc && intervals)
		json_object_set(*out, "intervals", intervals);
	json_decref(intervals);
	json_decref(metrics);
	return rc;
}

static int add_groups(struct pool *p, const struct slices *s, json_t *groups)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < s->n; i++) {
		json_t *group = NULL;

		rc = measure(p, s->v[i].row, s->v[i].rows, &group);
		if (rc) {
			json_decref(group);
			break;
		}
		json_object_set_new(group, "values", slice_values(s, &s->v[i]));
		json_array_append_new(groups, group);
	}
	return rc;
}

/* One member of "slices". */
static int add_division(struct pool *p, const char *by, int bins, json_t *out)
{
	struct slice_column a = { 0 }, b = { 0 };
	struct slices s = SLICES_INIT;
	json_t *groups = json_array(), *binned = json_array();
	char *a_name = NULL, *b_name = NULL;
	int rc = slicer_by(by, NULL, 0, &a_name, &b_name);

	if (!rc)
		rc = detections_column(p->d, a_name, bins, &a);
	if (!rc && b_name)
		rc = detections_column(p->d, b_name, bins, &b);
	if (!rc)
		rc = slices_make(&a, b_name ? &b : NULL, &s);
	if (!rc)
		rc = add_groups(p, &s, groups);
	json_array_append_new(binned, json_boolean(a.binned));
	if (b_name)
		json_array_append_new(binned, json_boolean(b.binned));
	if (!rc)
		json_array_append_new(out, json_pack("{s:o,s:O,s:O}", "by", slices_by(&s), "binned",
						     binned, "groups", groups));
	json_decref(groups);
	json_decref(binned);
	slices_clear(&s);
	slice_column_clear(&a);
	slice_column_clear(&b);
	free(a_name);
	free(b_name);
	return rc;
}

static bool have_class(const struct detections *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (json_object_get(d->v[i].row, "class"))
			return true;
	return false;
}

/* By class first, when there are any, then as asked. */
static int add_slices(struct pool *p, const struct detections_ask *ask, json_t *doc)
{
	json_t *slices = json_array();
	int rc = 0;

	if (have_class(p->d) && !(ask->by && strlist_has(ask->by, "class")))
		rc = add_division(p, "class", ask->bins, slices);
	for (size_t i = 0; !rc && ask->by && i < ask->by->n; i++)
		rc = add_division(p, ask->by->v[i], ask->bins, slices);
	if (!rc && json_array_size(slices))
		json_object_set(doc, "slices", slices);
	json_decref(slices);
	return rc;
}

static int fill(struct pool *p, const struct detections_ask *ask, json_t *doc)
{
	const struct bootstrap_opts *o = &ask->bootstrap;
	json_t *all = NULL;
	int rc = measure(p, NULL, p->d->n, &all);

	if (!rc) {
		json_object_update(doc, all);
		rc = add_slices(p, ask, doc);
	}
	if (!rc && o->samples > 0)
		json_object_set_new(
			doc, "bootstrap",
			json_pack("{s:i,s:I,s:f,s:I}", "samples", o->samples, "seed",
				  (json_int_t)o->seed, "level", BOOTSTRAP_LEVEL, "rows",
				  (json_int_t)bootstrap_rows(MEASURE_RANKING, 1, p->d->items)));
	json_decref(all);
	return rc;
}

int detections_evaluate(const struct detections *d, const struct detections_ask *ask, json_t **out)
{
	struct pool p;
	int rc = pool_open(d, &ask->bootstrap, &p);

	*out = json_pack("{s:s,s:s,s:s,s:{s:O}}", "format", EVALUATION_FORMAT, "task", "detection",
			 "split", ask->split, "detections", "matching", d->matching);
	if (!rc)
		rc = fill(&p, ask, *out);
	pool_close(&p);
	if (rc) {
		json_decref(*out);
		*out = NULL;
	}
	return rc;
}
