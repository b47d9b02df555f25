/* grid.c - aligned text. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/cli/grid.h"

static void make(struct grid *g)
{
	grid_init(g, 3);
	grid_column(g, "NAME", false);
	grid_column(g, "ROWS", true);
	grid_column(g, "WHAT", false);
	grid_cell(g, "flights");
	grid_cellf(g, "%d", 327346);
	grid_cell(g, "a year\nof flights");
	grid_cell(g, "é");
	grid_cellf(g, "%d", 7);
	grid_cell(g, NULL);
}

static void aligns(void **state)
{
	struct buf b = BUF_INIT;
	struct grid g;

	(void)state;
	make(&g);
	grid_render(&g, 0, &b);
	assert_string_equal(b.data, "NAME       ROWS  WHAT\n"
				    "flights  327346  a year of flights\n"
				    "é             7\n");
	buf_clear(&b);
	grid_clear(&g);
}

static void cuts(void **state)
{
	struct buf b = BUF_INIT;
	struct grid g;

	(void)state;
	make(&g);
	grid_render(&g, 20, &b);
	assert_string_equal(b.data, "NAME       ROWS  WH…\n"
				    "flights  327346  a …\n"
				    "é             7\n");
	buf_clear(&b);
	grid_clear(&g);
}

static void leaves_out_what_can_be_spared(void **state)
{
	struct buf b = BUF_INIT;
	struct grid g;

	(void)state;
	make(&g);
	g.spare[1] = 1;
	grid_render(&g, 27, &b);
	assert_string_equal(b.data, "NAME     WHAT\n"
				    "flights  a year of flights\n"
				    "é\n");
	buf_reset(&b);
	grid_render(&g, 100, &b);
	assert_non_null(strstr(b.data, "ROWS"));
	buf_clear(&b);
	grid_clear(&g);
}

static void cuts_lines_and_ends_colours(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	grid_cut("* \033[1mmodel\033[m/x\nab\né", 6, &b);
	assert_string_equal(b.data, "* \033[1mmod…\033[m\nab\né");
	buf_reset(&b);
	grid_cut("* model/x\n", 0, &b);
	assert_string_equal(b.data, "* model/x\n");
	buf_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(aligns), cmocka_unit_test(cuts),
					    cmocka_unit_test(leaves_out_what_can_be_spared),
					    cmocka_unit_test(cuts_lines_and_ends_colours) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
