/* detections.c - tests of lib/measure/detections by a hand-made case, and of charts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/measure/evaluation/chart.h"
#include "lib/measure/evaluation/detections.h"
#include "lib/measure/evaluation/evaluation.h"

/*
 * Two images at an IoU of 0.5. Cars: 3 hits, 1 false alarm, 1 miss. Persons: 1 hit, 2 false alarms, no
 * miss. Bikes: never seen, one was there.
 */
static const char LINES[] =
	"{\"matching\":\"IoU\",\"iou\":0.5}\n"
	"{\"item\":\"a\",\"class\":\"car\",\"hits\":2,\"false_alarms\":0,\"misses\":1,\"night\":false}\n"
	"\n"
	"{\"item\":\"a\",\"class\":\"person\",\"hits\":1,\"false_alarms\":0,\"misses\":0,\"night\":false}\r\n"
	"{\"item\":\"b\",\"class\":\"car\",\"hits\":1,\"false_alarms\":1,\"misses\":0,\"night\":true}\n"
	"{\"item\":\"b\",\"class\":\"person\",\"hits\":0,\"false_alarms\":2,\"misses\":0,\"night\":true}\n"
	"{\"item\":\"b\",\"class\":\"bike\",\"hits\":0,\"false_alarms\":0,\"misses\":1,\"night\":true}";

static json_t *evaluated(const char *text, const struct strlist *by, int samples)
{
	const struct detections_ask ask = { .split = "test",
					    .by = by,
					    .bootstrap = { .samples = samples, .threads = 2 } };
	struct detections d;
	json_t *doc;

	assert_int_equal(detections_parse(text, strlen(text), &d), 0);
	assert_int_equal(detections_evaluate(&d, &ask, &doc), 0);
	detections_clear(&d);
	return doc;
}

static void same_json(const json_t *v, const char *want)
{
	struct buf b = BUF_INIT;

	json_canonical(v, &b);
	assert_string_equal(b.data, want);
	buf_clear(&b);
}

static const json_t *group(const json_t *doc, size_t division, size_t i)
{
	return json_array_get(
		json_object_get(json_array_get(json_object_get(doc, "slices"), division), "groups"),
		i);
}

static void test_by_hand(void **state)
{
	struct strlist by = STRLIST_INIT;
	json_t *doc;

	(void)state;
	strlist_add(&by, "night");
	strlist_add(&by, "class * night");
	doc = evaluated(LINES, &by, 0);
	same_json(
		json_object_get(doc, "metrics"),
		"{\"f1\":0.6153846153846154,\"false_alarms\":3,\"hits\":4,\"items\":2,\"misses\":2,"
		"\"precision\":0.5714285714285714,\"recall\":0.6666666666666666}");
	same_json(json_object_get(doc, "detections"),
		  "{\"matching\":{\"iou\":0.5,\"matching\":\"IoU\"}}");
	same_json(group(doc, 0, 0),
		  "{\"metrics\":{\"f1\":0.0,\"false_alarms\":0,\"hits\":0,\"items\":1,\"misses\":1,"
		  "\"precision\":null,\"recall\":0.0},\"rows\":1,\"values\":[\"bike\"]}");
	same_json(
		group(doc, 0, 1),
		"{\"metrics\":{\"f1\":0.75,\"false_alarms\":1,\"hits\":3,\"items\":2,\"misses\":1,"
		"\"precision\":0.75,\"recall\":0.75},\"rows\":2,\"values\":[\"car\"]}");
	same_json(
		group(doc, 0, 2),
		"{\"metrics\":{\"f1\":0.5,\"false_alarms\":2,\"hits\":1,\"items\":2,\"misses\":0,"
		"\"precision\":0.3333333333333333,\"recall\":1.0},\"rows\":2,\"values\":[\"person\"]}");
	same_json(json_object_get(group(doc, 1, 0), "values"), "[\"false\"]");
	assert_int_equal(json_int(group(doc, 1, 1), "rows", 0), 1);
	same_json(json_object_get(group(doc, 2, 3), "values"), "[\"person\",\"false\"]");
	assert_string_equal(json_str(doc, "task", ""), "detection");
	assert_null(json_object_get(doc, "intervals"));
	json_decref(doc);
	strlist_clear(&by);
}

