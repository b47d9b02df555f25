/* compatible.c - which changes of a contract break those who call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/model/compatible.h"

static struct contract base(void)
{
	struct contract c = { .mode = CONTRACT_WARN,
			      .task = TASK_BINARY,
			      .label_type = FRAME_STRING };
	struct contract_column *col = contract_add(&c, "carrier", FRAME_STRING);

	dict_add(&col->categories, "AA");
	dict_add(&col->categories, "UA");
	col = contract_add(&c, "distance", FRAME_INT);
	col->nullable = col->ranged = true;
	col->min = 80;
	col->max = 2500;
	strlist_add(&c.classes, "early");
	strlist_add(&c.classes, "late");
	return c;
}

/* Compares base() with what change makes of it, and takes the only difference's what. */
static bool only(void (*change)(struct contract *), const char *what)
{
	struct contract a = base(), b = base();
	json_t *rows, *row;
	bool fits;

	change(&b);
	fits = contract_compatible(&a, &b, &rows);
	assert_int_equal(json_array_size(rows), 1);
	row = json_array_get(rows, 0);
	assert_string_equal(json_str(row, "what", ""), what);
	assert_int_equal(json_bool(row, "breaking", false), !fits);
	assert_true(*json_str(row, "why", ""));
	assert_non_null(json_object_get(row, "before"));
	assert_non_null(json_object_get(row, "after"));
	json_decref(rows);
	contract_clear(&a);
	contract_clear(&b);
	return fits;
}

static void add_column(struct contract *c)
{
	contract_add(c, "hour", FRAME_INT)->nullable = true;
}

static void drop_column(struct contract *c)
{
	free(c->cols[1].name);
	c->n = 1;
}

static void widen(struct contract *c)
{
	c->cols[1].type = FRAME_DOUBLE;
}

static void to_time(struct contract *c)
{
	c->cols[1].type = FRAME_TIME;
}

static void not_null(struct contract *c)
{
	c->cols[1].nullable = false;
}

static void may_be_null(struct contract *c)
{
	c->cols[0].nullable = true;
}

static void fewer(struct contract *c)
{
	dict_cut(&c->cols[0].categories, 1);
}

static void more(struct contract *c)
{
	dict_add(&c->cols[0].categories, "WN");
}

static void narrower(struct contract *c)
{
	c->cols[1].min = 100;
}

static void wider(struct contract *c)
{
	c->cols[1].max = 3000;
}

static void coerce(struct contract *c)
{
	c->mode = CONTRACT_COERCE;
}

static void reject(struct contract *c)
{
	c->mode = CONTRACT_REJECT;
}

static void other_task(struct contract *c)
{
	c->task = TASK_REGRESSION;
}

static void other_classes(struct contract *c)
{
	strlist_add(&c->classes, "unknown");
}

static void other_label(struct contract *c)
{
	c->label_type = FRAME_INT;
}

static void test_one_change(void **state)
{
	(void)state;
	assert_false(only(add_column, "added"));
	assert_true(only(drop_column, "removed"));
	assert_true(only(widen, "type"));
	assert_false(only(to_time, "type"));
	assert_false(only(not_null, "nullable"));
	assert_true(only(may_be_null, "nullable"));
	assert_false(only(fewer, "categories"));
	assert_true(only(more, "categories"));
	assert_true(only(narrower, "range"));
	assert_true(only(wider, "range"));
	assert_true(only(coerce, "mode"));
	assert_false(only(reject, "mode"));
	assert_false(only(other_task, "task"));
	assert_false(only(other_classes, "classes"));
	assert_false(only(other_label, "label type"));
}

static void test_reject_makes_ranges_matter(void **state)
{
	struct contract a = base(), b = base();
	json_t *rows;

	(void)state;
	a.mode = b.mode = CONTRACT_REJECT;
	narrower(&b);
	assert_false(contract_compatible(&a, &b, &rows));
	assert_string_equal(json_str(json_array_get(rows, 0), "why", ""),
			    "column 'distance' was 80 to 2500 in training, now 100 to 2500");
	json_decref(rows);
	assert_true(contract_compatible(&b, &a, &rows));
	json_decref(rows);
	contract_clear(&a);
	contract_clear(&b);
}

static void test_itself(void **state)
{
	struct contract a = base();
	json_t *rows;

	(void)state;
	assert_true(contract_compatible(&a, &a, &rows));
	assert_int_equal(json_array_size(rows), 0);
	json_decref(rows);
	contract_clear(&a);
}

static void test_many_categories_are_named_in_part(void **state)
{
	struct contract a = base(), b = base();
	json_t *rows;

	(void)state;
	for (char c = 'a'; c < 'h'; c++)
		dict_add(&a.cols[0].categories, (char[]){ c, '\0' });
	assert_false(contract_compatible(&a, &b, &rows));
	assert_string_equal(json_str(json_array_get(rows, 0), "why", ""),
			    "column 'carrier' no longer knows 'a', 'b', 'c', 'd', 'e' and 2 more");
	assert_int_equal(json_array_size(json_object_get(json_array_get(rows, 0), "before")), 7);
	json_decref(rows);
	contract_clear(&a);
	contract_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_change),
		cmocka_unit_test(test_reject_makes_ranges_matter),
		cmocka_unit_test(test_itself),
		cmocka_unit_test(test_many_categories_are_named_in_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
