/* split.c - shares, hashes, and the text that says them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/error.h"
#include "lib/table/split/sip.h"
#include "lib/table/split/split.h"

static void parses(const char *text, const char *canonical)
{
	struct table_split s;
	struct buf b = BUF_INIT;

	assert_int_equal(table_split_parse(text, &s), 0);
	table_split_format(&s, &b);
	assert_string_equal(b.data, canonical);
	table_split_clear(&s);
	buf_clear(&b);
}

static void test_parse(void **state)
{
	(void)state;
	parses("75/15/10", "75/15/10 by hash");
	parses("80/20", "80/20/0 by hash");
	parses(" 70 / 20 / 10  by hash(a, b c )", "70/20/10 by hash(a, b c)");
	parses("75/15/10 by row", "75/15/10 by row");
	parses("75/15/10 by time( when )", "75/15/10 by time(when)");
	parses("75/15/10 by group(\"a,b\", \"say \"\"x\"\"\")",
	       "75/15/10 by group(\"a,b\", \"say \"\"x\"\"\")");
}

static void test_refuse(void **state)
{
	static const char *const bad[] = { "",
					   "75",
					   "75/15",
					   "75/15/10/0",
					   "75/15/11",
					   "a/b/c",
					   "0/50/50",
					   "75/15/10 hash",
					   "75/15/10 by",
					   "75/15/10 by luck",
					   "75/15/10 by row(x)",
					   "75/15/10 by time",
					   "75/15/10 by time(a, b)",
					   "75/15/10 by group",
					   "75/15/10 by hash(",
					   "75/15/10 by hash(a",
					   "75/15/10 by hash()",
					   "75/15/10 by hash(a, a)",
					   "75/15/10 by hash(\"a)",
					   "75/15/10 by hash(a) x",
					   "999999999999/1",
					   "75/15/10 by hash(\"a\"\")" };
	struct table_split s;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(table_split_parse(bad[i], &s), ERR_INPUT);
}

/* The reference's own vectors: key 00..0f, messages 00, 00 01, ... */
static void test_sip(void **state)
{
	unsigned char m[15];

	(void)state;
	for (unsigned i = 0; i < sizeof m; i++)
		m[i] = (unsigned char)i;
	assert_true(sip_hash(UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908), m, 15) ==
		    UINT64_C(0xa129ca6149be45e5));
	assert_true(sip_hash(UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908), m, 0) ==
		    UINT64_C(0x726fdb47dd0e0e31));
}

static void test_shares(void **state)
{
	static const int p[SPLITS] = { 75, 15, 10 };
	int64_t out[SPLITS];

	(void)state;
	for (int64_t n = 0; n < 1000; n++) {
		split_shares(p, n, out);
		assert_int_equal(out[0] + out[1] + out[2], n);
		for (int k = 0; k < SPLITS; k++)
			assert_true(llabs(out[k] * 100 - n * p[k]) < 100);
	}
}

static void test_exact(void **state)
{
	static const int p[SPLITS] = { 50, 30, 20 };
	uint64_t hash[100];
	int64_t when[100];
	uint8_t split[100];
	int count[SPLITS] = { 0 };

	(void)state;
	for (size_t i = 0; i < 100; i++) {
		uint64_t group = i / 10;

		hash[i] = sip_hash(1, 2, &group, sizeof group);
		when[i] = -(int64_t)(i / 9);
	}
	assert_int_equal(split_groups(p, hash, 100, split), 0);
	for (size_t i = 0; i < 100; i++) {
		count[split[i]]++;
		assert_int_equal(split[i], split[i / 10 * 10]);
	}
	assert_int_equal(count[0], 50);
	assert_int_equal(count[1], 30);
	assert_int_equal(split_rows(p, hash, 100, split), 0);
	memset(count, 0, sizeof count);
	for (size_t i = 0; i < 100; i++)
		count[split[i]]++;
	assert_int_equal(count[0], 50);
	assert_int_equal(count[2], 20);
	assert_int_equal(split_times(p, when, 100, split), 0);
	for (size_t i = 1; i < 100; i++) {
		assert_true(split[i] <= split[i - 1]);
		if (when[i] == when[i - 1])
			assert_int_equal(split[i], split[i - 1]);
	}
}

/* These must never change: a row would move from test into train. */
static void test_for_ever(void **state)
{
	static const char *const paths[] = { "a/1.png", "a/2.png", "b/3.png",
					     "b/4.png", "c/5.png", "c/6.png" };
	uint8_t split[6];
	struct table_split s;

	(void)state;
	table_split_init(&s);
	assert_int_equal(table_split_paths(&s, paths, 6, split), 0);
	assert_memory_equal(split, ((const uint8_t[]){ 1, 2, 1, 0, 0, 0 }), 6);
	assert_true(sip_hash(0, SIP_KEY, "a/1.png", 7) == UINT64_C(0xe04e1ae34719a4da));
	s.how = SPLIT_TIME;
	assert_int_equal(table_split_paths(&s, paths, 6, split), ERR_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse), cmocka_unit_test(test_refuse),
		cmocka_unit_test(test_sip),   cmocka_unit_test(test_shares),
		cmocka_unit_test(test_exact), cmocka_unit_test(test_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
