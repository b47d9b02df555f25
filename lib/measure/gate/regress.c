/* regress.c - "no-regress": every slice against the same slice of what is in production. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/measure/gate/judging.h"
#include "lib/measure/metric/metrics.h"

/* The figure that a task is judged by, told from the metrics that it has. */
static const char *main_metric(const json_t *document)
{
	static const char *const telling[][2] = {
		{ "rmse", "rmse" }, { "ndcg", "ndcg" }, { "brier", "auc" }, { "logloss", "logloss" }
	};
	const json_t *entry, *group;
	size_t i, j;

	json_array_foreach(document, i, entry)
		json_array_foreach(json_object_get(entry, "groups"), j, group)
			for (size_t k = 0; k < ARRAY_LEN(telling); k++)
				if (json_object_get(json_object_get(group, "metrics"),
						    telling[k][0]))
					return telling[k][1];
	return NULL;
}

static const struct judging_group *same_group(const struct judging_slices *s,
					      const struct judging_group *as)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].by == as->by && json_equal(json_object_get(s->v[i].group, "values"),
						       json_object_get(as->group, "values")))
			return &s->v[i];
	return NULL;
}

struct regress {
	const char *metric;
	double tolerance;
	bool higher, size; /* more is better; only the size matters, as of bias */
	struct judging_slices own, production;
	size_t compared, worse, fresh; /* fresh: no figure of it in production */
	const struct judging_group *worst, *was;
	double by; /* how much worse the worst is */
};

static void compare_group(struct regress *r, const struct judging_group *own)
{
	const struct judging_group *was = same_group(&r->production, own);
	double by;

	if (!was) {
		r->fresh++;
		return;
	}
	r->compared++;
	by = r->higher ? was->value - own->value
	     : r->size ? fabs(own->value) - fabs(was->value)
		       : own->value - was->value;
	if (!(by > r->tolerance * fabs(was->value)))
		return;
	r->worse++;
	if (r->worst && by <= r->by)
		return;
	r->by = by;
	r->worst = own;
	r->was = was;
}

static void describe_worse(const struct regress *r, struct buf *out)
{
	buf_addf(out, "%s on ", r->metric);
	judging_name(r->worst, out);
	buf_addf(out, " is %.6g, production has %.6g: %.4g worse", r->worst->value, r->was->value,
		 r->by);
	if (r->was->value != 0)
		buf_addf(out, " (%.3g %%)", 100 * r->by / fabs(r->was->value));
	if (r->tolerance > 0)
		buf_addf(out, ", tolerated are %g %%", 100 * r->tolerance);
	if (r->worse > 1) {
		buf_addf(out, "; %zu of ", r->worse);
		judging_count(r->compared, out);
		buf_addstr(out, " are worse");
	}
}

static void describe_rest(const struct regress *r, int64_t min, struct buf *out)
{
	judging_small(&r->own, min, out);
	if (r->fresh) {
		buf_addstr(out, "; production has no figure of ");
		judging_count(r->fresh, out);
	}
}

static void conclude(const struct gate *g, struct regress *r, struct verdict *out)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < r->own.n; i++)
		compare_group(r, &r->own.v[i]);
	out->state = r->worse	    ? VERDICT_FAILS
		     : !r->compared ? VERDICT_NOT_APPLICABLE
				    : VERDICT_HOLDS;
	if (r->worse) {
		out->left = r->worst->value;
		out->right = r->was->value;
		describe_worse(r, &b);
	} else if (r->compared) {
		buf_addf(&b, "%s is no worse than in production on ", r->metric);
		if (r->compared > 1)
			buf_addstr(&b, "each of ");
		judging_count(r->compared, &b);
		if (r->tolerance > 0)
			buf_addf(&b, " (tolerated are %g %%)", 100 * r->tolerance);
	} else {
		judging_slicing(&g->left.slice, &b);
		buf_addf(&b, " has no slice of %lld rows or more with a figure in production",
			 (long long)g->left.slice.min);
	}
	describe_rest(r, g->left.slice.min, &b);
	out->text = buf_take(&b);
}

static int compare_slices(const struct gate *g, const struct gate_side *s,
			  const struct gate_facts *facts, struct verdict *out)
{
	const char *dot = strchr(s->metric, '.');
	struct regress r = { .metric = dot ? dot + 1 : s->metric,
			     .tolerance = s->slice.tolerance,
			     .higher = measure_higher_is_better(s->metric) };
	int rc = judging_slices(g, s, facts, facts->slices, &r.own);

	r.size = !strcmp(r.metric, "bias");
	if (!rc && !facts->production) {
		out->state = VERDICT_NOT_APPLICABLE;
		out->text = xstrdup("nothing is in production yet");
	} else if (!rc) {
		rc = judging_slices(g, s, facts, facts->production_slices, &r.production);
		if (!rc)
			conclude(g, &r, out);
	}
	judging_slices_clear(&r.own);
	judging_slices_clear(&r.production);
	return rc;
}

int judging_regress(const struct gate *g, const struct gate_facts *facts, struct verdict *out)
{
	struct gate_side side = g->left;
	const char *metric = side.metric ? side.metric : main_metric(facts->slices);
	int rc;

	/* without a slice that has metrics any will do: there is nothing to compare */
	side.metric = xstrdup(metric ? metric : "rmse");
	rc = compare_slices(g, &side, facts, out);
	free(side.metric);
	return rc;
}
