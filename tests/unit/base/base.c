/* base.c - tests of lib/base: buf, strlist, json, hash, clock, npy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/hash.h"
#include "lib/base/json.h"
#include "lib/base/npy.h"
#include "lib/base/strlist.h"
#include "lib/base/utf8.h"

static void test_buf(void **state)
{
	struct buf b = BUF_INIT;
	char *s;

	(void)state;
	buf_addf(&b, "%d-%s", 7, "x");
	buf_addch(&b, '!');
	assert_string_equal(b.data, "7-x!");
	s = buf_take(&b);
	assert_string_equal(s, "7-x!");
	assert_int_equal(b.len, 0);
	free(s);
}

static void test_error_wrap(void **state)
{
	(void)state;
	assert_int_equal(error_set(ERR_INPUT, "bad %s", "x"), ERR_INPUT);
	error_hint(0, "type y");
	assert_int_equal(error_wrap(ERR_INPUT, "file '%s'", "f"), ERR_INPUT);
	assert_string_equal(error_text(), "file 'f': bad x");
	assert_string_equal(error_hint_text(), "type y");
}

static void test_nearest(void **state)
{
	static const char *const words[] = { "dataset", "train", "predict" };

	(void)state;
	assert_string_equal(strlist_nearest(words, 3, "trian"), "train");
	assert_null(strlist_nearest(words, 3, "zzzzzzzz"));
}

static void test_canonical(void **state)
{
	json_t *v = json_pack("{s:i,s:[f,f,b,n],s:s}", "b", 1, "a", 0.1, 2.0, 1, "c", "\"\n");
	struct buf b = BUF_INIT;

	(void)state;
	json_canonical(v, &b);
	assert_string_equal(b.data, "{\"a\":[0.1,2.0,true,null],\"b\":1,\"c\":\"\\\"\\n\"}");
	buf_clear(&b);
	json_decref(v);
}

static void test_hash(void **state)
{
	char hex[HASH_HEX + 1];

	(void)state;
	hash_data("abc", 3, hex);
	assert_string_equal(hex,
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void test_clock(void **state)
{
	char iso[CLOCK_ISO_BYTES];
	int64_t ms;

	(void)state;
	assert_int_equal(clock_parse_iso("2026-11-22T06:12:02.345Z", &ms), 0);
	clock_iso(ms, iso);
	assert_string_equal(iso, "2026-11-22T06:12:02.345Z");
	assert_int_equal(clock_parse_span("15m", &ms), 0);
	assert_int_equal(ms, 900000);
	assert_int_equal(clock_parse_span("15x", &ms), ERR_INPUT);
}

static void test_npy(void **state)
{
	char path[] = "/tmp/mich-npy-XXXXXX";
	float x[6] = { 1, 2, 3, 4, 5, 6 };
	struct npy_writer w;
	struct npy a;

	(void)state;
	close(mkstemp(path));
	assert_int_equal(npy_create(path, NPY_F4, 3, &w), 0);
	assert_int_equal(npy_append(&w, x, 1), 0);
	assert_int_equal(npy_append(&w, x + 3, 1), 0);
	assert_int_equal(npy_finish(&w), 0);
	assert_int_equal(npy_open(path, &a), 0);
	assert_int_equal(a.rows, 2);
	assert_int_equal(a.cols, 3);
	assert_memory_equal(a.data, x, sizeof x);
	npy_close(&a);
	assert_int_equal(truncate(path, 140), 0);
	assert_int_equal(npy_open(path, &a), ERR_CORRUPT);
	unlink(path);
}

static void test_utf8(void **state)
{
	char mixed[] = "a\377\303\251\355\240\200\303";
	json_t *v = json_bytes("caf\303\251"), *odd = json_bytes("\377a");

	(void)state;
	assert_int_equal(utf8_bytes("", 0), 0);
	assert_int_equal(utf8_bytes("a", 1), 1);
	assert_int_equal(utf8_bytes("\303\251x", 3), 2);
	assert_int_equal(utf8_bytes("\342\202\254", 3), 3);
	assert_int_equal(utf8_bytes("\342\202\254", 2), 0);
	assert_int_equal(utf8_bytes("\360\237\230\200", 4), 4);
	assert_int_equal(utf8_bytes("\300\257", 2), 0);
	assert_int_equal(utf8_bytes("\364\220\200\200", 4), 0);
	utf8_clean(mixed);
	assert_string_equal(mixed, "a?\303\251????");
	assert_string_equal(json_string_value(v), "caf\303\251");
	assert_string_equal(json_str(odd, "bytes", ""), "ff61");
	json_decref(v);
	json_decref(odd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buf),	cmocka_unit_test(test_error_wrap),
		cmocka_unit_test(test_nearest), cmocka_unit_test(test_canonical),
		cmocka_unit_test(test_hash),	cmocka_unit_test(test_clock),
		cmocka_unit_test(test_npy),	cmocka_unit_test(test_utf8),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
