/* gate.c - tests of lib/measure/gate: the grammar, and judging. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/measure/gate/verdict.h"

static int parse(const char *text, struct gate *g)
{
	return gate_parse(text, strlen(text), g);
}

static void test_kinds(void **state)
{
	static const struct {
		const char *text;
		enum gate_kind kind;
	} cases[] = {
		{ "test.rmse < 25", GATE_PLAIN },
		{ "  25>test.rmse\t", GATE_PLAIN },
		{ "test.ndcg@10 >= 0.7", GATE_PLAIN },
		{ "test.bias == -1e-3", GATE_PLAIN },
		{ "test.rmse <= 1.2*train.rmse", GATE_PLAIN },
		{ "test.rmse <= 1.01 * production.test.rmse", GATE_PRODUCTION },
		{ "production.test.auc < test.auc", GATE_PRODUCTION },
		{ "worst slice(carrier).rmse < 60", GATE_SLICE },
		{ "worst slice( carrier , \"tail number\" ).test.rmse < 60", GATE_SLICE },
		{ "worst slice(a, min = 5).rmse < 1.1 * production.worst slice(a).rmse",
		  GATE_SLICE },
		{ "bench.p99_us <= 1.2 * production.bench.p99_us", GATE_PRODUCTION },
		{ "no-regress slice(origin)", GATE_NO_REGRESS },
		{ "no-regress slice(a*b, \"c * d\" ; min=50, tolerance = 2%).mae",
		  GATE_NO_REGRESS },
		{ "worst slice(min, tolerance).rmse < 60", GATE_SLICE },
		{ "worst.rmse < 3", GATE_PLAIN },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct gate g;

		assert_int_equal(parse(cases[i].text, &g), 0);
		assert_int_equal(g.kind, cases[i].kind);
		gate_clear(&g);
	}
}

static void test_parts(void **state)
{
	struct gate g;

	(void)state;
	assert_int_equal(parse("worst slice(a, \"b c\"*d).rmse <= 1.5 * production.test.mae", &g),
			 0);
	assert_int_equal(g.left.slice.n, 2);
	assert_int_equal(g.left.slice.min, 30);
	assert_string_equal(gate_by(&g, 0)->column[0], "a");
	assert_null(gate_by(&g, 0)->column[1]);
	assert_string_equal(gate_by(&g, 1)->column[0], "b c");
	assert_string_equal(gate_by(&g, 1)->column[1], "d");
	assert_null(gate_by(&g, 2));
	assert_int_equal(gate_needs(&g), GATE_NEEDS_PRODUCTION | GATE_NEEDS_SLICES);
	assert_string_equal(g.left.metric, "rmse");
	assert_int_equal(g.op, GATE_LE);
	assert_true(g.right.production);
	assert_string_equal(g.right.metric, "test.mae");
	assert_true(g.right.factor == 1.5);
	gate_clear(&g);
	assert_int_equal(parse("worst slice(größe * \"say \"\"a\"\"\").rmse < 1", &g), 0);
	assert_string_equal(gate_by(&g, 0)->column[0], "größe");
	assert_string_equal(gate_by(&g, 0)->column[1], "say \"a\"");
	gate_clear(&g);
	assert_int_equal(parse("no-regress slice(a; min = 50; tolerance = 2.5%)", &g), 0);
	assert_int_equal(g.left.slice.n, 1);
	assert_int_equal(g.left.slice.min, 50);
	assert_true(g.left.slice.tolerance == 0.025);
	assert_null(g.left.metric);
	gate_clear(&g);
	assert_int_equal(parse("2 * bench.p99_us < 50", &g), 0);
	assert_int_equal(gate_needs(&g), GATE_NEEDS_BENCH);
	gate_clear(&g);
}

static void test_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"<",
		"test.rmse",
		"test.rmse <",
		"test.rmse << 25",
		"test.rmse < 25 now",
		"test.rmse = 25",
		"test.rmse != 25",
		"1 < 2",
		"test..rmse < 1",
		".rmse < 1",
		"test.rmse < nan",
		"test.rmse < 0x10",
		"test.rmse < 1e999",
		"test.rmse < 1.2.3",
		"test.rmse < 2 *",
		"worst rmse < 1",
		"worst slice().rmse < 1",
		"worst slice(a) < 1",
		"worst slice(a,).rmse < 1",
		"worst slice(\"a).rmse < 1",
		"worst slice(\"a\"\").rmse < 1",
		"worst slice(\"\").rmse < 1",
		"worst slice(it's).rmse < 1",
		"no-regress",
		"no-regress slice(a) < 1",
		"test.rmse < 25ms",
		"a.x < b.x < c.x",
		"rmse < 25",
		"worst slice(a * b * c).rmse < 1",
		"worst slice(a, min = 0).rmse < 1",
		"worst slice(a, min = 1.5).rmse < 1",
		"worst slice(a, min = many).rmse < 1",
		"worst slice(a, tolerance = 1).rmse < 1",
		"worst slice(min = 3).rmse < 1",
		"worst slice(a, colour = 3).rmse < 1",
		"no-regress slice(a, tolerance = -1)",
		"no-regress slice(a).",
		"production.rmse < 1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct gate g;

		assert_int_equal(parse(texts[i], &g), ERR_INPUT);
		assert_null(g.text);
	}
	assert_int_equal(parse("test.rmse << 25", &(struct gate){ 0 }), ERR_INPUT);
	assert_string_equal(
		error_text(),
		"cannot read gate 'test.rmse << 25': a metric such as test.rmse is wanted at '< 25'");
}

static void judge(const char *text, bool holds, const char *why)
{
	json_t *metrics = json_pack("{s:{s:f,s:i,s:n},s:f}", "test", "rmse", 24.81, "rows", 100,
				    "auc", "validation.rmse", 26.0);
	struct gate_facts facts = { .metrics = metrics };
	struct verdict v;
	struct gate g;

	assert_int_equal(parse(text, &g), 0);
	assert_int_equal(gate_judge(&g, &facts, &v), 0);
	assert_int_equal(v.holds, holds);
	assert_string_equal(v.text, why);
	verdict_clear(&v);
	gate_clear(&g);
	json_decref(metrics);
}

static void test_judge(void **state)
{
	(void)state;
	judge("test.rmse < 25", true, "test.rmse is 24.81, want < 25");
	judge("test.rmse > 25", false, "test.rmse is 24.81, want > 25: 0.19 too little (0.76 %)");
	judge("25 >= test.rmse", true, "test.rmse is 24.81, want <= 25");
	judge("test.rows == 100", true, "test.rows is 100, want == 100");
	judge("test.auc > 0.5", false, "test.auc is not defined on these rows, want > 0.5");
	judge("test.rmse <= 0.9 * validation.rmse", false,
	      "test.rmse is 24.81, want <= 23.4 (0.9 * validation.rmse): 1.41 too much "
	      "(6.03 %)");
	judge("2 * test.rmse < 50", true, "2 * test.rmse is 49.62, want < 50");
}

static void test_not_judged(void **state)
{
	json_t *metrics = json_pack("{s:{s:f}}", "test", "rmse", 24.81);
	struct gate_facts facts = { .metrics = metrics };
	struct verdict v;
	struct gate g;

	(void)state;
	assert_int_equal(parse("test.rmes < 25", &g), 0);
	assert_int_equal(gate_judge(&g, &facts, &v), ERR_INPUT);
	assert_string_equal(error_text(),
			    "cannot judge gate 'test.rmes < 25': there is no metric 'test.rmes'");
	assert_string_equal(error_hint_text(), "did you mean 'test.rmse'? measured are test.rmse");
	gate_clear(&g);
	assert_int_equal(parse("test.rmse <= production.test.rmse", &g), 0);
	assert_int_equal(gate_judge(&g, &facts, &v), 0);
	assert_int_equal(v.state, VERDICT_NOT_APPLICABLE);
	assert_true(v.holds);
	verdict_clear(&v);
	gate_clear(&g);
	json_decref(metrics);
}

/* Two models by carrier: UA got worse, HA has too few rows, DL is new. */
static json_t *slices(double ua, double aa, bool dl)
{
	json_t *v = json_pack("[{s:[s],s:[{s:[s],s:i,s:{s:f,s:n}},{s:[s],s:i,s:{s:f,s:n}},"
			      "{s:[s],s:i,s:{s:f,s:n}}]}]",
			      "by", "carrier", "groups", "values", "UA", "rows", 120, "metrics",
			      "rmse", ua, "r2", "values", "AA", "rows", 80, "metrics", "rmse", aa,
			      "r2", "values", "HA", "rows", 12, "metrics", "rmse", 99.5, "r2");

	if (dl)
		json_array_append_new(json_object_get(json_array_get(v, 0), "groups"),
				      json_pack("{s:[s],s:i,s:{s:f,s:n}}", "values", "DL", "rows",
						40, "metrics", "rmse", 50.0, "r2"));
	return v;
}

