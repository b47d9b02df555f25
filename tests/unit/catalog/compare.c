/* compare.c - tests of what differs between two versions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "lib/base/json.h"
#include "lib/catalog/compare.h"

static json_t *parse(const char *text)
{
	json_t *v = NULL;

	assert_int_equal(json_parse(text, strlen(text), "test", &v), 0);
	return v;
}

static void check(const json_t *got, const char *want)
{
	json_t *v = parse(want);
	struct buf a = BUF_INIT, b = BUF_INIT;

	json_canonical(got, &a);
	json_canonical(v, &b);
	assert_string_equal(a.data, b.data);
	buf_clear(&a);
	buf_clear(&b);
	json_decref(v);
}

static void test_sections(void **state)
{
	json_t *a = parse(
		"{\"params\":{\"depth\":6,\"eta\":0.1,\"old\":\"x\"},\"recipe\":{\"seed\":1},"
		"\"inputs\":[{\"role\":\"data\",\"ref\":\"dataset/d@1\",\"id\":\"1a\",\"content\":\"c1\"},"
		"{\"role\":\"data\",\"ref\":\"x.csv\",\"content\":\"c9\"}],"
		"\"code\":{\"commit\":\"aaaa\",\"trees\":{\"t.py\":\"100644 1\",\"u.py\":\"100644 2\"}}}");
	json_t *b = parse(
		"{\"params\":{\"depth\":8,\"eta\":0.1},\"recipe\":{\"seed\":1.0},"
		"\"inputs\":[{\"role\":\"data\",\"ref\":\"dataset/d@2\",\"id\":\"2a\",\"content\":\"c2\"}],"
		"\"code\":{\"commit\":\"bbbb\",\"trees\":{\"t.py\":\"100644 3\",\"u.py\":\"100644 2\"}}}");
	json_t *am = parse("{\"test\":{\"rmse\":20.0,\"mae\":3.0}}"),
	       *bm = parse("{\"test\":{\"rmse\":18.0}}");
	struct compare_side x = { "model/m@1", "i1", "k1", a, am },
			    y = { "model/m@2", "i2", "k2", b, bm };
	json_t *c = compare_versions(&x, &y), *none = compare_versions(&x, &x);
	struct buf text = BUF_INIT;

	(void)state;
	check(json_object_get(c, "params"), "[{\"key\":\"depth\",\"before\":6,\"after\":8},"
					    "{\"key\":\"old\",\"before\":\"x\",\"after\":null}]");
	check(json_object_get(c, "recipe"), "[]");
	check(json_object_get(c, "metrics"),
	      "[{\"key\":\"test.rmse\",\"before\":20.0,\"after\":18.0,\"change\":-2.0},"
	      "{\"key\":\"test.mae\",\"before\":3.0,\"after\":null,\"change\":null}]");
	check(json_object_get(json_object_get(c, "code"), "paths"),
	      "[{\"path\":\"t.py\",\"before\":\"100644 1\",\"after\":\"100644 3\"}]");
	check(json_object_get(c, "inputs"),
	      "[{\"role\":\"data\",\"before\":{\"ref\":\"dataset/d@1\",\"id\":\"1a\",\"content\":\"c1\"},"
	      "\"after\":{\"ref\":\"dataset/d@2\",\"id\":\"2a\",\"content\":\"c2\"}},"
	      "{\"role\":\"data 2\",\"before\":{\"ref\":\"x.csv\",\"id\":null,\"content\":\"c9\"},\"after\":null}]");
	assert_false(compare_same(c));
	assert_true(compare_same(none));
	compare_text(c, &text);
	assert_string_equal(text.data, "model/m@1 -> model/m@2: other bytes\n"
				       "parameters\n"
				       "  depth  6 -> 8\n"
				       "  old    x -> (none)\n"
				       "inputs\n"
				       "  data    dataset/d@1 (c1) -> dataset/d@2 (c2)\n"
				       "  data 2  x.csv (c9) -> (none)\n"
				       "code\n"
				       "  changed  t.py\n"
				       "  git diff aaaa bbbb -- 't.py'\n"
				       "metrics\n"
				       "  test.rmse  20 -> 18  (-2, -10.00%)\n"
				       "  test.mae   3 -> (none)\n");
	buf_clear(&text);
	json_decref(a);
	json_decref(b);
	json_decref(am);
	json_decref(bm);
	json_decref(c);
	json_decref(none);
}

static void test_empty(void **state)
{
	struct compare_side x = { "a/b@1", "", "", NULL, NULL };
	json_t *c = compare_versions(&x, &x);

	(void)state;
	assert_true(compare_same(c));
	json_decref(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_sections),
					    cmocka_unit_test(test_empty) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
