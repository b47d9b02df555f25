/* infer.c - the Open Inference Protocol: what is asked, what comes back, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <zlib.h>

#include "lib/base/json.h"
#include "tests/lib/desktop.h"

static struct desktop t;
static struct contract numbers = CONTRACT_INIT, mixed = CONTRACT_INIT;

static int set_up(void **state)
{
	struct contract_column *c;

	(void)state;
	desktop_open(&t);
	numbers.task = TASK_REGRESSION;
	contract_add(&numbers, "a", FRAME_DOUBLE)->nullable = true;
	contract_add(&numbers, "b", FRAME_DOUBLE)->nullable = true;
	contract_add(&numbers, "n", FRAME_INT)->nullable = true;
	mixed.task = TASK_BINARY;
	mixed.label_type = FRAME_STRING;
	strlist_add(&mixed.classes, "no");
	strlist_add(&mixed.classes, "yes");
	contract_add(&mixed, "x", FRAME_DOUBLE);
	c = contract_add(&mixed, "carrier", FRAME_STRING);
	dict_add(&c->categories, "AA");
	dict_add(&c->categories, "UA");
	contract_add(&mixed, "t", FRAME_TIME);
	contract_add(&mixed, "late", FRAME_BOOL);
	desktop_put(&t, "eta", "2.1", &(struct grown){ "reg:squarederror", 0, 0, 10, 3, -2, 2, 1 },
		    &numbers);
	mixed.mode = CONTRACT_REJECT;
	desktop_put(&t, "late", "7", &(struct grown){ "binary:logistic", 0, 0, 10, 3, -1, 3, 2 },
		    &mixed);
	mixed.mode = CONTRACT_WARN;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	desktop_close(&t);
	contract_clear(&numbers);
	contract_clear(&mixed);
	return 0;
}

static const char ETA[] = "/v2/models/eta/infer", LATE[] = "/v2/models/late/infer";

static const char *said(void)
{
	return t.answer.body.data;
}

/* Ask twice in two ways: the answers are the same bytes. */
static void same_answer(const char *a, const char *b)
{
	char *first;

	assert_int_equal(desktop_post(&t, ETA, a), 200);
	first = xstrdup(said());
	if (desktop_post(&t, ETA, b) != 200)
		fail_msg("%s: %s", b, said());
	assert_string_equal(first, said());
	free(first);
}

static const char PLAIN[] =
	"{\"inputs\":["
	"{\"name\":\"a\",\"shape\":[2],\"datatype\":\"FP64\",\"data\":[0.5,-1]},"
	"{\"name\":\"b\",\"shape\":[2],\"datatype\":\"FP32\",\"data\":[1.25,2]},"
	"{\"name\":\"n\",\"shape\":[2],\"datatype\":\"INT64\",\"data\":[1,0]}]}";

static void answers(void **state)
{
	json_t *v = NULL;

	(void)state;
	assert_int_equal(desktop_post(&t, ETA, PLAIN), 200);
	assert_string_equal(t.answer.type, "application/json");
	assert_int_equal(json_parse(said(), t.answer.body.len, "answer", &v), 0);
	assert_string_equal(json_str(v, "model_name", ""), "eta");
	assert_string_equal(json_str(v, "model_version", ""), "2.1");
	assert_string_equal(json_str(json_object_get(v, "parameters"), "id", ""),
			    t.answer.served->id);
	json_decref(v);
	assert_int_equal(t.answer.rows, 2);
	assert_int_equal(t.answer.rows_in->rows, 2);
	assert_int_equal(t.answer.rows_out->n, 1);
	assert_null(t.answer.error_kind);
}

static void shapes_and_orders(void **state)
{
	(void)state;
	same_answer(PLAIN, "{\"inputs\":[{\"name\":\"all\",\"shape\":[2,3],\"datatype\":\"FP32\","
			   "\"data\":[[0.5,1.25,1],[-1,2,0]]}]}");
	same_answer(PLAIN, "{\"inputs\":[{\"data\":[0.5,1.25,1,-1,2,0],\"datatype\":\"FP32\","
			   "\"name\":\"all\",\"shape\":[2,3]}]}");
	same_answer(
		PLAIN,
		" {\"parameters\":{\"x\":[{}]},\"inputs\" : [ "
		"{\"data\":[1,0],\"datatype\":\"UINT8\",\"name\":\"n\",\"shape\":[2,1]},"
		"{\"name\":\"b\",\"shape\":[2,1],\"datatype\":\"FP16\",\"data\":[[1.25],[2e0]]},"
		"{\"name\":\"other\",\"shape\":[9],\"datatype\":\"BYTES\",\"data\":[]},"
		"{\"name\":\"\\u0061\",\"shape\":[2],\"datatype\":\"FP64\",\"data\":[5E-1,-1.0]}"
		"],\"outputs\":[{\"name\":\"prediction\"}]}\n");
}

