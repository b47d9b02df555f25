/* verdict.c - judging a gate on recorded figures. */
#include "lib/measure/gate/verdict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/measure/gate/figure.h"
#include "lib/measure/gate/judging.h"

enum reading_state {
	READ,
	NO_PRODUCTION, /* nothing is in production */
	NO_BENCH,      /* nobody has measured it */
	NO_SLICE,      /* none has enough rows */
};

/* What one side of a gate comes to. */
struct reading {
	enum reading_state state;
	double value;
	struct judging_slices slices;
	size_t at; /* the worst of slices.v */
};

static bool compare(enum gate_op op, double a, double b)
{
	switch (op) {
	case GATE_LT:
		return a < b;
	case GATE_LE:
		return a <= b;
	case GATE_GT:
		return a > b;
	case GATE_GE:
		return a >= b;
	default:
		return a == b;
	}
}

static int read_figure(const struct gate *g, const struct gate_side *s, const json_t *figures,
		       struct reading *out)
{
	bool bench = !strncmp(s->metric, "bench.", 6);

	if (figure_find(figures, s->metric, &out->value)) {
		out->value *= s->factor;
		return 0;
	}
	out->value = NAN;
	if (bench && !json_object_get(figures, "bench")) {
		out->state = NO_BENCH;
		return 0;
	}
	return figure_hint(error_set(ERR_INPUT, "cannot judge gate '%s': there is no metric '%s%s'",
				     g->text, s->production ? "production." : "", s->metric),
			   figures, s->metric);
}

/* The worst slice is the one farthest on the side that the gate does not want. */
static int read_worst(const struct gate *g, const struct gate_side *s,
		      const struct gate_facts *facts, bool largest, struct reading *out)
{
	struct judging_slices *all = &out->slices;
	int rc = judging_slices(g, s, facts,
				s->production ? facts->production_slices : facts->slices, all);

	out->value = NAN;
	if (rc)
		return rc;
	if (!all->n) {
		out->state = NO_SLICE;
		return 0;
	}
	for (size_t i = 1; i < all->n; i++)
		if (largest ? all->v[i].value > all->v[out->at].value
			    : all->v[i].value < all->v[out->at].value)
			out->at = i;
	out->value = s->factor * all->v[out->at].value;
	return 0;
}

static int read_side(const struct gate *g, const struct gate_side *s,
		     const struct gate_facts *facts, bool largest, struct reading *out)
{
	out->value = s->factor;
	if (!s->metric)
		return 0;
	if (s->production && !facts->production) {
		out->state = NO_PRODUCTION;
		out->value = NAN;
		return 0;
	}
	if (s->slice.n)
		return read_worst(g, s, facts, largest, out);
	return read_figure(g, s, s->production ? facts->production : facts->metrics, out);
}

/* "test.rmse", "1.01 * production.test.rmse"; a number needs no name. */
static void add_name(const struct gate_side *s, struct buf *out)
{
	if (s->factor != 1)
		buf_addf(out, "%g * ", s->factor);
	if (s->production)
		buf_addstr(out, "production.");
	if (s->slice.n) {
		buf_addstr(out, "worst ");
		judging_slicing(&s->slice, out);
		buf_addch(out, '.');
	}
	buf_addstr(out, s->metric);
}

static void add_place(const struct reading *r, struct buf *out)
{
	if (!r->slices.n)
		return;
	buf_addstr(out, " on ");
	judging_name(&r->slices.v[r->at], out);
}

/* ": 2.5 too much (10 %)" */
static void add_miss(double is, double want, enum gate_op op, struct buf *out)
{
	double by = fabs(is - want);

	if (by == 0 || isnan(by))
		return;
	buf_addf(out, ": %.4g %s", by,
		 op == GATE_EQ	 ? "off"
		 : op <= GATE_LE ? "too much"
				 : "too little");
	if (want != 0)
		buf_addf(out, " (%.3g %%)", 100 * by / fabs(want));
}

/* A gate as it is told: the figure first. A number on the left reads better turned: 25 > test.rmse. */
struct told {
	const struct gate_side *is, *want;
	const struct reading *got, *wanted;
	enum gate_op op;
};

static void tell(const struct gate *g, const struct reading *l, const struct reading *r,
		 struct told *out)
{
	static const enum gate_op mirror[] = { GATE_GT, GATE_GE, GATE_LT, GATE_LE, GATE_EQ };
	bool turned =
		!g->left.metric || (g->left.production && g->right.metric && !g->right.production);

	*out = turned ? (struct told){ &g->right, &g->left, r, l, mirror[g->op] }
		      : (struct told){ &g->left, &g->right, l, r, g->op };
}