/* Whole items are drawn: of two equal ones every sample says the same, however their lines differ. */
static void test_items_are_drawn_whole(void **state)
{
	json_t *doc = evaluated("{\"item\":1,\"hits\":3,\"false_alarms\":0,\"misses\":0}\n"
				"{\"item\":1,\"hits\":0,\"false_alarms\":1,\"misses\":1}\n"
				"{\"item\":2,\"hits\":3,\"false_alarms\":1,\"misses\":1}\n",
				NULL, 50);

	(void)state;
	same_json(json_object_get(doc, "intervals"),
		  "{\"f1\":[0.75,0.75],\"precision\":[0.75,0.75],\"recall\":[0.75,0.75]}");
	assert_int_equal(json_int(doc, "rows", 0), 2);
	json_decref(doc);
}

static void refused(const char *text, const char *why)
{
	struct detections d;

	assert_int_equal(detections_parse(text, strlen(text), &d), ERR_INPUT);
	if (!strstr(error_text(), why))
		fail_msg("'%s' does not say '%s'", error_text(), why);
	detections_clear(&d);
}

#define COUNTS "{\"hits\":1,\"false_alarms\":0,\"misses\":0}\n"

static void test_refused(void **state)
{
	struct strlist by = STRLIST_INIT;
	const struct detections_ask ask = { .split = "test", .by = &by };
	struct detections d;
	json_t *doc;

	(void)state;
	refused("", "has no line with hits");
	refused("{\"iou\":0.5}\n", "has no line with hits");
	refused(COUNTS "{\"hits\":1,\"misses\":0}", "line 2: there is no 'false_alarms'");
	refused(COUNTS "{\"iou\":0.5}", "line 2: there is no 'hits'");
	refused("{\"hits\":-1,\"false_alarms\":0,\"misses\":0}", "'hits' is no whole number");
	refused("{\"hits\":1.5,\"false_alarms\":0,\"misses\":0}", "'hits' is no whole number");
	refused("{\"hits\":1,\"false_alarms\":0,\"misses\":0,\"box\":[1]}", "'box' is neither");
	refused("[1]", "no JSON object");
	refused("{\"hits\":", "cannot parse");
	strlist_add(&by, "nigth");
	assert_int_equal(detections_parse(LINES, strlen(LINES), &d), 0);
	assert_int_equal(detections_evaluate(&d, &ask, &doc), ERR_INPUT);
	assert_string_equal(error_hint_text(), "did you mean 'night'?");
	detections_clear(&d);
	strlist_clear(&by);
}

static int checked(const char *text)
{
	json_t *v = NULL;
	int rc;

	assert_int_equal(json_parse(text, strlen(text), "chart", &v), 0);
	rc = chart_check(v);
	json_decref(v);
	return rc;
}

static void bad_chart(const char *text, const char *why)
{
	assert_int_equal(checked(text), ERR_INPUT);
	assert_string_equal(error_text(), why);
}

static void test_charts(void **state)
{
	(void)state;
	assert_int_equal(checked("{\"y\":[1,null,2]}"), 0);
	assert_int_equal(checked("{\"type\":\"scatter\",\"x\":[1,2],\"y\":[3,4],\"title\":\"t\"}"),
			 0);
	assert_int_equal(
		checked("{\"type\":\"bar\",\"x\":[\"a\",\"b\"],\"series\":[{\"name\":\"s\","
			"\"y\":[3,4]},{\"x\":[\"c\"],\"y\":[1]}]}"),
		0);
	bad_chart("[1]", "it is no JSON object");
	bad_chart("{\"type\":\"pie\",\"y\":[1]}", "'type' is 'pie', want line, bar or scatter");
	bad_chart("{\"x\":[1]}", "there is no list 'y' of numbers");
	bad_chart("{\"x\":[1],\"y\":[1,2]}", "'x' has 1 values, 'y' 2");
	bad_chart("{\"y\":[1,\"2\"]}", "value 2 of 'y' is no number");
	bad_chart("{\"x\":[\"a\",2],\"y\":[1,2]}",
		  "value 2 of 'x' is no text, as the first one is");
	bad_chart("{\"type\":\"scatter\",\"x\":[\"a\"],\"y\":[1]}", "value 1 of 'x' is no number");
	bad_chart("{\"series\":[{\"y\":[1]},{\"y\":1}]}",
		  "series 2: there is no list 'y' of numbers");
	bad_chart("{\"title\":1,\"y\":[1]}", "'title' is no text");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_items_are_drawn_whole),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_charts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
