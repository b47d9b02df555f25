/* names.c - tests of the record's small languages: names, contents, dates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/record/content/contents.h"
#include "lib/record/date.h"
#include "lib/record/name.h"

static void test_name(void **state)
{
	static const char *const bad[] = { "",
					   "Eta",
					   "-eta",
					   "_eta",
					   "a/b/c",
					   "/eta",
					   "model/",
					   "eta@",
					   "a b",
					   "eta@x/y",
					   "model/eta@1@2",
					   "eta.lock",
					   "eta@-1",
					   "eta@99999999999999999999" };
	struct name n;

	(void)state;
	assert_int_equal(name_parse("eta", &n), 0);
	assert_string_equal(n.kind, "");
	assert_int_equal(n.rev_type, REV_NONE);
	assert_int_equal(name_parse("model/eta@14", &n), 0);
	assert_string_equal(n.kind, "model");
	assert_string_equal(n.name, "eta");
	assert_int_equal(n.rev_type, REV_NUMBER);
	assert_int_equal(n.number, 14);
	assert_int_equal(name_parse("eta@1234567", &n), 0);
	assert_int_equal(n.rev_type, REV_NUMBER); /* digits alone are a number, however many */
	assert_int_equal(name_parse("eta@123456a", &n), 0);
	assert_int_equal(n.rev_type, REV_ID);
	assert_int_equal(name_parse("eta@12345a", &n), 0);
	assert_int_equal(n.rev_type, REV_WORD);
	assert_int_equal(name_parse("eta@latest", &n), 0);
	assert_int_equal(n.rev_type, REV_LATEST);
	assert_int_equal(name_parse("0-a_b@production", &n), 0);
	assert_int_equal(n.rev_type, REV_WORD);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(name_parse(bad[i], &n), ERR_INPUT);
}

static void quote_is(const char *path, const char *want)
{
	struct buf b = BUF_INIT, back = BUF_INIT;

	path_quote(path, &b);
	assert_string_equal(b.data, want);
	assert_int_equal(path_unquote(b.data, b.len, &back), 0);
	assert_string_equal(back.data, path);
	buf_clear(&b);
	buf_clear(&back);
}

static void test_quote(void **state)
{
	(void)state;
	quote_is("a b/c.txt", "a b/c.txt");
	quote_is("tab\there", "\"tab\\there\"");
	quote_is("\"quoted\"", "\"\\\"quoted\\\"\"");
	quote_is("back\\slash", "\"back\\\\slash\"");
	quote_is("n\303\244he", "\"n\\303\\244he\"");
	quote_is("line\nend\a\b\v\f\r\033", "\"line\\nend\\a\\b\\v\\f\\r\\033\"");
}

#define SHA "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void test_contents(void **state)
{
	static const char *const bad[] = {
		"644 " SHA " 1 a",
		"643 " SHA " 1 a\n",
		"644 e3b0 1 a\n",
		"644 " SHA " x a\n",
		"644 " SHA " 1 \n",
		"644 " SHA " 01 a\n",
		"644 " SHA " 1 b\n644 " SHA " 1 a\n",
		"644 " SHA " 1 a\n644 " SHA " 1 a\n",
		"644 " SHA " 1 ../a\n",
		"644 " SHA " 1 /a\n",
		"644 " SHA " 1 a//b\n",
		"644 " SHA " 1 \"a\n",
		"link " SHA " 1 a\n644 " SHA " 1 a.b\n644 " SHA " 1 a/b\n",
		"644 " SHA " 1 \"\\x\"\n",
		"644 " SHA " 1 \"\\000\"\n",
		"\n",
	};
	struct contents c = CONTENTS_INIT, back;
	struct buf b = BUF_INIT;
	char hash[HASH_HEX + 1], want[HASH_HEX + 1];

	(void)state;
	contents_add(&c, CONTENTS_PROGRAM, SHA, 10, "run");
	contents_add(&c, CONTENTS_FILE, SHA, 0, "a/b");
	contents_add(&c, CONTENTS_LINK, SHA, 3, "a.b");
	contents_add(&c, CONTENTS_FILE, SHA, 3, "a/c d/\303\244");
	contents_sort(&c);
	contents_write(&c, &b);
	assert_string_equal(b.data, "link " SHA " 3 a.b\n644 " SHA " 0 a/b\n644 " SHA
				    " 3 \"a/c d/\\303\\244\"\n"
				    "755 " SHA " 10 run\n");
	assert_int_equal(contents_parse(b.data, b.len, &back), 0);
	assert_int_equal(back.n, 4);
	assert_int_equal(contents_find(&back, "run")->size, 10);
	assert_null(contents_find(&back, "a"));
	contents_hash(&back, hash);
	hash_data(b.data, b.len, want);
	assert_string_equal(hash, want);
	contents_clear(&back);
	assert_int_equal(contents_parse("", 0, &back), 0);
	assert_int_equal(back.n, 0);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(contents_parse(bad[i], strlen(bad[i]), &back), ERR_CORRUPT);
	contents_clear(&c);
	buf_clear(&b);
}

static void date_is(const char *text, int64_t want, int want_zone)
{
	int64_t s = 0;
	int zone = 0;

	assert_int_equal(date_parse(text, &s, &zone), 0);
	assert_int_equal(s, want);
	assert_int_equal(zone, want_zone);
}

static void test_date(void **state)
{
	int64_t s;
	int zone;

	(void)state;
	date_is("@1234567890 +0100", 1234567890, 60);
	date_is("1234567890 -0130", 1234567890, -90);
	date_is("2026-01-02T03:04:05Z", 1767323045, 0);
	date_is("2026-01-02 04:04:05.25 +01:00", 1767323045, 60);
	date_is("Fri, 02 Jan 2026 05:04:05 +0200", 1767323045, 120);
	assert_int_equal(date_parse("yesterday", &s, &zone), ERR_INPUT);
	assert_int_equal(date_parse("2026", &s, &zone), ERR_INPUT);
	assert_int_equal(date_parse("", &s, &zone), ERR_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_quote),
		cmocka_unit_test(test_contents),
		cmocka_unit_test(test_date),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