static void judge_all(const char *text, bool production, enum verdict_state state, const char *why)
{
	json_t *own =
		json_pack("{s:{s:f},s:{s:f}}", "test", "rmse", 24.81, "bench", "p99_us", 50.0);
	json_t *other = json_pack("{s:{s:f}}", "test", "rmse", 20.0);
	json_t *own_slices = slices(71.5, 30, true), *other_slices = slices(60, 30.5, false);
	struct gate_facts facts = { .metrics = own,
				    .slices = own_slices,
				    .production = production ? other : NULL,
				    .production_slices = production ? other_slices : NULL,
				    .split = "test" };
	struct verdict v;
	struct gate g;

	assert_int_equal(parse(text, &g), 0);
	if (gate_judge(&g, &facts, &v) < 0)
		fail_msg("%s: %s", text, error_text());
	assert_string_equal(v.text, why);
	assert_int_equal(v.state, state);
	assert_int_equal(v.holds, state != VERDICT_FAILS);
	verdict_clear(&v);
	gate_clear(&g);
	json_decref(own);
	json_decref(other);
	json_decref(own_slices);
	json_decref(other_slices);
}

static void test_production(void **state)
{
	(void)state;
	judge_all("test.rmse <= 1.01 * production.test.rmse", true, VERDICT_FAILS,
		  "test.rmse is 24.81, want <= 20.2 (1.01 * production.test.rmse): 4.61 too much "
		  "(22.8 %)");
	judge_all("production.test.rmse > 0.5 * test.rmse", true, VERDICT_HOLDS,
		  "0.5 * test.rmse is 12.405, want < 20 (production.test.rmse)");
	judge_all("test.rmse <= 1.01 * production.test.rmse", false, VERDICT_NOT_APPLICABLE,
		  "nothing is in production yet");
	judge_all("bench.p99_us < 40", true, VERDICT_FAILS,
		  "bench.p99_us is 50, want < 40: 10 too much (25 %)");
	judge_all("bench.p99_us <= production.bench.p99_us", true, VERDICT_FAILS,
		  "production.bench.p99_us is not known: no bench of what is in production; mich "
		  "bench MODEL --input DATASET");
}

