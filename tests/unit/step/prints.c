/* prints.c - tests of what two prints differ in, and of how a person is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "lib/step/difference.h"

static json_t *parse(const char *text)
{
	json_t *v = json_loads(text, 0, NULL);

	assert_non_null(v);
	return v;
}

/* All rows of two prints, each on a line. */
static void want(const char *before, const char *after, const char *lines)
{
	json_t *a = parse(before), *b = parse(after), *rows = difference_of_prints(a, b), *row;
	char got[512] = "";
	size_t i;

	json_array_foreach(rows, i, row) {
		char *text = difference_text(row);

		strncat(got, text, sizeof(got) - strlen(got) - 1);
		strncat(got, "\n", sizeof(got) - strlen(got) - 1);
		free(text);
	}
	assert_string_equal(got, lines);
	json_decref(rows);
	json_decref(a);
	json_decref(b);
}

static void test_number_of_mich(void **state)
{
	json_t *row = parse("{\"what\":\"dataset/t: step\",\"before\":1,\"after\":2}");
	char *text = difference_text(row);

	(void)state;
	assert_string_equal(text, "dataset/t: how mich itself makes it: 1 -> 2");
	free(text);
	json_decref(row);
	want("{\"step\":2}", "{\"step\":3}", "how mich itself makes it: 2 -> 3\n");
	want("{\"params\":{\"step\":2}}", "{\"params\":{\"step\":3}}", "param step: 2 -> 3\n");
}

/* The engine of a final model is asked only when the members are there. */
static void test_engine_not_asked(void **state)
{
	static const char made[] = "{\"engines\":{\"xgboost\":\"3.2\"},\"inputs\":["
				   "{\"role\":\"dataset\",\"content\":\"0123456789abcdef\"}]}";

	(void)state;
	want(made, "{\"engines\":{},\"inputs\":[{\"role\":\"dataset\",\"content\":null}]}",
	     "input dataset: 0123456789ab -> not made\n");
	want(made,
	     "{\"engines\":{\"xgboost\":\"3.3\"},\"inputs\":[{\"role\":\"dataset\",\"content\":null}]}",
	     "engine xgboost: 3.2 -> 3.3\ninput dataset: 0123456789ab -> not made\n");
	want(made,
	     "{\"engines\":{},\"inputs\":[{\"role\":\"dataset\",\"content\":\"0123456789abcdef\"}]}",
	     "engine xgboost: 3.2 -> (none)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_number_of_mich),
		cmocka_unit_test(test_engine_not_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
