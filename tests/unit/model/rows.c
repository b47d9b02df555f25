/* rows.c - CSV and JSON lines to frames and back, in pieces of any size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/model/rows/csvrows.h"
#include "lib/model/rows/jsonrows.h"

struct got {
	struct buf text; /* all frames, written as CSV */
	int frames;
};

static int take(const struct frame *f, void *payload)
{
	struct got *g = payload;

	if (!g->frames++)
		csvrows_put_names(f, &g->text);
	csvrows_put(f, f->n, &g->text);
	return 0;
}

static struct contract contract(void)
{
	struct contract c = CONTRACT_INIT;

	contract_add(&c, "n", FRAME_INT);
	contract_add(&c, "d", FRAME_DOUBLE);
	contract_add(&c, "s", FRAME_STRING);
	contract_add(&c, "t", FRAME_TIME);
	contract_add(&c, "b", FRAME_BOOL);
	return c;
}

/* Feed text in pieces of `piece` bytes. */
static int read_csv(const char *text, size_t piece, bool extra, int64_t max_rows, struct got *g)
{
	struct contract c = contract();
	size_t n = strlen(text);
	struct csvrows *r;
	int rc = 0;

	csvrows_new(
		&(struct csvrows_opts){ .contract = &c, .keep_extra = extra, .max_rows = max_rows },
		&r);
	for (size_t i = 0; i < n && !rc; i += piece)
		rc = csvrows_feed(r, text + i, n - i < piece ? n - i : piece, take, g);
	if (!rc)
		rc = csvrows_end(r, take, g);
	csvrows_free(r);
	contract_clear(&c);
	return rc;
}

static const char mixed[] = "\xef\xbb\xbfs,t,n,id,d,b\r\n"
			    "\"a \"\"quoted\"\", one\",2013-01-01 05:00:00,1,k1,0.1,true\r\n"
			    "\"two\nlines\",2013-01-01,-2,k2,1e3,0\n"
			    "\n"
			    ",,,,,\n"
			    "NA,NA,3.0,NA,-0,F";
static const char mixed_out[] = "s,t,n,id,d,b\n"
				"\"a \"\"quoted\"\", one\",2013-01-01T05:00:00Z,1,k1,0.1,true\n"
				"\"two\nlines\",2013-01-01T00:00:00Z,-2,k2,1000,false\n"
				",,,,,\n"
				",,3,,-0,false\n";

static void test_csv(void **state)
{
	(void)state;
	for (size_t piece = 1; piece < sizeof mixed; piece++) {
		struct got g = { BUF_INIT, 0 };

		if (read_csv(mixed, piece, true, piece % 3, &g) < 0)
			fail_msg("%s", error_text());
		assert_string_equal(g.text.data, mixed_out);
		buf_clear(&g.text);
	}
}

static void test_csv_flush(void **state)
{
	struct contract c = contract();
	struct got g = { BUF_INIT, 0 };
	struct csvrows *r;

	(void)state;
	csvrows_new(&(struct csvrows_opts){ .contract = &c }, &r);
	assert_int_equal(csvrows_feed(r, "n,d,s,t,b,x\n1,2,a,,,9\n2,", 24, take, &g), 0);
	assert_int_equal(csvrows_flush(r, take, &g), 0);
	assert_string_equal(g.text.data, "n,d,s,t,b\n1,2,a,,\n");
	assert_int_equal(csvrows_feed(r, "3,b,,,\n", 7, take, &g), 0);
	assert_int_equal(csvrows_end(r, take, &g), 0);
	assert_string_equal(g.text.data, "n,d,s,t,b\n1,2,a,,\n2,3,b,,\n");
	csvrows_free(r);
	contract_clear(&c);
	buf_clear(&g.text);
}

static void refuse_csv(const char *text, const char *want)
{
	struct got g = { BUF_INIT, 0 };

	assert_int_equal(read_csv(text, 7, false, 0, &g), ERR_INPUT);
	if (!strstr(error_text(), want))
		fail_msg("'%s' does not say '%s'", error_text(), want);
	buf_clear(&g.text);
}

static void test_csv_refusals(void **state)
{
	(void)state;
	refuse_csv("", "the CSV has no header");
	refuse_csv("n,d,s,t\n", "line 1: the header has no column 'b' (bool)");
	refuse_csv("n,d,s,t,b,n\n", "line 1: the header names column 'n' twice");
	refuse_csv("n,d,s,t,b\n1,2,\"x\ny\",,\nx,,,,\n", "line 4: column 'n' holds 'x', want int");
	refuse_csv("n,d,s,t,b\n,,,yesterday,\n", "line 2: column 't' holds 'yesterday', want time");
	refuse_csv("n,d,s,t,b\n1,2,3,4\n", "line 2 has fewer than the 5 cells of the header");
	refuse_csv("n,d,s,t,b\n1,2,3,,,6\n", "line 2 has more than the 5 cells of the header");
	refuse_csv("n,d,s,t,b\n1,2,a\"b\",,\n", "line 2: a quote inside a cell");
	refuse_csv("n,d,s,t,b\n1,2,\"a\"b,,\n", "line 2: more after the quote");
	refuse_csv("n,d,s,t,b\n1,2,\"a,,\n", "line 2: a quoted cell without end");
}