static void test_worst(void **state)
{
	(void)state;
	judge_all("worst slice(carrier).rmse < 45", true, VERDICT_FAILS,
		  "worst slice(carrier).rmse is 71.5 on carrier=UA (120 rows), want < 45: 26.5 too "
		  "much (58.9 %); 2 of 3 slices fail; not judged, under 30 rows: carrier=HA 99.5 "
		  "(12 rows)");
	judge_all("worst slice(carrier, min = 10).test.rmse < 99", true, VERDICT_FAILS,
		  "worst slice(carrier).test.rmse is 99.5 on carrier=HA (12 rows), want < 99: 0.5 "
		  "too much (0.505 %)");
	judge_all("worst slice(carrier).rmse > 25", true, VERDICT_HOLDS,
		  "worst slice(carrier).rmse is 30 on carrier=AA (80 rows), want > 25; not judged, "
		  "under 30 rows: carrier=HA 99.5 (12 rows)");
	judge_all(
		"worst slice(carrier, min = 20).rmse <= 1.2 * production.worst slice(carrier).rmse",
		true, VERDICT_HOLDS,
		"worst slice(carrier).rmse is 71.5 on carrier=UA (120 rows), want <= 72 (1.2 * "
		"production.worst slice(carrier).rmse on carrier=UA (120 rows)); not judged, under "
		"20 rows: carrier=HA 99.5 (12 rows)");
	judge_all("worst slice(carrier, min = 500).rmse < 1", true, VERDICT_NOT_APPLICABLE,
		  "slice(carrier) has no slice of 500 rows or more; not judged, under 500 rows: "
		  "carrier=UA 71.5 (120 rows), carrier=AA 30 (80 rows), carrier=HA 99.5 (12 rows), "
		  "and 1 more");
	judge_all("worst slice(carrier, min = 500).rmse < 1", false, VERDICT_NOT_APPLICABLE,
		  "slice(carrier) has no slice of 500 rows or more; not judged, under 500 rows: "
		  "carrier=UA 71.5 (120 rows), carrier=AA 30 (80 rows), carrier=HA 99.5 (12 rows), "
		  "and 1 more");
}

