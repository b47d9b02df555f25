/* desk.c - everything that scores nothing: metadata, health, /metrics; and models that change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>

#include "lib/base/json.h"
#include "tests/lib/desktop.h"

static struct desktop t;
static struct contract c = CONTRACT_INIT;
static const struct grown forest = { "reg:squarederror", 0, 0, 5, 3, -1, 3, 1 };
static const struct grown other = { "reg:squarederror", 0, 0, 5, 3, -1, 3, 2 };

static int set_up(void **state)
{
	(void)state;
	desktop_open(&t);
	c.task = TASK_REGRESSION;
	contract_add(&c, "x", FRAME_DOUBLE);
	dict_add(&contract_add(&c, "odd \"name\"", FRAME_STRING)->categories, "a");
	desktop_put(&t, "eta", "2.1", &forest, &c);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	desktop_close(&t);
	contract_clear(&c);
	return 0;
}

static const char *said(void)
{
	return t.answer.body.data;
}

static json_t *parsed(void)
{
	json_t *v = NULL;

	assert_int_equal(json_parse(said(), t.answer.body.len, "answer", &v), 0);
	return v;
}

static void server_and_models(void **state)
{
	json_t *v, *inputs;

	(void)state;
	assert_int_equal(desktop_get(&t, "/v2"), 200);
	assert_non_null(strstr(said(), "\"binary_tensor_data\""));
	assert_int_equal(desktop_get(&t, "/v2/models/eta"), 200);
	v = parsed();
	inputs = json_object_get(v, "inputs");
	assert_int_equal(json_array_size(inputs), 2);
	assert_string_equal(json_str(json_array_get(inputs, 1), "name", ""), "odd \"name\"");
	assert_string_equal(json_str(json_array_get(inputs, 1), "datatype", ""), "BYTES");
	json_decref(v);
	assert_int_equal(desktop_get(&t, "/v2/models/eta/versions/2.1?x=1"), 200);
	assert_int_equal(desktop_get(&t, "/v2/models/et%61/versions/2.1/ready"), 200);
	assert_string_equal(said(), "{\"name\":\"eta\",\"ready\":true}");
	assert_int_equal(desktop_get(&t, "/v2/models/eta/config"), 200);
	assert_int_equal(desktop_get(&t, "/v2/models/eta/stats"), 200);
	assert_int_equal(desktop_get(&t, "/v2/models/stats"), 200);
	assert_int_equal(desktop_get(&t, "/v1/models"), 200);
	assert_string_equal(said(), "{\"models\":[\"eta\"]}");
	assert_int_equal(desktop_get(&t, "/v1/models/eta"), 200);
	assert_int_equal(desktop_post(&t, "/v2/repository/index", "{}"), 200);
	assert_string_equal(
		said(),
		"[{\"name\":\"eta\",\"version\":\"2.1\",\"state\":\"READY\",\"reason\":\"\"}]");
	assert_int_equal(desktop_post(&t, "/v2/repository/models/eta/unload", "{}"), 400);
	assert_int_equal(desktop_get(&t, "/v2/models/%zz"), 404);
	assert_int_equal(desktop_get(&t, "/v2/models/eta%00"), 404);
	assert_int_equal(desktop_get(&t, "/v2/models/eta/what"), 404);
	assert_int_equal(desktop_get(&t, "/v2models"), 404);
	assert_int_equal(desktop_get(&t, "/"), 404);
	assert_int_equal(desktop_get(&t, ""), 404);
	assert_int_equal(desktop_post(&t, "/v2", ""), 405);
	assert_string_equal(desktop_sent(&t, "allow"), "GET, HEAD");
}

static void health(void **state)
{
	static const char *const paths[] = { "/ping", "/health", "/v2/health/ready",
					     "/v2/models/eta/ready" };

	(void)state;
	for (int ready = 1; ready >= 0; ready--) {
		fleet_set_ready(t.fleet, ready);
		for (size_t i = 0; i < ARRAY_LEN(paths); i++)
			assert_int_equal(desktop_get(&t, paths[i]), ready ? 200 : 503);
		assert_int_equal(desktop_get(&t, "/v2/health/live"), 200);
	}
	fleet_set_ready(t.fleet, true);
	assert_int_equal(desktop_get(&t, "/version"), 200);
}

/* The number behind a line of /metrics; -1: no such line. */
static double metric(const char *line)
{
	assert_int_equal(desktop_get(&t, "/metrics"), 200);
	for (const char *p = said(); *p; p += strcspn(p, "\n") + 1)
		if (!strncmp(p, line, strlen(line)))
			return strtod(p + strlen(line), NULL);
	return -1;
}

