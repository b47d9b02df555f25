/* verdict.c - judging a gate on recorded figures. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/measure/gate.h"

/* The member at "test.rmse", whether it lies in objects or under one key with dots. */
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

/* Names that are near, and all of them: a figure of another task is near to nothing. */
static void hint_metrics(const struct strlist *paths, const char *metric, int code)
{
	const char *near = strlist_nearest((const char *const *)paths->v, paths->n, metric);
	struct buf hint = BUF_INIT;

	if (near)
		buf_addf(&hint, "did you mean '%s'? ", near);
	buf_addstr(&hint, "measured are");
	for (size_t i = 0; i < paths->n && i < 20; i++)
		buf_addf(&hint, "%s %s", i ? "," : "", paths->v[i]);
	if (paths->n)
		error_hint(code, "%s%s", hint.data, paths->n > 20 ? ", ..." : "");
	buf_clear(&hint);
}

static int unknown_metric(const struct gate *g, const char *metric, const json_t *metrics)
{
	struct strlist paths = STRLIST_INIT;
	int rc = error_set(ERR_INPUT, "cannot judge gate '%s': there is no metric '%s'", g->text,
			   metric);

	collect(metrics, "", &paths);
	strlist_sort(&paths);
	hint_metrics(&paths, metric, rc);
	strlist_clear(&paths);
	return rc;
}

static int side_value(const struct gate *g, const struct gate_side *s, const json_t *metrics,
		      double *out)
{
	const json_t *v;

	*out = s->factor;
	if (!s->metric)
		return 0;
	v = lookup(metrics, s->metric);
	if (!v || !(json_is_number(v) || json_is_null(v)))
		return unknown_metric(g, s->metric, metrics);
	*out = json_is_null(v) ? NAN : s->factor * json_number_value(v);
	return 0;
}

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

/* "test.rmse", "1.01 * test.rmse"; a number needs no name. */
static char *side_name(const struct gate_side *s)
{
	if (s->factor == 1)
		return xstrdup(s->metric);
	return xasprintf("%g * %s", s->factor, s->metric);
}

static char *describe(const struct gate *g, const struct verdict *v)
{
	/* a number on the left reads better the other way round: 25 > test.rmse */
	static const enum gate_op mirror[] = { GATE_GT, GATE_GE, GATE_LT, GATE_LE, GATE_EQ };
	bool turned = !g->left.metric;
	const struct gate_side *is = turned ? &g->right : &g->left,
			       *want = turned ? &g->left : &g->right;
	double is_value = turned ? v->right : v->left, want_value = turned ? v->left : v->right;
	const char *op = gate_op_text(turned ? mirror[g->op] : g->op);
	char *name = side_name(is), *other = want->metric ? side_name(want) : NULL, *text;

	if (isnan(is_value))
		text = xasprintf("%s is not defined on these rows, want %s %g", name, op,
				 want_value);
	else if (other && isnan(want_value))
		text = xasprintf("%s is %.6g, but %s is not defined on these rows", name, is_value,
				 other);
	else if (other)
		text = xasprintf("%s is %.6g, want %s %.6g (%s)", name, is_value, op, want_value,
				 other);
	else
		text = xasprintf("%s is %.6g, want %s %.6g", name, is_value, op, want_value);
	free(name);
	free(other);
	return text;
}

static int refuse(const struct gate *g)
{
	static const char *const why[] = {
		[GATE_PRODUCTION] = "it needs a version in production, which this "
				    "mich cannot have yet",
		[GATE_SLICE] = "it needs slices, which this mich does not measure yet",
		[GATE_NO_REGRESS] = "it needs slices and a version in production, "
				    "which this mich does not have yet",
	};

	return error_set(ERR_INPUT, "cannot judge gate '%s': %s", g->text, why[g->kind]);
}

int gate_judge(const struct gate *g, const json_t *metrics, struct verdict *out)
{
	int rc;

	*out = (struct verdict){ 0 };
	if (g->kind != GATE_PLAIN)
		return refuse(g);
	if ((rc = side_value(g, &g->left, metrics, &out->left)) ||
	    (rc = side_value(g, &g->right, metrics, &out->right)))
		return rc;
	out->holds = compare(g->op, out->left, out->right);
	out->text = describe(g, out);
	return 0;
}

void verdict_clear(struct verdict *v)
{
	free(v->text);
	*v = (struct verdict){ 0 };
}