static void test_no_regress(void **state)
{
	(void)state;
	judge_all(
		"no-regress slice(carrier)", true, VERDICT_FAILS,
		"rmse on carrier=UA (120 rows) is 71.5, production has 60: 11.5 worse (19.2 %); "
		"not judged, under 30 rows: carrier=HA 99.5 (12 rows); production has no figure of "
		"1 slice");
	judge_all(
		"no-regress slice(carrier, tolerance = 20%)", true, VERDICT_HOLDS,
		"rmse is no worse than in production on each of 2 slices (tolerated are 20 %); not "
		"judged, under 30 rows: carrier=HA 99.5 (12 rows); production has no figure of 1 "
		"slice");
	judge_all(
		"no-regress slice(carrier, min = 100, tolerance = 0.2).test.rmse", true,
		VERDICT_HOLDS,
		"rmse is no worse than in production on 1 slice (tolerated are 20 %); not judged, "
		"under 100 rows: carrier=AA 30 (80 rows), carrier=HA 99.5 (12 rows), carrier=DL 50 "
		"(40 rows)");
	judge_all("no-regress slice(carrier)", false, VERDICT_NOT_APPLICABLE,
		  "nothing is in production yet");
	judge_all("no-regress slice(carrier).r2", true, VERDICT_NOT_APPLICABLE,
		  "slice(carrier) has no slice of 30 rows or more with a figure in production; not "
		  "judged, under 30 rows: carrier=HA (12 rows)");
}

/* Of bias the size counts, not the sign. */
static void test_bias(void **state)
{
	static const struct {
		double own, was;
		bool holds;
	} cases[] = { { -5, -1, false }, { 1, -5, true }, { -1, 5, true }, { 5, 1, false } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		json_t *own = json_pack("[{s:[s],s:[{s:[s],s:i,s:{s:f}}]}]", "by", "a", "groups",
					"values", "x", "rows", 90, "metrics", "bias", cases[i].own);
		json_t *was = json_pack("[{s:[s],s:[{s:[s],s:i,s:{s:f}}]}]", "by", "a", "groups",
					"values", "x", "rows", 90, "metrics", "bias", cases[i].was);
		struct gate_facts facts = { .production = own,
					    .slices = own,
					    .production_slices = was };
		struct verdict v;
		struct gate g;

		assert_int_equal(parse("no-regress slice(a).bias", &g), 0);
		assert_int_equal(gate_judge(&g, &facts, &v), 0);
		assert_int_equal(v.holds, cases[i].holds);
		verdict_clear(&v);
		gate_clear(&g);
		json_decref(own);
		json_decref(was);
	}
}

static void test_slices_missing(void **state)
{
	static const char *const cases[][2] = {
		{ "worst slice(origin).rmse < 1",
		  "cannot judge gate 'worst slice(origin).rmse < 1': nothing was measured by 'origin'" },
		{ "no-regress slice(carrier * origin)",
		  "cannot judge gate 'no-regress slice(carrier * origin)': nothing was measured by "
		  "'carrier * origin'" },
		{ "worst slice(carrier).auc < 1",
		  "cannot judge gate 'worst slice(carrier).auc < 1': slices have no metric 'auc'" },
		{ "worst slice(carrier).train.rmse < 1",
		  "cannot judge gate 'worst slice(carrier).train.rmse < 1': slices are measured on "
		  "the split 'test'" },
	};
	json_t *own = slices(1, 2, false);
	struct gate_facts facts = { .slices = own, .split = "test" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct verdict v;
		struct gate g;

		assert_int_equal(parse(cases[i][0], &g), 0);
		assert_int_equal(gate_judge(&g, &facts, &v), ERR_INPUT);
		assert_string_equal(error_text(), cases[i][1]);
		gate_clear(&g);
	}
	json_decref(own);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),	   cmocka_unit_test(test_parts),
		cmocka_unit_test(test_refused),	   cmocka_unit_test(test_judge),
		cmocka_unit_test(test_not_judged), cmocka_unit_test(test_production),
		cmocka_unit_test(test_worst),	   cmocka_unit_test(test_no_regress),
		cmocka_unit_test(test_bias),	   cmocka_unit_test(test_slices_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