static void infer(int want)
{
	static const char body[] =
		"{\"inputs\":[{\"name\":\"x\",\"shape\":[2],\"datatype\":\"FP64\",\"data\":[1,2]},"
		"{\"name\":\"odd \\\"name\\\"\",\"shape\":[2],\"datatype\":\"BYTES\",\"data\":[\"b\",\"a\"]}]}";

	assert_int_equal(desktop_post(&t, "/v2/models/eta/infer", body), want);
}

static void metrics(void **state)
{
	(void)state;
	infer(200);
	desktop_post(&t, "/v2/models/eta/infer", "{");
	desktop_post(&t, "/v2/models/nobody/infer", "{");
	assert_true(metric("mich_requests_total{model=\"eta\",version=\"2.1\",protocol=\"v2\"} ") ==
		    2);
	assert_true(
		metric("mich_request_errors_total{model=\"eta\",version=\"2.1\",kind=\"malformed\"} ") ==
		1);
	assert_true(
		metric("mich_request_errors_total{model=\"\",version=\"\",kind=\"not_found\"} ") >=
		1);
	assert_true(metric("mich_rows_total{model=\"eta\",version=\"2.1\"} ") == 2);
	assert_true(metric("mich_out_of_contract_total{model=\"eta\",version=\"2.1\","
			   "column=\"odd \\\"name\\\"\",kind=\"unknown\"} ") == 1);
	assert_true(metric("nv_inference_request_success{model=\"eta\",version=\"2.1\"} ") == 1);
	assert_true(metric("nv_inference_count{model=\"eta\",version=\"2.1\"} ") == 2);
	assert_true(metric("request_predict_seconds_count{model_name=\"eta\"} ") == 1);
	assert_true(metric("mich_request_seconds_count{model=\"eta\",version=\"2.1\"} ") == 2);
	assert_true(metric("mich_in_flight{model=\"eta\",version=\"2.1\"} ") == 0);
	assert_true(metric("mich_serving{model=\"eta\",version=\"2.1\"} ") == 1);
	assert_true(metric("mich_ready ") == 1);
	assert_true(metric("process_resident_memory_bytes ") > 1e6);
}

/* Nothing runs backwards when a version is replaced and when it comes back. */
static void counts_go_on(void **state)
{
	(void)state;
	desktop_put(&t, "eta", "2.2", &other, &c);
	infer(200);
	assert_non_null(strstr(said(), "\"model_version\":\"2.2\""));
	assert_true(metric("mich_rows_total{model=\"eta\",version=\"2.1\"} ") == 2);
	assert_true(metric("mich_rows_total{model=\"eta\",version=\"2.2\"} ") == 2);
	assert_true(metric("mich_serving{model=\"eta\",version=\"2.1\"} ") == 0);
	assert_true(metric("request_predict_seconds_count{model_name=\"eta\"} ") == 2);
	desktop_put(&t, "eta", "2.1", &forest, &c);
	infer(200);
	assert_true(metric("mich_rows_total{model=\"eta\",version=\"2.1\"} ") == 4);
	fleet_set_trouble(t.fleet, "eta", "it is cut short");
	assert_true(metric("mich_switch_pending{model=\"eta\",version=\"2.1\"} ") == 1);
	assert_int_equal(desktop_post(&t, "/v2/repository/index", ""), 200);
	assert_non_null(strstr(said(), "\"reason\":\"it is cut short\""));
	fleet_set_trouble(t.fleet, "eta", NULL);
}