static void id_comes_back(void **state)
{
	char body[600];

	(void)state;
	snprintf(body, sizeof body, "{\"id\":\"a\\\"\\u00e9\",%s", PLAIN + 1);
	assert_int_equal(desktop_bytes(&t, "POST", ETA, "x-request-id: r-17", body, strlen(body)),
			 200);
	assert_non_null(strstr(said(), "\"id\":\"a\\\"\\u00e9\""));
	assert_string_equal(t.answer.id, "a\"\xc3\xa9");
	assert_string_equal(desktop_sent(&t, "x-request-id"), "r-17");
}

static void every_type(void **state)
{
	static const char body[] =
		"{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP64\",\"data\":[1]},"
		"{\"name\":\"carrier\",\"shape\":[1],\"datatype\":\"BYTES\",\"data\":[\"UA\"]},"
		"{\"name\":\"t\",\"shape\":[1],\"datatype\":\"BYTES\",\"data\":[\"2026-11-22T06:12\"]},"
		"{\"name\":\"late\",\"shape\":[1],\"datatype\":\"BOOL\",\"data\":[true]}]}";

	(void)state;
	if (desktop_post(&t, LATE, body) != 200)
		fail_msg("%s", said());
	assert_non_null(strstr(
		said(),
		"{\"name\":\"prediction\",\"datatype\":\"BYTES\",\"shape\":[1],\"data\":[\""));
	assert_non_null(strstr(said(), "{\"name\":\"probability\",\"datatype\":\"FP32\""));
}

/* The answer is an error of this kind that says this. */
static void refused(const char *path, const char *body, int status, const char *kind,
		    const char *text)
{
	json_t *v = NULL;

	if (desktop_post(&t, path, body) != status || !t.answer.error_kind ||
	    strcmp(t.answer.error_kind, kind) || !strstr(t.answer.error, text))
		fail_msg("%s: %d %s: %s", body, t.answer.status, t.answer.error_kind, said());
	assert_int_equal(json_parse(said(), t.answer.body.len, "answer", &v), 0);
	assert_true(json_object_size(v) == 1 && json_is_string(json_object_get(v, "error")));
	json_decref(v);
}

#define INPUT(name, shape, type, data) \
	"{\"name\":\"" name "\",\"shape\":" shape ",\"datatype\":\"" type "\",\"data\":" data "}"
#define LATE_ROW(x, carrier, t)                                                                   \
	"{\"inputs\":[" INPUT("x", "[1]", "FP64", x) "," INPUT(                                   \
		"carrier", "[1]", "BYTES", carrier) "," INPUT("t", "[1]", "BYTES",                \
							      t) "," INPUT("late", "[1]", "BOOL", \
									   "[false]") "]}"

