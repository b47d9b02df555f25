/* html.c - tests of escaping and of well-formed output. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "lib/page/html.h"

static void check(const char *text, size_t n, const char *want)
{
	struct buf b = BUF_INIT;

	html_escape(text, n, &b);
	assert_string_equal(b.data, want);
	buf_clear(&b);
}

static void test_escape(void **state)
{
	(void)state;
	check("<script>alert('x')</script>", 27, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
	check("a \"b\" & c", 9, "a &quot;b&quot; &amp; c");
	check("tab\tline\n", 9, "tab\tline\n");
	check("\x1b[31m\r", 6, "\xe2\x90\x9b[31m\xe2\x90\x8d");
	check("a\0b", 3,
	      "a\xe2\x90\x80"
	      "b");
	check("\x7f", 1, "\xef\xbf\xbd");
	check("Z\xc3\xbcrich \xf0\x9f\x9a\x80", 12, "Z\xc3\xbcrich \xf0\x9f\x9a\x80");
}

static void test_no_text(void **state)
{
	(void)state;
	check("\xff\xc3", 2, "\xef\xbf\xbd\xef\xbf\xbd");
	check("\xe2\x80\xae", 3, "\xef\xbf\xbd"); /* right to left from here on */
	check("\xef\xbf\xbf", 3, "\xef\xbf\xbd"); /* U+FFFF */
	check("\xc2\x85", 2, "\xef\xbf\xbd");	  /* C1 */
	check("\xed\xa0\x80", 3,
	      "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"); /* half a surrogate pair */
}

static void test_elements(void **state)
{
	struct buf b = BUF_INIT;
	struct html h;

	(void)state;
	html_begin(&h, &b);
	html_open(&h, "p");
	html_attr(&h, "title", "\"><script>");
	html_open(&h, "br");
	html_close(&h);
	html_textf(&h, "%s", "<b>");
	html_open(&h, "span");
	html_close(&h);
	html_end(&h);
	assert_string_equal(
		b.data, "<p title=\"&quot;&gt;&lt;script&gt;\"><br/>&lt;b&gt;<span></span></p>");
	buf_clear(&b);
}

static void test_short(void **state)
{
	struct buf b = BUF_INIT;
	struct html h;

	(void)state;
	html_begin(&h, &b);
	html_short(&h, "\xc3\xbc\xc3\xbc\xc3\xbc", 3);
	assert_string_equal(b.data, "\xc3\xbc\xc3\xbc\xc3\xbc");
	buf_reset(&b);
	html_short(&h, "\xc3\xbc\xc3\xbc\xc3\xbc", 2);
	assert_string_equal(b.data, "<span title=\"\xc3\xbc\xc3\xbc\xc3\xbc\">\xc3\xbc\xc3\xbc"
				    "\xe2\x80\xa6</span>");
	buf_clear(&b);
}

static void test_too_deep(void **state)
{
	struct buf b = BUF_INIT;
	struct html h;

	(void)state;
	html_begin(&h, &b);
	for (int i = 0; i < HTML_DEPTH + 10; i++)
		html_open(&h, "div");
	html_end(&h);
	assert_int_equal(h.depth, 0);
	buf_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_escape),
					    cmocka_unit_test(test_no_text),
					    cmocka_unit_test(test_elements),
					    cmocka_unit_test(test_short),
					    cmocka_unit_test(test_too_deep) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