/* How many slices fail, where one number is wanted of all. */
static void add_failing(const struct told *t, struct buf *out)
{
	const struct judging_slices *s = &t->got->slices;
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += !compare(t->op, t->is->factor * s->v[i].value, t->wanted->value);
	if (n > 1)
		buf_addf(out, "; %zu of %zu slices fail", n, s->n);
}

static char *describe(const struct told *t, bool holds)
{
	double is = t->got->value, want = t->wanted->value;
	struct buf b = BUF_INIT;

	add_name(t->is, &b);
	if (isnan(is)) {
		buf_addf(&b, " is not defined on these rows, want %s ", gate_op_text(t->op));
		if (t->want->metric)
			add_name(t->want, &b);
		else
			buf_addf(&b, "%g", want);
		return buf_take(&b);
	}
	buf_addf(&b, " is %.6g", is);
	add_place(t->got, &b);
	if (isnan(want)) {
		buf_addstr(&b, ", but ");
		add_name(t->want, &b);
		buf_addstr(&b, " is not defined on these rows");
		return buf_take(&b);
	}
	buf_addf(&b, ", want %s %.6g", gate_op_text(t->op), want);
	if (t->want->metric) {
		buf_addstr(&b, " (");
		add_name(t->want, &b);
		add_place(t->wanted, &b);
		buf_addch(&b, ')');
	}
	if (!holds) {
		add_miss(is, want, t->op, &b);
		add_failing(t, &b);
	}
	if (t->is->slice.n)
		judging_small(&t->got->slices, t->is->slice.min, &b);
	return buf_take(&b);
}

/* Why a side has no value at all. */
static char *explain(const struct told *t, const struct gate_facts *facts)
{
	bool first = t->got->state == NO_BENCH || (t->got->state && t->wanted->state != NO_BENCH);
	const struct gate_side *side = first ? t->is : t->want;
	const struct reading *r = first ? t->got : t->wanted;
	struct buf b = BUF_INIT;

	if (r->state == NO_PRODUCTION) {
		buf_addstr(&b, "nothing is in production yet");
	} else if (r->state == NO_SLICE) {
		judging_slicing(&side->slice, &b);
		buf_addf(&b, " has no slice of %lld rows or more%s", (long long)side->slice.min,
			 r->slices.undefined ? " where the metric is defined" : "");
		judging_small(&r->slices, side->slice.min, &b);
	} else {
		add_name(side, &b);
		buf_addf(
			&b, " is not known: %s",
			facts->bench_reason ? facts->bench_reason
			: side->production
				? "no bench of what is in production; mich bench MODEL --input DATASET"
				: "no bench of this model; mich bench MODEL --input DATASET");
	}
	return buf_take(&b);
}

/* A bench that nobody made fails; what cannot apply does not. */
static enum verdict_state state_of(const struct reading *l, const struct reading *r, bool holds)
{
	if (l->state == NO_BENCH || r->state == NO_BENCH)
		return VERDICT_FAILS;
	if (l->state != READ || r->state != READ)
		return VERDICT_NOT_APPLICABLE;
	return holds ? VERDICT_HOLDS : VERDICT_FAILS;
}

/* Is the larger figure the worse one? By what the gate wants of its first side with slices. */
static bool wants_less(const struct gate *g)
{
	bool right = !g->left.slice.n;

	return right ? g->op == GATE_GT || g->op == GATE_GE : g->op != GATE_GT && g->op != GATE_GE;
}

static int judge_sides(const struct gate *g, const struct gate_facts *facts, struct verdict *out)
{
	struct reading l = { .state = READ }, r = { .state = READ };
	bool largest = wants_less(g);
	int rc = read_side(g, &g->left, facts, largest, &l);

	if (!rc)
		rc = read_side(g, &g->right, facts, largest, &r);
	if (!rc) {
		struct told t;

		tell(g, &l, &r, &t);
		out->left = l.value;
		out->right = r.value;
		out->state = state_of(&l, &r, compare(g->op, l.value, r.value));
		out->text = l.state || r.state ? explain(&t, facts)
					       : describe(&t, out->state == VERDICT_HOLDS);
	}
	judging_slices_clear(&l.slices);
	judging_slices_clear(&r.slices);
	return rc;
}

int gate_judge(const struct gate *g, const struct gate_facts *facts, struct verdict *out)
{
	int rc;

	*out = (struct verdict){ .left = NAN, .right = NAN };
	rc = g->kind == GATE_NO_REGRESS ? judging_regress(g, facts, out)
					: judge_sides(g, facts, out);
	out->holds = !rc && out->state != VERDICT_FAILS;
	return rc;
}

void verdict_clear(struct verdict *v)
{
	free(v->text);
	*v = (struct verdict){ 0 };
}

const char *verdict_state_text(enum verdict_state state)
{
	static const char *const texts[] = { "holds", "fails", "not applicable" };

	return texts[state];
}