static void refusals(void **state)
{
	(void)state;
	refused(ETA, "", 400, "malformed", "byte 0");
	refused(ETA, "[]", 400, "malformed", "want an object");
	refused(ETA, "{}", 400, "shape", "no inputs");
	refused(ETA, "{\"inputs\":[]}", 400, "contract", "column 'a' (double) is missing");
	refused(ETA, "{\"inputs\":[" INPUT("a", "[1]", "FP64", "[1]") "]}", 400, "contract",
		"column 'b' (double) is missing");
	refused(ETA, "{\"inputs\":[" INPUT("a", "[2]", "FP64", "[1]") "]}", 400, "shape",
		"shape takes 2");
	refused(ETA, "{\"inputs\":[" INPUT("a", "[1]", "FP64", "[1,2]") "]}", 400, "shape",
		"more elements");
	refused(ETA,
		"{\"inputs\":[" INPUT("a", "[1]", "FP64", "[1]") "," INPUT("b", "[2]", "FP64",
									   "[1,2]") "]}",
		400, "shape", "others have 1");
	refused(ETA,
		"{\"inputs\":[" INPUT("a", "[1]", "FP64", "[1]") "," INPUT("a", "[1]", "FP64",
									   "[1]") "]}",
		400, "shape", "given twice");
	refused(ETA, "{\"inputs\":[" INPUT("a", "[1,2]", "FP64", "[1,2]") "]}", 400, "shape",
		"[rows]");
	refused(ETA, "{\"inputs\":[" INPUT("a", "[2000000000]", "FP64", "[1]") "]}", 400, "shape",
		"more elements than the body");
	refused(ETA, "{\"inputs\":[" INPUT("a", "[-1]", "FP64", "[1]") "]}", 400, "shape",
		"cannot be");
	refused(ETA, "{\"inputs\":[" INPUT("a", "[1]", "FP8", "[1]") "]}", 400, "unsupported",
		"FP8");
	refused(ETA, "{\"inputs\":[" INPUT("a", "[1]", "FP64", "[\"1\"]") "]}", 400, "contract",
		"row 1: column 'a'");
	refused(ETA, "{\"inputs\":[" INPUT("n", "[2]", "FP64", "[1,1.5]") "]}", 400, "contract",
		"row 2: column 'n' holds '1.5', want int");
	refused(ETA, "{\"inputs\":[" INPUT("n", "[1]", "UINT8", "[256]") "]}", 400, "contract",
		"does not fit");
	refused(ETA, "{\"inputs\":[{\"name\":\"a\",\"shape\":[1],\"datatype\":\"FP64\"}]}", 400,
		"shape", "no data");
	refused(ETA, "{\"inputs\":[{\"shape\":[1],\"datatype\":\"FP64\",\"data\":[1]}]}", 400,
		"shape", "no name");
	refused(ETA, "{\"inputs\":[],\"outputs\":[{\"name\":\"y\"}]}", 400, "shape",
		"no output 'y'");
	refused(LATE, LATE_ROW("[1]", "[\"ZZ\"]", "[\"2026-11-22\"]"), 400, "contract",
		"row 1: column 'carrier' is 'ZZ', which the model does not know");
	refused(LATE, LATE_ROW("[null]", "[\"UA\"]", "[\"2026-11-22\"]"), 400, "contract",
		"row 1: column 'x' is missing");
	refused(LATE, LATE_ROW("[1]", "[\"UA\"]", "[\"soon\"]"), 400, "contract",
		"row 1: column 't' holds 'soon', want time");
	refused("/v2/models/nobody/infer", PLAIN, 404, "not_found", "no model 'nobody'");
	refused("/v2/models/eta/versions/3/infer", PLAIN, 404, "not_found", "version 2.1, not '3'");
	assert_int_equal(desktop_post(&t, "/v2/models/eta/versions/2.1/infer", PLAIN), 200);
	assert_int_equal(desktop_get(&t, ETA), 405);
	assert_string_equal(desktop_sent(&t, "allow"), "POST");
}

/* A body cut off or with a byte changed anywhere is answered, and only then with 200 when it still
 * means something; nothing is read beyond it. */
static void malformed_at_every_byte(void **state)
{
	static const char bytes[] = "\0\"\\{}[],:x0-9.eE \n\x80\xff";
	size_t n = sizeof PLAIN - 1;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		char *body = xmalloc(n + 1); /* as long as it is: sanitizers see a byte too far */

		memcpy(body, PLAIN, n);
		desktop_bytes(&t, "POST", ETA, "", body, i);
		assert_int_equal(t.answer.status, 400);
		assert_string_equal(t.answer.error_kind, "malformed");
		for (size_t k = 0; k < sizeof bytes - 1; k++) {
			body[i] = bytes[k];
			desktop_bytes(&t, "POST", ETA, "", body, n);
			assert_true(t.answer.status == 200 || t.answer.status == 400);
			if (!bytes[k])
				assert_int_equal(t.answer.status, 400);
		}
		free(body);
	}
}

static void put_text(struct buf *b, const char *s)
{
	uint32_t n = (uint32_t)strlen(s);

	buf_add(b, &n, sizeof n);
	buf_add(b, s, n);
}

static int post_binary(const char *path, const char *json, const struct buf *bytes)
{
	struct buf b = BUF_INIT;
	char header[80];
	int status;

	buf_addstr(&b, json);
	snprintf(header, sizeof header, "inference-header-content-length: %zu", b.len);
	buf_add(&b, bytes->data, bytes->len);
	status = desktop_bytes(&t, "POST", path, header, b.data, b.len);
	buf_clear(&b);
	return status;
}