/* Every line of /metrics is a comment or a sample, and a family's samples stand together. */
static void metrics_are_well_formed(void **state)
{
	char family[80] = "";

	(void)state;
	assert_int_equal(desktop_get(&t, "/metrics"), 200);
	for (char *line = said()[0] ? t.answer.body.data : NULL; line && *line;) {
		char *end = strchr(line, '\n'), *value;

		assert_non_null(end);
		*end = '\0';
		if (!strncmp(line, "# TYPE ", 7)) {
			snprintf(family, sizeof family, "%.*s", (int)strcspn(line + 7, " "),
				 line + 7);
		} else if (*line != '#') {
			assert_int_equal(strncmp(line, family, strlen(family)), 0);
			value = strrchr(line, ' ');
			assert_non_null(value);
			strtod(value + 1, &value);
			assert_int_equal(*value, '\0');
		}
		line = end + 1;
	}
}

/* More rows, or values, than a request may have. */
static void too_large(void **state)
{
	struct desk *small = desk_new(t.fleet, &(struct desk_opts){ .max_rows = 3 }),
		    *desk = t.desk;

	(void)state;
	t.desk = small;
	assert_int_equal(
		desktop_post(&t, "/invocations", "{\"instances\":[[1,\"a\"],[1,\"a\"],[1,\"a\"]]}"),
		200);
	assert_int_equal(desktop_post(&t, "/invocations",
				      "{\"instances\":[[1,\"a\"],[1,\"a\"],[1,\"a\"],[1,\"a\"]]}"),
			 413);
	assert_string_equal(t.answer.error_kind, "too_large");
	desk_free(small);
	small = desk_new(t.fleet, &(struct desk_opts){ .max_cells = 5 });
	t.desk = small;
	assert_int_equal(
		desktop_post(&t, "/invocations",
			     "{\"inputs\":{\"x\":[1,2,3],\"odd \\\"name\\\"\":[null,null,null]}}"),
		413);
	desk_free(small);
	t.desk = desk;
}

struct worker {
	struct desktop t;
	pthread_t thread;
	int failed;
};

static atomic_bool stop;

/* As a server's worker: asks and asks, while the model is replaced under it. */
static void *work(void *payload)
{
	struct worker *w = payload;

	while (!atomic_load(&stop)) {
		int status = desktop_post(&w->t, "/invocations", "{\"instances\":[[1,\"a\"]]}");

		w->failed += status != 200 || !strstr(w->t.answer.body.data, "predictions");
	}
	return NULL;
}

static void switched_under_load(void **state)
{
	struct worker w[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		w[i] = (struct worker){ .t = { .fleet = t.fleet, .answer = ANSWER_INIT } };
		w[i].t.desk = desk_new(t.fleet, &(struct desk_opts){ .shard = i });
		pthread_create(&w[i].thread, NULL, work, &w[i]);
	}
	for (int i = 0; i < 60; i++) {
		desktop_put(&t, "eta", i % 2 ? "2.1" : "2.2", i % 2 ? &forest : &other, &c);
		desktop_get(&t, "/metrics");
	}
	atomic_store(&stop, true);
	for (int i = 0; i < 3; i++) {
		pthread_join(w[i].thread, NULL);
		assert_int_equal(w[i].failed, 0);
		desk_free(w[i].t.desk);
		exchange_clear(&w[i].t.answer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(server_and_models),
		cmocka_unit_test(health),
		cmocka_unit_test(metrics),
		cmocka_unit_test(counts_go_on),
		cmocka_unit_test(metrics_are_well_formed),
		cmocka_unit_test(too_large),
		cmocka_unit_test(switched_under_load),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
