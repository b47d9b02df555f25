/* checkpoint.c - tests of lib/learn/checkpoint: whole or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/learn/checkpoint.h"

static char dir[] = "/tmp/mich-checkpoint-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return file_remove_tree(dir);
}

static void write_one(int64_t step)
{
	static const float params[] = { 1, 2, 3 };
	struct checkpoint c = CHECKPOINT_INIT;

	c.state = json_pack("{s:I}", "step", (json_int_t)step);
	checkpoint_add(&c, "params", params, sizeof params);
	checkpoint_add(&c, "none", NULL, 0);
	assert_int_equal(checkpoint_write(dir, &c), 0);
	checkpoint_clear(&c);
}

static void test_round_trip(void **state)
{
	struct checkpoint c = CHECKPOINT_INIT;
	float params[3];

	(void)state;
	assert_int_equal(checkpoint_read(dir, &c), ERR_NOT_FOUND);
	write_one(7);
	write_one(8);
	assert_int_equal(checkpoint_read(dir, &c), 0);
	assert_int_equal(json_int(c.state, "step", 0), 8);
	assert_int_equal(checkpoint_take(&c, "params", params, sizeof params), 0);
	assert_true(params[2] == 3);
	assert_int_equal(checkpoint_take(&c, "none", NULL, 0), 0);
	assert_int_equal(checkpoint_take(&c, "params", params, 8), ERR_CORRUPT);
	assert_int_equal(checkpoint_take(&c, "other", params, 8), ERR_CORRUPT);
	checkpoint_clear(&c);
}

/* Every byte that changes, and every end that is too early, is found. */
static void test_damage(void **state)
{
	char *path = path_join(dir, "checkpoint");
	struct checkpoint c = CHECKPOINT_INIT;
	struct buf b = BUF_INIT;

	(void)state;
	write_one(7);
	assert_int_equal(file_read(path, &b), 0);
	for (size_t i = 0; i < b.len; i++) {
		b.data[i] ^= 16;
		assert_int_equal(checkpoint_parse(b.data, b.len, &c), ERR_CORRUPT);
		checkpoint_clear(&c);
		b.data[i] ^= 16;
		assert_int_equal(checkpoint_parse(b.data, i, &c), ERR_CORRUPT);
		checkpoint_clear(&c);
	}
	assert_int_equal(checkpoint_parse(b.data, b.len, &c), 0);
	checkpoint_clear(&c);
	buf_clear(&b);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
