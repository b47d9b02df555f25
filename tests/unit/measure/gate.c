/* gate.c - tests of lib/measure/gate: the grammar, and judging. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/measure/gate.h"

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
		{ "no-regress slice(origin)", GATE_NO_REGRESS },
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
	assert_int_equal(parse("worst slice(a, \"b c\").rmse <= 1.5 * production.test.mae", &g), 0);
	assert_true(g.left.worst);
	assert_int_equal(g.left.columns.n, 2);
	assert_string_equal(g.left.columns.v[1], "b c");
	assert_string_equal(g.left.metric, "rmse");
	assert_int_equal(g.op, GATE_LE);
	assert_true(g.right.production);
	assert_string_equal(g.right.metric, "test.mae");
	assert_true(g.right.factor == 1.5);
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
		"no-regress",
		"no-regress slice(a) < 1",
		"test.rmse < 25ms",
		"a.x < b.x < c.x",
		"rmse < 25",
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
	struct verdict v;
	struct gate g;

	assert_int_equal(parse(text, &g), 0);
	assert_int_equal(gate_judge(&g, metrics, &v), 0);
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
	judge("test.rmse > 25", false, "test.rmse is 24.81, want > 25");
	judge("25 >= test.rmse", true, "test.rmse is 24.81, want <= 25");
	judge("test.rows == 100", true, "test.rows is 100, want == 100");
	judge("test.auc > 0.5", false, "test.auc is not defined on these rows, want > 0.5");
	judge("test.rmse <= 0.9 * validation.rmse", false,
	      "test.rmse is 24.81, want <= 23.4 (0.9 * validation.rmse)");
	judge("2 * test.rmse < 50", true, "2 * test.rmse is 49.62, want < 50");
}

static void test_not_judged(void **state)
{
	json_t *metrics = json_pack("{s:{s:f}}", "test", "rmse", 24.81);
	struct verdict v;
	struct gate g;

	(void)state;
	assert_int_equal(parse("test.rmes < 25", &g), 0);
	assert_int_equal(gate_judge(&g, metrics, &v), ERR_INPUT);
	assert_string_equal(error_text(),
			    "cannot judge gate 'test.rmes < 25': there is no metric 'test.rmes'");
	assert_string_equal(error_hint_text(), "did you mean 'test.rmse'? measured are test.rmse");
	gate_clear(&g);
	assert_int_equal(parse("test.rmse <= production.test.rmse", &g), 0);
	assert_int_equal(gate_judge(&g, metrics, &v), ERR_INPUT);
	assert_non_null(strstr(error_text(), "a version in production"));
	gate_clear(&g);
	json_decref(metrics);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),	   cmocka_unit_test(test_parts),
		cmocka_unit_test(test_refused),	   cmocka_unit_test(test_judge),
		cmocka_unit_test(test_not_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
