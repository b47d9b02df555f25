/* invocations.c - MLflow's scoring server and KServe v1: every shape of rows, every error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/base/json.h"
#include "tests/lib/desktop.h"

static struct desktop t;
static struct contract c = CONTRACT_INIT, one = CONTRACT_INIT, classes = CONTRACT_INIT;

static int set_up(void **state)
{
	struct contract_column *col;

	(void)state;
	desktop_open(&t);
	c.task = TASK_REGRESSION;
	contract_add(&c, "x", FRAME_DOUBLE)->nullable = true;
	col = contract_add(&c, "carrier", FRAME_STRING);
	col->nullable = true;
	dict_add(&col->categories, "AA");
	dict_add(&col->categories, "UA");
	contract_add(&c, "n", FRAME_INT);
	desktop_put(&t, "eta", "3", &(struct grown){ "reg:squarederror", 0, 0, 12, 4, -1, 3, 1 },
		    &c);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	desktop_close(&t);
	contract_clear(&c);
	contract_clear(&one);
	contract_clear(&classes);
	return 0;
}

static const char *said(void)
{
	return t.answer.body.data;
}

static const char INVOKE[] = "/invocations", PREDICT[] = "/v1/models/eta:predict";
static const char ROWS[] = "[{\"x\":0.5,\"carrier\":\"UA\",\"n\":1},{\"n\":2,\"x\":1.5},"
			   "{\"carrier\":\"AA\",\"x\":null,\"n\":-3.0,\"other\":[1,{}]}]";
static char expected[256];

static void as_expected(const char *path, const char *type, const char *body)
{
	char headers[128];

	snprintf(headers, sizeof headers, "content-type: %s", type);
	if (desktop_bytes(&t, "POST", path, headers, body, strlen(body)) != 200)
		fail_msg("%s: %s", body, said());
	if (strcmp(said(), expected) != 0)
		fail_msg("%s: %s, want %s", body, said(), expected);
}

static void every_shape(void **state)
{
	char body[512];

	(void)state;
	snprintf(body, sizeof body, "{\"dataframe_records\":%s}", ROWS);
	assert_int_equal(desktop_post(&t, INVOKE, body), 200);
	assert_int_equal(t.answer.rows, 3);
	snprintf(expected, sizeof expected, "%s", said());
	assert_non_null(strstr(expected, "{\"predictions\":["));
	assert_string_equal(desktop_sent(&t, "x-mich-model"), "eta@3");
	snprintf(body, sizeof body, "{\"instances\":%s}", ROWS);
	as_expected(INVOKE, "application/json", body);
	as_expected(PREDICT, "application/json", body);
	snprintf(body, sizeof body, "{\"inputs\":%s,\"params\":{}}", ROWS);
	as_expected("/models/eta/invocations", "application/json; charset=UTF-8", body);
	as_expected(
		INVOKE, "application/json",
		"{\"dataframe_split\":{\"index\":[0,1,2],\"columns\":[\"n\",\"z\",\"x\",\"carrier\"],"
		"\"data\":[[1,9,0.5,\"UA\"],[2,\"\",1.5,null],[-3,{},NaN,\"AA\"]]}}");
	as_expected(INVOKE, "application/json",
		    "{\"dataframe_split\":{\"data\":[[0.5,\"UA\",1],[1.5,null,2],[null,\"AA\",-3]],"
		    "\"columns\":[\"x\",\"carrier\",\"n\"]}}");
	as_expected(INVOKE, "application/json",
		    "{\"dataframe_split\":{\"columns\":[0,1,2],"
		    "\"data\":[[0.5,\"UA\",1],[1.5,null,2],[null,\"AA\",-3]]}}");
	as_expected(INVOKE, "application/json",
		    "{\"inputs\":{\"carrier\":[\"UA\",null,\"AA\"],\"x\":[[0.5],[1.5],[NaN]],"
		    "\"n\":[1,2,-3],\"k\":7}}");
	as_expected(INVOKE, "application/json",
		    "{\"inputs\":[[0.5,\"UA\",1],[1.5,null,2],[null,\"AA\",-3]]}");
	as_expected(
		PREDICT, "",
		"{\"signature_name\":\"x\",\"instances\":[[0.5,\"UA\",1],[1.5,null,2],[null,\"AA\",-3]]}");
	as_expected(
		PREDICT, "",
		"{\"inputs\":{\"carrier\":[\"UA\",null,\"AA\"],\"x\":[0.5,1.5,NaN],\"n\":[1,2,-3]}}");
	as_expected(INVOKE, "text/csv", "n,z,x,carrier\n1,9,0.5,UA\n2,,1.5,\n-3,,NA,AA\n");
	as_expected("/serving-endpoints/eta/invocations", "text/csv ;charset=utf-8",
		    "x,carrier,n\r\n0.5,UA,1\r\n1.5,,2\r\n,AA,-3");
}

static void one_row_and_none(void **state)
{
	char *first;

	(void)state;
	assert_int_equal(
		desktop_post(&t, INVOKE, "{\"inputs\":{\"x\":1,\"carrier\":\"UA\",\"n\":1}}"), 200);
	first = xstrdup(said());
	assert_int_equal(desktop_post(&t, INVOKE, "{\"instances\":[[1,\"UA\",1]]}"), 200);
	assert_string_equal(first, said());
	free(first);
	assert_int_equal(desktop_post(&t, INVOKE, "{\"instances\":[]}"), 200);
	assert_string_equal(said(), "{\"predictions\":[]}");
	assert_int_equal(desktop_post(&t, INVOKE, "{\"dataframe_records\":[]}"), 200);
	assert_int_equal(
		desktop_bytes(&t, "POST", INVOKE, "content-type: text/csv", "x,carrier,n\n", 12),
		200);
	assert_string_equal(said(), "{\"predictions\":[]}");
}

static void refused(const char *type, const char *body, int status, const char *text)
{
	char headers[128];
	json_t *v = NULL;

	snprintf(headers, sizeof headers, "content-type: %s", type);
	if (desktop_bytes(&t, "POST", INVOKE, headers, body, strlen(body)) != status ||
	    !strstr(t.answer.error, text))
		fail_msg("%s: %d %s", body, t.answer.status, said());
	if (status == 415)
		return;
	assert_int_equal(json_parse(said(), t.answer.body.len, "answer", &v), 0);
	assert_string_equal(json_str(v, "error_code", ""), "BAD_REQUEST");
	assert_string_equal(json_str(v, "message", ""), t.answer.error);
	json_decref(v);
}

static void refusals(void **state)
{
	static const char J[] = "application/json";

	(void)state;
	refused(J, "[]", 400, "exactly one of");
	refused(J, "{}", 400, "it has none");
	refused(J, "{\"inputs\":[],\"instances\":[]}", 400, "it has two");
	refused(J, "{\"inputs\":{\"x\":[1]", 400, "malformed JSON at byte 18");
	refused(J, "{\"inputs\":{\"x\":[1,2],\"n\":[1],\"carrier\":[\"UA\"]}}", 400,
		"column 'n' has fewer rows");
	refused(J, "{\"inputs\":{\"x\":[1],\"n\":[1,2]}}", 400, "column 'n' has more rows");
	refused(J, "{\"inputs\":{\"x\":[[1,2]]}}", 400, "several values");
	refused(J, "{\"inputs\":{\"x\":[1],\"x\":[1]}}", 400, "given twice");
	refused(J, "{\"inputs\":[1,2,3]}", 400, "takes 3 columns");
	refused(J, "{\"instances\":[[1,\"UA\"]]}", 400, "row 1 has 2 values, want 3");
	refused(J, "{\"instances\":[[1,\"UA\",1],[1,\"UA\",1,1]]}", 400, "row 2 has more than 3");
	refused(J, "{\"instances\":[[1,\"UA\",1],{}]}", 400, "row 2 is no list");
	refused(J, "{\"instances\":[{\"x\":1},[]]}", 400, "row 2 is no object");
	refused(J, "{\"instances\":[{\"x\":1,\"x\":2}]}", 400,
		"row 1: column 'x' stands there twice");
	refused(J, "{\"instances\":[{\"x\":\"1\"}]}", 400,
		"row 1: column 'x' holds '1', want double");
	refused(J, "{\"instances\":[{\"carrier\":1}]}", 400,
		"row 1: column 'carrier' holds a number");
	refused(J, "{\"instances\":[{\"n\":[1]}]}", 400, "row 1: column 'n' holds a list");
	refused(J, "{\"instances\":[{\"n\":1,\"x\":1}]}", 400,
		"column 'carrier' (string) is missing");
	refused(J, "{\"dataframe_split\":{\"columns\":[\"x\",\"x\"],\"data\":[]}}", 400,
		"given twice");
	refused(J, "{\"dataframe_split\":{\"columns\":[0,1],\"data\":[]}}", 400, "there must be 3");
	refused(J, "{\"dataframe_split\":{\"columns\":[\"x\"]}}", 400, "no 'data'");
	refused(J, "{\"dataframe_split\":{\"data\":[]}}", 400, "no 'columns'");
	refused("text/csv", "x,carrier,n\n1,UA,y\n", 400, "column 'n' holds 'y', want int");
	refused("text/csv", "x,n\n1,2\n", 400, "carrier");
	refused("text/csv", "", 400, "header");
	refused("application/json; charset=latin1", "{}", 415, "UTF-8");
	refused("application/vnd.apache.parquet", "{}", 415, "not 'application/vnd");
	assert_string_equal(t.answer.type, "text/plain; charset=utf-8");
	assert_int_equal(desktop_bytes(&t, "POST", INVOKE, "", "{}", 2), 415);
	assert_int_equal(desktop_get(&t, INVOKE), 405);
	assert_int_equal(desktop_post(&t, "/v1/models/x:predict", "{}"), 404);
	assert_int_equal(desktop_post(&t, PREDICT, "{}"), 400);
	assert_non_null(strstr(said(), "{\"error\":\"the request has no instances"));
}

static void malformed_at_every_byte(void **state)
{
	static const char bytes[] = "\0\"\\{}[],:x0-9.eE \n\x80\xff";
	char text[600];
	size_t n = (size_t)snprintf(text, sizeof text, "{\"dataframe_records\":%s}", ROWS);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		char *body = xmalloc(n);

		memcpy(body, text, n);
		assert_int_equal(desktop_bytes(&t, "POST", INVOKE, "content-type: application/json",
					       body, i),
				 400);
		assert_string_equal(t.answer.error_kind, "malformed");
		for (size_t k = 0; k < sizeof bytes - 1; k++) {
			body[i] = bytes[k];
			desktop_bytes(&t, "POST", INVOKE, "content-type: application/json", body,
				      n);
			assert_true(t.answer.status == 200 || t.answer.status == 400);
			desktop_bytes(&t, "POST", INVOKE, "content-type: text/csv", body, n);
			assert_int_equal(t.answer.status, 400);
		}
		free(body);
	}
}

/* A column alone takes plain numbers; a classifier gives records. */
static void one_column_and_classes(void **state)
{
	(void)state;
	contract_add(&one, "v", FRAME_DOUBLE)->nullable = true;
	desktop_put(&t, "one", "1", &(struct grown){ "reg:squarederror", 0, 0, 3, 2, -1, 3, 4 },
		    &one);
	assert_int_equal(
		desktop_post(&t, "/models/one/invocations", "{\"instances\":[1,2.5,null]}"), 200);
	assert_int_equal(t.answer.rows, 3);
	assert_int_equal(desktop_post(&t, "/models/one/invocations", "{\"inputs\":[[1],[2]]}"),
			 200);
	assert_int_equal(desktop_post(&t, INVOKE, "{\"instances\":[]}"), 404);
	assert_non_null(strstr(said(), "/models/NAME/invocations"));
	classes.task = TASK_MULTICLASS;
	classes.label_type = FRAME_INT;
	strlist_add(&classes.classes, "3");
	strlist_add(&classes.classes, "5");
	strlist_add(&classes.classes, "8");
	contract_add(&classes, "v", FRAME_DOUBLE);
	desktop_put(&t, "classes", "1", &(struct grown){ "multi:softprob", 3, 0, 9, 2, -1, 3, 5 },
		    &classes);
	assert_int_equal(
		desktop_post(&t, "/v1/models/classes:predict", "{\"instances\":[{\"v\":1}]}"), 200);
	assert_non_null(strstr(said(), "{\"predictions\":[{\"prediction\":"));
	assert_non_null(strstr(said(), ",\"probability_5\":0."));
	assert_int_equal(fleet_remove(t.fleet, "one"), 0);
	assert_int_equal(fleet_remove(t.fleet, "classes"), 0);
	desk_sync(t.desk);
	assert_int_equal(desktop_post(&t, INVOKE, "{\"instances\":[]}"), 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_shape),
		cmocka_unit_test(one_row_and_none),
		cmocka_unit_test(refusals),
		cmocka_unit_test(malformed_at_every_byte),
		cmocka_unit_test(one_column_and_classes),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
