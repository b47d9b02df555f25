/* report.c - tests of whole reports: documents that lie, hurt or are too large. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/json.h"
#include "lib/page/report.h"
#include "tests/lib/tags.h"

static const char EVIL[] =
	"\"><script>alert('x')</script><!-- \x01\x1b[2J & \xe2\x80\xae \xc3\xbc\xf0\x9f\x9a\x80 ]]>";

static json_t *evil(void)
{
	return json_string(EVIL);
}

/* A document with everything in it; the corpus of the fuzzer. */
static json_t *whole(void)
{
	json_t *doc = NULL;

	if (json_read("tests/fuzz/corpus/report/all.json", &doc) < 0)
		return NULL;
	return doc;
}

static void check(const json_t *doc)
{
	struct buf b = BUF_INIT;

	report_html(doc, &b);
	assert_true(tags_check(b.data) > 10);
	assert_null(strstr(b.data, "<script"));
	buf_reset(&b);
	report_junit(doc, &b);
	assert_true(tags_check(b.data) > 1);
	buf_reset(&b);
	report_markdown(doc, &b);
	assert_null(strstr(b.data, "<script"));
	buf_clear(&b);
}

/* Every text becomes one that would like to be more than a text; keys too. */
static json_t *poison(const json_t *v)
{
	json_t *out, *member;
	const char *key;
	size_t i;

	if (json_is_string(v))
		return evil();
	if (json_is_array(v)) {
		out = json_array();
		json_array_foreach((json_t *)v, i, member)
			json_array_append_new(out, poison(member));
		return out;
	}
	if (!json_is_object(v))
		return json_deep_copy(v);
	out = json_object();
	json_object_foreach((json_t *)v, key, member)
		json_object_set_new(out, key, poison(member));
	json_object_set_new(out, EVIL, json_real(1e308));
	return out;
}

static void test_poisoned(void **state)
{
	json_t *doc = whole(), *bad;

	(void)state;
	if (!doc)
		skip();
	bad = poison(doc);
	check(doc);
	check(bad);
	json_object_set(bad, "evaluations", json_object_get(doc, "evaluations"));
	check(bad);
	json_decref(bad);
	json_decref(doc);
}

/* Every number becomes one that hurts to calculate with, in turn. */
static json_t *inflate(const json_t *v, size_t *turn)
{
	static const double hard[] = { 1.7e308, -1.7e308, 5e-324, 0, -1, 1e100 };
	json_t *out, *member;
	const char *key;
	size_t i;

	if (json_is_number(v))
		return json_real(hard[(*turn)++ % 6]);
	if (json_is_array(v)) {
		out = json_array();
		json_array_foreach((json_t *)v, i, member)
			json_array_append_new(out, inflate(member, turn));
		return out;
	}
	if (!json_is_object(v))
		return json_deep_copy(v);
	out = json_object();
	json_object_foreach((json_t *)v, key, member)
		json_object_set_new(out, key, inflate(member, turn));
	return out;
}

static void test_hard_numbers(void **state)
{
	static const char *const corpus[] = { "all", "reg", "multi" };
	char path[64];

	(void)state;
	for (size_t i = 0; i < 3; i++)
		for (size_t turn = 0; turn < 7; turn++) {
			json_t *doc = NULL, *bad;
			size_t at = turn;

			snprintf(path, sizeof path, "tests/fuzz/corpus/report/%s.json", corpus[i]);
			if (json_read(path, &doc) < 0)
				skip();
			bad = inflate(doc, &at);
			check(bad);
			json_decref(bad);
			json_decref(doc);
		}
}

/* Each member, wherever it is, becomes of each other type in turn. */
static void test_wrong_types(void **state)
{
	static const char *const others[] = { "null",  "true", "-1", "1e308",
					      "\"x\"", "[]",   "{}", "[[1,\"a\"],{}]" };
	json_t *doc = whole(), *member;
	const char *key;

	(void)state;
	if (!doc)
		skip();
	json_object_foreach(doc, key, member)
		for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
			json_t *copy = json_deep_copy(doc), *other = NULL, *at, *inner;
			const char *name;

			assert_int_equal(json_parse(others[i], strlen(others[i]), "x", &other), 0);
			json_object_set(copy, key, other);
			check(copy);
			at = json_is_array(member) ? json_array_get(member, 0) : member;
			json_object_foreach(at, name, inner) {
				json_t *again = json_deep_copy(doc),
				       *to = json_object_get(again, key);

				to = json_is_array(to) ? json_array_get(to, 0) : to;
				json_object_set(to, name, other);
				check(again);
				json_decref(again);
			}
			json_decref(other);
			json_decref(copy);
		}
	json_decref(doc);
}

static json_t *group(int i, int columns)
{
	json_t *values = json_array();

	for (int c = 0; c < columns; c++)
		json_array_append_new(
			values, json_sprintf("value %d of many, and longer than it should be", i));
	return json_pack("{s:o,s:i,s:{s:f},s:{s:[f,f]}}", "values", values, "rows", i * 17 % 5000,
			 "metrics", "rmse", 10 + i % 13 * 0.7, "intervals", "rmse", 9.0, 20.0);
}

static void test_many_slices(void **state)
{
	json_t *groups = json_array(), *slices = json_array(), *doc;
	struct buf b = BUF_INIT;

	(void)state;
	for (int i = 0; i < 3000; i++)
		json_array_append_new(groups, group(i, 2));
	for (int i = 0; i < 200; i++)
		json_array_append_new(slices, json_pack("{s:[s,s],s:[b,b],s:O}", "by", "a", "b",
							"binned", 0, 1, "groups", groups));
	doc = json_pack("{s:s,s:[{s:s,s:{s:{s:f}},s:{s:s,s:s,s:o}}]}", "ref", "model/m@1",
			"evaluations", "ref", "eval/m@1", "metrics", "test", "rmse", 12.5,
			"evaluation", "task", "regression", "split", "test", "slices", slices);
	report_html(doc, &b);
	assert_true(tags_check(b.data) > 1000);
	assert_non_null(strstr(b.data, ">3,000</data> are shown."));
	assert_true(b.len < 40 << 20);
	buf_clear(&b);
	json_decref(doc);
	json_decref(groups);
}

static void test_nothing(void **state)
{
	json_t *doc = json_object();

	(void)state;
	check(doc);
	json_decref(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_poisoned),
					    cmocka_unit_test(test_wrong_types),
					    cmocka_unit_test(test_hard_numbers),
					    cmocka_unit_test(test_many_slices),
					    cmocka_unit_test(test_nothing) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
