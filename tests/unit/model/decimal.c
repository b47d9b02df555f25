/* decimal.c - decimal numbers against strtod, bit for bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/model/rows/cell.h"
#include "lib/model/rows/decimal.h"

static uint64_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static bool same(double a, double b)
{
	return !memcmp(&a, &b, sizeof a);
}

static void check(uint64_t m, int e, long *decided)
{
	char text[64];
	double got;

	snprintf(text, sizeof text, "%llue%d", (unsigned long long)m, e);
	if (!decimal_double(m, e, &got))
		return;
	(*decided)++;
	if (!same(got, strtod(text, NULL)))
		fail_msg("%s gives %.17g, strtod %.17g", text, got, strtod(text, NULL));
}

/* Mantissas of every length, at every exponent of the table and beyond. */
static void equals_strtod(void **state)
{
	uint64_t seed = 88172645463325252ull;
	long decided = 0, asked = 0;

	(void)state;
	for (int e = -60; e <= 45; e++)
		for (int i = 0; i < 4000; i++, asked++)
			check(next(&seed) >> next(&seed) % 64, e, &decided);
	assert_true(decided > asked * 7 / 10);
}

/* Doubles as people write them, with 17 digits; floats too. */
static void reads_back(void **state)
{
	uint64_t seed = 1234567, bits;
	char text[64];
	double v, got;

	(void)state;
	for (int i = 0; i < 300000; i++) {
		bits = (next(&seed) & 0x800fffffffffffffull) |
		       (uint64_t)(1023 - 60 + next(&seed) % 120) << 52;
		memcpy(&v, &bits, sizeof v);
		if (i % 2)
			v = (float)v;
		assert_true(
			cell_double(text, (size_t)snprintf(text, sizeof text, "%.17g", v), &got));
		assert_true(same(v, got));
	}
}

/* Exactly between two doubles, and one unit beside it. */
static void ties(void **state)
{
	static const struct {
		uint64_t m;
		int e;
	} hard[] = { { 9007199254740993, 0 },
		     { 9007199254740995, 0 },
		     { 9007199254740992, 0 },
		     { 9007199254740994, 23 },
		     { 18014398509481986, 0 },
		     { 9007199254740993, 1 },
		     { 1, 23 },
		     { 1, -23 },
		     { 8, 22 },
		     { 9999999999999999999ull, -19 },
		     { 9007199254740993, -4 },
		     { 4503599627370497, -1 },
		     { 45035996273704985, -1 },
		     { 90071992547409925, -1 },
		     { 1125899906842624125, -4 } };
	long decided = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hard); i++)
		check(hard[i].m, hard[i].e, &decided);
	assert_true(decided > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equals_strtod),
		cmocka_unit_test(reads_back),
		cmocka_unit_test(ties),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
