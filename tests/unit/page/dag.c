/* dag.c - tests of where boxes go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#include "lib/page/chart/dag.h"

static void test_columns(void **state)
{
	struct dag g = DAG_INIT;

	(void)state;
	/* an evaluation (0) of a model (1) on a data set (2) of a file (3) */
	dag_nodes(&g, 4);
	dag_edge(&g, 0, 1);
	dag_edge(&g, 0, 2);
	dag_edge(&g, 1, 2);
	dag_edge(&g, 2, 3);
	dag_layout(&g, 60, 24);
	assert_int_equal(g.columns, 4);
	assert_int_equal(g.nodes[3].column, 0);
	assert_int_equal(g.nodes[2].column, 1);
	assert_int_equal(g.nodes[1].column, 2);
	assert_int_equal(g.nodes[0].column, 3);
	assert_int_equal(g.edges[1].bends, 1); /* it passes the model, apart from it */
	assert_int_equal(g.nodes[g.edges[1].first_bend].column, 2);
	assert_true(fabs(g.nodes[g.edges[1].first_bend].y - g.nodes[1].y) >= 42 - 1e-9);
	dag_clear(&g);
}

static void test_no_box_on_another(void **state)
{
	struct dag g = DAG_INIT;

	(void)state;
	dag_nodes(&g, 20);
	for (size_t i = 1; i < 20; i++)
		dag_edge(&g, (i - 1) / 3, i);
	dag_layout(&g, 60, 24);
	for (size_t a = 0; a < 20; a++)
		for (size_t b = 0; b < a; b++)
			assert_true(g.nodes[a].column != g.nodes[b].column ||
				    fabs(g.nodes[a].y - g.nodes[b].y) >= 60 - 1e-6);
	assert_true(g.bottom > g.top);
	dag_clear(&g);
}

static void test_circle_and_too_many(void **state)
{
	struct dag g = DAG_INIT;

	(void)state;
	dag_nodes(&g, 5000);
	assert_int_equal(g.n, DAG_NODES_MAX);
	for (size_t i = 0; i < 1000; i++)
		dag_edge(&g, i % 7, (i + 1) % 7);
	dag_edge(&g, 0, 4999);
	dag_layout(&g, 60, 24);
	assert_true(g.columns >= 1 && g.columns <= 7);
	dag_clear(&g);
	dag_layout(&g, 60, 24); /* and nothing at all */
	dag_clear(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_columns),
					    cmocka_unit_test(test_no_box_on_another),
					    cmocka_unit_test(test_circle_and_too_many) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