static void binary_in_and_out(void **state)
{
	static const char json[] =
		"{\"inputs\":[{\"name\":\"x\",\"shape\":[2],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":8}},"
		"{\"name\":\"carrier\",\"shape\":[2],\"datatype\":\"BYTES\",\"parameters\":{\"binary_data_size\":12}},"
		"{\"name\":\"t\",\"shape\":[2],\"datatype\":\"BYTES\",\"data\":[\"2026-11-22\",\"2026-11-23\"]},"
		"{\"name\":\"late\",\"shape\":[2],\"datatype\":\"BOOL\",\"parameters\":{\"binary_data_size\":2}}],"
		"\"parameters\":{\"binary_data_output\":true}}";
	float x[] = { 0.5f, 2 }, probability[2];
	struct buf bytes = BUF_INIT;
	const char *length, *tail;

	(void)state;
	buf_add(&bytes, x, sizeof x);
	put_text(&bytes, "AA");
	put_text(&bytes, "UA");
	buf_add(&bytes, "\1\0", 2);
	if (post_binary(LATE, json, &bytes) != 200)
		fail_msg("%s", said());
	assert_string_equal(t.answer.type, "application/octet-stream");
	length = desktop_sent(&t, "inference-header-content-length");
	assert_non_null(length);
	tail = said() + t.answer.body.len - sizeof probability;
	memcpy(probability, tail, sizeof probability);
	assert_true(probability[0] > 0 && probability[0] < 1);
	assert_int_equal(t.answer.rows_out->cols[1].d[1] * 1e6, (double)probability[1] * 1e6);
	buf_addch(&bytes, 'x');
	assert_int_equal(post_binary(LATE, json, &bytes), 400);
	assert_non_null(strstr(said(), "1 bytes that no input takes"));
	bytes.len -= 2;
	assert_int_equal(post_binary(LATE, json, &bytes), 400);
	assert_non_null(strstr(said(), "the body ends before them"));
	buf_clear(&bytes);
}

/* What zlib makes of a body; gzip or zlib. */
static struct buf compressed(const char *body, size_t n, int bits)
{
	struct buf out = BUF_INIT;
	z_stream z;

	memset(&z, 0, sizeof z);
	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
	buf_grow(&out, deflateBound(&z, n));
	z.next_in = (Bytef *)body;
	z.avail_in = (uInt)n;
	z.next_out = (Bytef *)out.data;
	z.avail_out = (uInt)out.cap;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	out.len = z.total_out;
	deflateEnd(&z);
	return out;
}

static void compressed_bodies(void **state)
{
	struct buf gzip = compressed(PLAIN, sizeof PLAIN - 1, 31);
	struct buf zlib = compressed(PLAIN, sizeof PLAIN - 1, 15), bomb = BUF_INIT;
	char *zeros = xcalloc(1, 70 << 20);

	(void)state;
	assert_int_equal(desktop_post(&t, ETA, PLAIN), 200);
	assert_int_equal(
		desktop_bytes(&t, "POST", ETA, "content-encoding: gzip", gzip.data, gzip.len), 200);
	assert_int_equal(
		desktop_bytes(&t, "POST", ETA, "content-encoding: deflate", zlib.data, zlib.len),
		200);
	for (size_t i = 0; i < gzip.len; i++) {
		char *cut = xmalloc(i + 1);

		memcpy(cut, gzip.data, i);
		assert_int_equal(desktop_bytes(&t, "POST", ETA, "content-encoding: gzip", cut, i),
				 400);
		assert_string_equal(t.answer.error_kind, "malformed");
		free(cut);
	}
	buf_addch(&gzip, 'x');
	assert_int_equal(
		desktop_bytes(&t, "POST", ETA, "content-encoding: gzip", gzip.data, gzip.len), 400);
	assert_int_equal(
		desktop_bytes(&t, "POST", ETA, "content-encoding: br", PLAIN, sizeof PLAIN - 1),
		415);
	bomb = compressed(zeros, 70 << 20, 31);
	assert_int_equal(
		desktop_bytes(&t, "POST", ETA, "content-encoding: gzip", bomb.data, bomb.len), 413);
	free(zeros);
	buf_clear(&gzip);
	buf_clear(&zlib);
	buf_clear(&bomb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),	     cmocka_unit_test(shapes_and_orders),
		cmocka_unit_test(id_comes_back),     cmocka_unit_test(every_type),
		cmocka_unit_test(refusals),	     cmocka_unit_test(malformed_at_every_byte),
		cmocka_unit_test(binary_in_and_out), cmocka_unit_test(compressed_bodies),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
