/* partition.c - keys of categories, and the list of a partitioned model's models. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/base/error.h"
#include "lib/model/partition.h"

static void numbers_keys_in_their_order(void **state)
{
	struct keymap m = KEYMAP_INIT;

	(void)state;
	assert_int_equal(keymap_find(&m, 7), -1);
	for (uint64_t i = 0; i < 5000; i++)
		assert_int_equal(keymap_add(&m, i * i << 20 ^ i), i);
	for (uint64_t i = 0; i < 5000; i++)
		assert_int_equal(keymap_add(&m, i * i << 20 ^ i), i);
	assert_int_equal(m.n, 5000);
	assert_int_equal(keymap_find(&m, UINT64_MAX), -1);
	keymap_clear(&m);
}

static void a_key_holds_its_codes(void **state)
{
	const float codes[] = { 0, 65534, 3, 12 }, bad[] = { 1, -1 }, nan[] = { 0.0f / 0.0f };
	uint64_t key = partition_key(codes, 4);

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(partition_key_code(key, i), (size_t)codes[i]);
	assert_true(partition_key(bad, 2) == PARTITION_NONE);
	assert_true(partition_key(nan, 1) == PARTITION_NONE);
	assert_true(partition_key((const float[]){ 65535 }, 1) == PARTITION_NONE);
}

/* km, and two columns of categories: a text and a whole number. */
static void fill(struct contract *c)
{
	struct contract_column *col;

	contract_add(c, "km", FRAME_DOUBLE);
	col = contract_add_coded(c, "city", FRAME_STRING);
	dict_add(&col->categories, "Oslo");
	dict_add(&col->categories, "");
	col = contract_add_coded(c, "code", FRAME_INT);
	dict_add(&col->categories, "9007199254740993");
}

static int parse(const struct contract *c, const char *text, struct partition_index *out)
{
	json_t *v = json_loads(text, 0, NULL);
	int rc;

	assert_non_null(v);
	rc = partition_index_parse(v, c, 100, out);
	json_decref(v);
	return rc;
}

static void picks_by_the_codes(void **state)
{
	struct contract c = CONTRACT_INIT;
	struct partition_index p;

	(void)state;
	fill(&c);
	assert_int_equal(
		parse(&c,
		      "{\"by\":[\"code\",\"city\"],\"inputs\":1,\"models\":["
		      "{\"values\":[\"9007199254740993\",\"\"],\"at\":0,\"bytes\":60},"
		      "{\"values\":[\"9007199254740993\",\"Oslo\"],\"at\":60,\"bytes\":40}]}",
		      &p),
		0);
	assert_int_equal(partition_of(&p, (const float[]){ 9, 1, 0 }), 0);
	assert_int_equal(partition_of(&p, (const float[]){ 9, 0, 0 }), 1);
	assert_int_equal(partition_of(&p, (const float[]){ 9, 0.0f / 0.0f, 0 }), -1);
	assert_int_equal(partition_of(&p, (const float[]){ 9, 0, 1 }), -1);
	partition_index_clear(&p);
	contract_clear(&c);
}

static void refuses_what_does_not_hold(void **state)
{
	static const char *const texts[] = {
		"{}",
		"{\"by\":[],\"inputs\":1,\"models\":[]}",
		"{\"by\":[\"km\"],\"inputs\":1,\"models\":[]}",
		"{\"by\":[\"none\"],\"inputs\":1,\"models\":[]}",
		"{\"by\":[\"city\",\"city\"],\"inputs\":1,\"models\":[]}",
		"{\"by\":[\"city\"],\"inputs\":0,\"models\":[]}",
		"{\"by\":[\"city\"],\"inputs\":4,\"models\":[]}",
		"{\"by\":[\"city\"],\"inputs\":1}",
		"{\"by\":[\"city\"],\"inputs\":1,\"models\":[7]}",
		"{\"by\":[\"city\"],\"inputs\":1,\"models\":[{\"values\":[\"Rome\"],\"at\":0,\"bytes\":1}]}",
		"{\"by\":[\"city\"],\"inputs\":1,\"models\":[{\"values\":[\"Oslo\"],\"at\":0,\"bytes\":101}]}",
		"{\"by\":[\"city\"],\"inputs\":1,\"models\":[{\"values\":[\"Oslo\"],\"at\":-1,\"bytes\":1}]}",
		"{\"by\":[\"city\"],\"inputs\":1,\"models\":[{\"values\":[\"Oslo\"],\"at\":9223372036854775807,"
		"\"bytes\":9223372036854775807}]}",
		"{\"by\":[\"city\"],\"inputs\":1,\"models\":[{\"values\":[\"Oslo\"],\"at\":0,\"bytes\":1},"
		"{\"values\":[\"Oslo\"],\"at\":1,\"bytes\":1}]}",
		"{\"by\":[\"city\"],\"inputs\":1,\"models\":[{\"values\":[\"Oslo\"],\"at\":0,\"bytes\":9},"
		"{\"values\":[\"\"],\"at\":8,\"bytes\":1}]}",
	};
	struct contract c = CONTRACT_INIT;
	struct partition_index p;

	(void)state;
	fill(&c);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_int_equal(parse(&c, texts[i], &p), ERR_CORRUPT);
	contract_clear(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_keys_in_their_order),
		cmocka_unit_test(a_key_holds_its_codes),
		cmocka_unit_test(picks_by_the_codes),
		cmocka_unit_test(refuses_what_does_not_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