static int take_json(const struct frame *f, void *payload)
{
	jsonrows_put(f, f->n, payload);
	return 0;
}

static int read_json(const char *text, size_t piece, enum contract_mode mode, struct buf *out)
{
	static const char *const keep[] = { "id", "n" };
	struct contract c = contract();
	size_t n = strlen(text);
	struct jsonrows *r;
	int rc = 0;

	c.mode = mode;
	jsonrows_new(&(struct jsonrows_opts){ .contract = &c, .keep = keep, .n_keep = 2 }, &r);
	for (size_t i = 0; i < n && !rc; i += piece)
		rc = jsonrows_feed(r, text + i, n - i < piece ? n - i : piece, take_json, out);
	if (!rc)
		rc = jsonrows_end(r, take_json, out);
	jsonrows_free(r);
	contract_clear(&c);
	return rc;
}

static void test_json(void **state)
{
	static const char in[] =
		"{\"n\":1,\"d\":0.1,\"s\":\"a\\\"\\n\\u00e9\",\"t\":\"2013-01-01T05:00:00Z\",\"b\":true,"
		"\"id\":\"k1\",\"more\":[1]}\r\n\n"
		"{\"id\":{\"a\":1},\"n\":3.0,\"d\":2}\n"
		"{\"n\":null,\"d\":null}";
	static const char want[] =
		"{\"n\":1,\"d\":0.1,\"s\":\"a\\\"\\u000a\xc3\xa9\",\"t\":\"2013-01-01T05:00:00Z\",\"b\":true,\"id\":\"k1\"}\n"
		"{\"n\":3,\"d\":2,\"s\":null,\"t\":null,\"b\":null,\"id\":\"{\\\"a\\\":1}\"}\n"
		"{\"n\":null,\"d\":null,\"s\":null,\"t\":null,\"b\":null,\"id\":null}\n";

	(void)state;
	for (size_t piece = 1; piece < sizeof in; piece++) {
		struct buf out = BUF_INIT;

		if (read_json(in, piece, CONTRACT_WARN, &out) < 0)
			fail_msg("%s", error_text());
		assert_string_equal(out.data, want);
		buf_clear(&out);
	}
}

static void refuse_json(const char *text, const char *want)
{
	struct buf out = BUF_INIT;

	assert_int_equal(read_json(text, 5, CONTRACT_WARN, &out), ERR_INPUT);
	if (!strstr(error_text(), want))
		fail_msg("'%s' does not say '%s'", error_text(), want);
	buf_clear(&out);
}

static void test_json_refusals(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	refuse_json("{\"n\":1}\n{\"n\":\"1\"}\n",
		    "line 2: column 'n' holds another type, want int");
	refuse_json("{\"n\":1.5}", "line 1: column 'n' holds '1.5', want int");
	refuse_json("{\"s\":[]}", "line 1: column 's' holds a list or an object, want string");
	refuse_json("{\"s\":1}", "column 's' holds another type, want string");
	refuse_json("[1]", "line 1: want one JSON object");
	refuse_json("{\"n\":1,\"n\":2}", "line 1");
	refuse_json("{\"n\":", "line 1");
	assert_int_equal(read_json("{\"n\":\"1\",\"s\":2,\"b\":1}", 9, CONTRACT_COERCE, &out), 0);
	assert_non_null(strstr(out.data, "\"n\":1,\"d\":null,\"s\":\"2\",\"t\":null,\"b\":true"));
	buf_clear(&out);
}

/* What is no UTF-8 still gives JSON; floats are written as floats. */
static void test_put(void **state)
{
	static const char *const texts[] = { "a\xff"
					     "b",
					     "\xe2\x82\xac" };
	static const double values[] = { 0.1f, 1e10f };
	const struct frame f = { 2, 3,
				 (struct frame_column[]){
					 { .name = "s", .type = FRAME_STRING, .s = texts },
					 { .name = "d", .type = FRAME_DOUBLE, .d = values },
					 { .name = "f", .type = FRAME_DOUBLE, .d = values } } };
	struct buf out = BUF_INIT;

	(void)state;
	jsonrows_put(&f, 2, &out);
	assert_string_equal(out.data, "{\"s\":\"a\xef\xbf\xbd"
				      "b\",\"d\":0.10000000149011612,\"f\":0.1}\n"
				      "{\"s\":\"\xe2\x82\xac\",\"d\":10000000000,\"f\":1e+10}\n");
	buf_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_csv),	      cmocka_unit_test(test_csv_flush),
		cmocka_unit_test(test_csv_refusals),  cmocka_unit_test(test_json),
		cmocka_unit_test(test_json_refusals), cmocka_unit_test(test_put),
	};

	return cmocka_run_group_tests_name("model/rows", tests, NULL, NULL);
}
