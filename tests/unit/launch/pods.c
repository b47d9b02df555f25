/* pods.c - tests of lib/launch: logs that are read again, and why pods wait. */
#define _GNU_SOURCE
#include "tests/unit/launch/place.h"

#include "lib/launch/cluster/pods.h"

static const char first[] = "2026-11-22T15:44:25.1Z one\n"
			    "2026-11-22T15:44:25.100000000Z two\n"
			    "2026-11-22T15:44:25.12Z \n";

static void test_once(void **state)
{
	struct stamped s = { .held = BUF_INIT };
	struct buf out = BUF_INIT;

	(void)state;
	stamped_begin(&s);
	stamped_add(&s, first, strlen(first) - 4, &out);
	assert_string_equal(out.data, "one\ntwo\n");
	for (int i = 0; i < 3; i++) { /* each time from the beginning, then from the last second */
		stamped_begin(&s);
		stamped_add(&s, first, strlen(first), &out);
		assert_string_equal(out.data, "one\ntwo\n\n");
	}
	stamped_begin(&s);
	stamped_add(&s, "2026-11-22T15:44:25.120Z the same time, another line\n", 53, &out);
	assert_string_equal(out.data, "one\ntwo\n\n"); /* that is how it looks */
	stamped_add(&s, "2026-11-22T15:44:25.12Z second\nfailed to read\n", 46, &out);
	stamped_add(&s, "2026-11-22T15:44:26Z no end", 27, &out);
	stamped_end(&s, &out);
	assert_string_equal(out.data, "one\ntwo\n\nsecond\nfailed to read\nno end\n");
	buf_reset(&out);
	stamped_begin(&s);
	stamped_add(&s, first, strlen(first), &out);
	assert_int_equal(out.len, 0);
	stamped_clear(&s);
	buf_clear(&out);
}

static void test_times(void **state)
{
	static const char *const none[] = { "2026-11-22 15:44:25Z x",
					    "2026-11-22T15:44:25 x",
					    "x",
					    "",
					    " ",
					    "2026-11-22T15:44:25.00000000000000000000000000Z x" };
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		struct stamped s = { .held = BUF_INIT };

		buf_reset(&out);
		stamped_add(&s, none[i], strlen(none[i]), &out);
		stamped_end(&s, &out);
		assert_int_equal(out.len, strlen(none[i]) + (*none[i] != '\0'));
		stamped_clear(&s);
	}
	buf_clear(&out);
}

static void test_waits(void **state)
{
	static const struct {
		const char *pods, *why;
	} all[] = {
		{ "{\"items\":[]}", NULL },
		{ "[", NULL },
		{ "{\"items\":[1,{\"status\":{\"containerStatuses\":[{\"state\":{\"waiting\":"
		  "{\"reason\":\"ContainerCreating\"}}}]}}]}",
		  NULL },
		{ "{\"items\":[{},{\"status\":{\"containerStatuses\":[{\"state\":{\"waiting\":"
		  "{\"reason\":\"ErrImagePull\",\"message\":\"not found\\nmore\"}}}]}}]}",
		  "ErrImagePull: not found" },
		{ "{\"items\":[{\"status\":{\"conditions\":[{\"type\":\"PodScheduled\",\"status\":"
		  "\"False\",\"reason\":\"Unschedulable\",\"message\":\"0/3 nodes are "
		  "available\"}]}}]}",
		  "Unschedulable: 0/3 nodes are available" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		char why[JOB_WHY_BYTES] = "";
		bool found = pods_read(all[i].pods, strlen(all[i].pods), why);

		assert_int_equal(found, all[i].why != NULL);
		assert_string_equal(why, all[i].why ? all[i].why : "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(test_once),
		PLACE_TEST(test_times),
		PLACE_TEST(test_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
