/* quickstart.c - tests of the sections that quickstart writes, and of the figures in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/spec/quickstart.h"

static json_t *json_of(const char *text)
{
	json_t *v = NULL;

	if (json_parse(text, strlen(text), "profile", &v) < 0)
		fail_msg("%s", error_text());
	return v;
}

static struct spec *spec_of(const char *text)
{
	struct spec *s;

	if (spec_parse(text, strlen(text), "Michfile", &s) < 0)
		fail_msg("%s\n%s", error_text(), text);
	return s;
}

#define ROWS "\"rows\":100,\"nulls\":0"
#define NUMBER(name, distinct)                                                           \
	"{\"name\":\"" name                                                              \
	"\",\"kind\":\"number\",\"type\":\"BIGINT\",\"splits\":{\"train\":{" ROWS        \
	",\"distinct\":" distinct "},\"test\":{" ROWS ",\"deviation\":44.6333,\"top\":[" \
	"{\"value\":1,\"count\":25}]}}}"
#define TEXT(name, distinct)                                                        \
	"{\"name\":\"" name                                                         \
	"\",\"kind\":\"text\",\"type\":\"VARCHAR\",\"splits\":{\"train\":{" ROWS    \
	",\"distinct\":" distinct "},\"test\":{" ROWS ",\"top\":[{\"value\":\"a\"," \
	"\"count\":40}]},\"validation\":{" ROWS "}}}"
#define PROFILE(columns) "{\"columns\":[" columns "]}"

static void expect(const char *profile, const char *label, enum spec_task task, const char *gate)
{
	json_t *v = json_of(profile);
	struct baseline b;

	assert_int_equal(baseline_read(v, label, &b), 0);
	assert_int_equal(b.task, task);
	assert_string_equal(b.gates.v[b.gates.n - 1], gate);
	baseline_clear(&b);
	json_decref(v);
}

static void refuse(const char *profile, const char *label, const char *why)
{
	json_t *v = json_of(profile);
	struct baseline b;

	assert_int_equal(baseline_read(v, label, &b), ERR_INPUT);
	assert_string_equal(error_text(), why);
	baseline_clear(&b);
	json_decref(v);
}

static void test_baseline(void **state)
{
	(void)state;
	expect(PROFILE(NUMBER("y", "50") "," NUMBER("x", "9")), "y", SPEC_TASK_REGRESSION,
	       "test.rmse < 44.4");
	expect(PROFILE(NUMBER("y", "2") "," NUMBER("x", "9")), "y", SPEC_TASK_BINARY,
	       "test.logloss < 0.5623");
	expect(PROFILE(TEXT("y", "3") "," NUMBER("x", "9")), "y", SPEC_TASK_MULTICLASS,
	       "test.accuracy > 0.4");
	refuse(PROFILE(NUMBER("arr_delay", "50") "," NUMBER("x", "9")), "ar_delay",
	       "there is no column 'ar_delay', did you mean 'arr_delay'?");
	refuse(PROFILE(NUMBER("y", "1") "," NUMBER("x", "9")), "y",
	       "the label 'y' is constant: there is nothing to learn");
	refuse(PROFILE(TEXT("y", "101") "," NUMBER("x", "9")), "y",
	       "the label 'y' has 101 different texts, at most 100 can be classes");
	refuse(PROFILE(NUMBER("y", "50") "," TEXT("id", "100")), "y",
	       "no column beside 'y' can teach anything about it");
}

static void test_sections(void **state)
{
	struct spec *s = spec_of("[dataset \"old\"]\nsource = old.csv\n");
	json_t *profile = json_of(PROFILE(TEXT("Arr Delay", "3") "," NUMBER("x", "9") "," TEXT(
		"id", "100") "," TEXT("a,b", "100")));
	struct buf text = BUF_INIT;
	struct quickstart q;
	struct baseline b;

	(void)state;
	buf_addstr(&text, "[dataset \"old\"]\nsource = old.csv");
	assert_int_equal(quickstart_init(&q, s, "data/Flights 2013.csv.zip", "Arr Delay", NULL), 0);
	assert_int_equal(baseline_read(profile, "Arr Delay", &b), 0);
	quickstart_add_dataset(&q, &text);
	quickstart_add_model(&q, &b, &text);
	assert_string_equal(
		text.data,
		"[dataset \"old\"]\n"
		"source = old.csv\n"
		"\n"
		"; each row finds its split by its own values\n"
		"[dataset \"flights_2013\"]\n"
		"\tsource = data/Flights 2013.csv.zip\n"
		"\tquery = \"SELECT * FROM source WHERE \\\"Arr Delay\\\" IS NOT NULL\"\n"
		"\tsplit = 75/15/10 by hash\n"
		"\tlabel = Arr Delay\n"
		"\n"
		"; a first model: change it and compare\n"
		"[model \"arr-delay\"]\n"
		"\tdataset = flights_2013\n"
		"\tlearner = xgboost\n"
		"\ttask = multiclass\n"
		"\tparam = max_depth=6\n"
		"\tparam = eta=0.2\n"
		"\tparam = rounds=100\n"
		"\tparam = early_stopping_rounds=20\n"
		"\t; these tell rows apart and teach nothing, or are no input\n"
		"\texclude = id\n"
		"\texclude = \"\\\"a,b\\\"\"\n"
		"\t; what guessing by the label alone would reach\n"
		"\tgate = \"test.accuracy > 0.4\"\n");
	spec_free(s);
	s = spec_of(text.data);
	assert_int_equal(s->n, 4);
	assert_string_equal(s->v[2]->exclude.v[1].text, "a,b");
	q.learner = "net";
	buf_reset(&text);
	quickstart_add_model(&q, &b, &text);
	assert_non_null(strstr(text.data, "\t; what it is not told"));
	assert_non_null(strstr(text.data, "\tlearner = net\n"));
	assert_null(strstr(text.data, "param ="));
	baseline_clear(&b);
	quickstart_clear(&q);
	assert_int_equal(quickstart_init(&q, s, "x.csv", "Arr Delay", NULL), 0);
	assert_string_equal(q.model, "x-arr-delay");
	quickstart_clear(&q);
	json_decref(profile);
	buf_clear(&text);
	spec_free(s);
}

static void test_names(void **state)
{
	struct spec *s = spec_of("[dataset \"flights\"]\nsource = a.csv\n");
	struct quickstart q;

	(void)state;
	assert_int_equal(quickstart_init(&q, s, "flights.csv", "y", NULL), ERR_EXISTS);
	assert_string_equal(error_text(), "Michfile:1: there is a [dataset \"flights\"] already");
	quickstart_clear(&q);
	assert_int_equal(quickstart_init(&q, s, "flights.csv", "y", "other"), 0);
	assert_string_equal(q.dataset, "other");
	assert_string_equal(q.model, "other-y");
	quickstart_clear(&q);
	assert_int_equal(quickstart_init(&q, s, "---.csv", "y", NULL), 0);
	assert_string_equal(q.dataset, "source");
	quickstart_clear(&q);
	assert_int_equal(quickstart_init(&q, s, "a@3", "y", "n"), 0);
	assert_string_equal(q.source, "./a@3");
	quickstart_clear(&q);
	assert_int_equal(quickstart_init(&q, s, "year=2013", "y", "n"), 0);
	assert_string_equal(q.source, "./year=2013");
	quickstart_clear(&q);
	assert_int_equal(quickstart_init(&q, s, "d/x.db:trips", "trips", NULL), 0);
	assert_string_equal(q.source, "d/x.db:trips");
	assert_string_equal(q.dataset, "trips");
	assert_string_equal(q.model, "trips-trips");
	quickstart_clear(&q);
	spec_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_baseline),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("quickstart", tests, NULL, NULL);
}
