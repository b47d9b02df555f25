/* io.c - frames out of files and into them: types, missing values, order, and who may replace what.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/error.h"
#include "lib/index/rows.h"
#include "lib/table/rows/scan.h"
#include "lib/table/rows/table_sink.h"
#include "tests/unit/table/place.h"

enum { N = 40000 };

static uint8_t flag[N], valid[N];
static int64_t whole[N], when[N];
static double real[N];
static const char *text[N];
static char texts[N][24];

static struct frame make_frame(struct frame_column cols[5])
{
	for (int64_t i = 0; i < N; i++) {
		flag[i] = i % 3 == 0;
		valid[i] = i % 5 != 0;
		whole[i] = i * 7 - 1000;
		when[i] = INT64_C(1357034400000000) + i * 1500000 -
			  (i % 7 == 0 ? INT64_C(2000000000000000) : 0);
		real[i] = (double)i / 3;
		snprintf(texts[i], sizeof texts[i], i % 2 ? "short%d" : "a longer text \xc3\xa9%d",
			 (int)i);
		text[i] = i % 11 ? texts[i] : NULL;
	}
	cols[0] = (struct frame_column){ .name = "flag", .type = FRAME_BOOL, .b = flag };
	cols[1] = (struct frame_column){
		.name = "whole \"x\"", .type = FRAME_INT, .i = whole, .valid = valid
	};
	cols[2] = (struct frame_column){ .name = "real", .type = FRAME_DOUBLE, .d = real };
	cols[3] = (struct frame_column){ .name = "text", .type = FRAME_STRING, .s = text };
	cols[4] = (struct frame_column){ .name = "when", .type = FRAME_TIME, .i = when };
	return (struct frame){ .rows = N, .n = 5, .cols = cols };
}

static void write_to(const char *target, const struct frame *f, const char *stamp)
{
	struct table_sink *s;
	int rc = table_sink_open(target, f, stamp, &s);

	if (rc)
		print_message("%s\n", error_text());
	assert_int_equal(rc, 0);
	assert_int_equal(table_sink_add(s, f), 0);
	rc = table_sink_finish(s);
	if (rc)
		print_message("%s\n", error_text());
	assert_int_equal(rc, 0);
}

/* typed: the format keeps all types. */
static void read_back(const char *path, bool typed)
{
	const char *const paths[] = { path };
	struct table_scan *s;
	struct frame f;
	int64_t at = 0;
	int rc = table_scan_open(paths, 1, NULL, 0, 2, &s);

	if (rc)
		print_message("%s\n", error_text());
	assert_int_equal(rc, 0);
	assert_int_equal(table_scan_head(s)->n, 5);
	while ((rc = table_scan_next(s, &f)) > 0) {
		const struct frame_column *c = f.cols;

		if (typed) {
			assert_int_equal(c[0].type, FRAME_BOOL);
			assert_int_equal(c[4].type, FRAME_TIME);
		}
		for (int64_t i = 0; i < f.rows; i++, at++) {
			assert_int_equal(c[0].type == FRAME_BOOL ? c[0].b[i] : c[0].i[i], flag[at]);
			assert_int_equal(frame_valid(&c[1], i), valid[at]);
			if (valid[at])
				assert_int_equal(c[1].i[i], whole[at]);
			assert_true(c[2].d[i] == real[at]);
			assert_int_equal(frame_valid(&c[3], i), text[at] != NULL);
			if (text[at])
				assert_string_equal(c[3].s[i], text[at]);
			else
				assert_null(c[3].s[i]);
			if (typed)
				assert_int_equal(c[4].i[i], when[at]);
		}
	}
	assert_int_equal(rc, 0);
	assert_int_equal(at, N);
	table_scan_close(s);
}

static void test_formats(void **state)
{
	struct frame_column cols[5];
	struct frame f = make_frame(cols);
	char target[600];
	int64_t rows;
	const char *path;

	(void)state;
	write_to(place_path("a.parquet"), &f, NULL);
	read_back(place_path("a.parquet"), true);
	write_to(place_path("a.csv"), &f, NULL);
	read_back(place_path("a.csv"), true);
	write_to(place_path("a.jsonl"), &f, NULL);
	read_back(place_path("a.jsonl"), false); /* a time with a fraction is text there */
	snprintf(target, sizeof target, "%s:t", place_path("a.sqlite"));
	write_to(target, &f, NULL);
	read_back(place_path("a.sqlite"), false);
	path = place_path("a.parquet");
	assert_int_equal(table_rows(&path, 1, &rows), 0);
	assert_int_equal(rows, N);
	/* Written whole or not at all, and over what was there. */
	write_to(place_path("a.parquet"), &f, NULL);
	read_back(place_path("a.parquet"), true);
}

static void test_columns(void **state)
{
	static const char *const two[] = { "text", "whole \"x\"" }, *const none[] = { "texts" };
	const char *const paths[] = { place_path("a.parquet"), place_path("a.csv") };
	struct table_scan *s;
	struct frame f;
	int64_t n = 0;

	(void)state;
	assert_int_equal(table_scan_open(paths, 2, two, 2, 2, &s), 0);
	for (; table_scan_next(s, &f) > 0; n += f.rows)
		assert_string_equal(f.cols[1].name, "whole \"x\"");
	assert_int_equal(n, 2 * N);
	table_scan_close(s);
	assert_int_equal(table_scan_open(paths, 1, none, 1, 2, &s), ERR_INPUT);
	assert_string_equal(error_hint_text(), "did you mean 'text'?");
}

static void test_changed_type(void **state)
{
	const char *paths[2];
	struct table_scan *s;

	(void)state;
	paths[0] = place_write("one.csv", "a,b\n1,2\n");
	paths[1] = place_write("two.csv", "a,b\n1,x\n");
	assert_int_equal(table_scan_open(paths, 2, NULL, 0, 1, &s), ERR_INPUT);
	assert_non_null(strstr(error_text(), "column 'b' changed its type from BIGINT to VARCHAR"));
}

static void test_query(void **state)
{
	struct table_source sources[] = { { .name = "a", .path = place_path("a.parquet") },
					  { .name = "b",
					    .path = place_write("b.csv", "n,m\n0,x\n1,y\n") } };
	struct table_ask ask = {
		.sources = sources,
		.n_sources = 2,
		.threads = 2,
		.sql = "SELECT m, count(*) AS c, now() AS t FROM a JOIN b ON CAST(flag AS INT) = n "
		       "GROUP BY ALL ORDER BY m; -- done",
		.clock_ms = 86400000
	};
	struct table_scan *s;
	struct frame f;

	(void)state;
	assert_int_equal(table_query_scan(&ask, &s), 0);
	assert_int_equal(table_scan_next(s, &f), 1);
	assert_int_equal(f.rows, 2);
	assert_string_equal(f.cols[0].s[1], "y");
	assert_int_equal(f.cols[1].i[1], (N + 2) / 3);
	assert_int_equal(f.cols[2].i[0], INT64_C(86400000000));
	table_scan_close(s);
	ask.sql = "SELECT * FROM 'b.csv'";
	assert_int_equal(table_query_scan(&ask, &s), ERR_INPUT);
	ask.sql = "SELECT now() FROM a";
	ask.clock_ms = 0;
	assert_int_equal(table_query_scan(&ask, &s), ERR_INPUT);
}

static void test_sqlite_owner(void **state)
{
	struct frame_column cols[5];
	struct frame f = make_frame(cols);
	struct table_sink *s;
	char target[600], *stamp;

	(void)state;
	snprintf(target, sizeof target, "%s:p", place_path("own.sqlite"));
	write_to(target, &f, "prediction/eta@1");
	write_to(target, &f, "prediction/eta@2");
	stamp = rows_stamp(place_path("own.sqlite"), "p");
	assert_string_equal(stamp, "prediction/eta@2");
	free(stamp);
	assert_int_equal(table_sink_open(target, &f, "prediction/et@2", &s), ERR_EXISTS);
	assert_int_equal(table_sink_open(target, &f, NULL, &s), ERR_EXISTS);
	snprintf(target, sizeof target, "%s:t", place_path("a.sqlite"));
	assert_int_equal(table_sink_open(target, &f, "prediction/eta@1", &s), ERR_EXISTS);
	/* What is given up leaves nothing behind. */
	snprintf(target, sizeof target, "%s:t", place_path("new.sqlite"));
	assert_int_equal(table_sink_open(target, &f, NULL, &s), 0);
	assert_int_equal(table_sink_add(s, &f), 0);
	table_sink_abort(s);
	assert_false(file_exists(place_path("new.sqlite")));
	assert_int_equal(table_sink_open(place_path("new.parquet"), &f, NULL, &s), 0);
	assert_int_equal(table_sink_add(s, &f), 0);
	table_sink_abort(s);
	assert_false(file_exists(place_path("new.parquet")));
}

/* The bytes of a file do not depend on how its rows were handed over. */
static void test_same_bytes(void **state)
{
	struct frame_column cols[5], part[5];
	struct frame f = make_frame(cols), g = f;
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct table_sink *s;
	int64_t n = 1;

	(void)state;
	write_to(place_path("whole.parquet"), &f, NULL);
	assert_int_equal(table_sink_open(place_path("parts.parquet"), &f, NULL, &s), 0);
	g.cols = part;
	for (int64_t at = 0; at < N; at += n, n = n * 3 % 5003 + 1) {
		n = n > N - at ? N - at : n;
		memcpy(part, cols, sizeof part);
		part[0].b += at;
		part[1].i += at;
		part[1].valid += at;
		part[2].d += at;
		part[3].s += at;
		part[4].i += at;
		g.rows = n;
		assert_int_equal(table_sink_add(s, &g), 0);
	}
	assert_int_equal(table_sink_finish(s), 0);
	assert_int_equal(file_read(place_path("whole.parquet"), &a), 0);
	assert_int_equal(file_read(place_path("parts.parquet"), &b), 0);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.data, b.data, a.len);
	buf_clear(&a);
	buf_clear(&b);
}

static void test_sink_refuses(void **state)
{
	static const char *const broken[] = { "\xff\xfe" };
	struct frame_column cols[1] = { { .name = "a", .type = FRAME_STRING, .s = broken } };
	struct frame f = { .rows = 1, .n = 1, .cols = cols };
	struct table_sink *s;

	(void)state;
	assert_int_equal(table_sink_open("x.unknown", &f, NULL, &s), ERR_INPUT);
	assert_true(table_sink_open("/none/such/x.parquet", &f, NULL, &s) < 0);
	assert_int_equal(table_sink_open(place_path("broken.parquet"), &f, NULL, &s), 0);
	table_sink_add(s, &f);
	assert_int_equal(table_sink_finish(s), ERR_INPUT);
	assert_non_null(strstr(error_text(), "not UTF-8"));
	assert_false(file_exists(place_path("broken.parquet")));
}

static void test_rows_refuses(void **state)
{
	struct rows *r;

	(void)state;
	assert_int_equal(rows_open(place_path("a.sqlite"), "nosuch", &r), ERR_INPUT);
	assert_non_null(strstr(error_text(), "it has no table 'nosuch', only: t"));
	assert_int_equal(rows_open(place_write("no.sqlite", "not a database at all"), NULL, &r),
			 ERR_INPUT);
	assert_true(rows_open(place_path("missing.sqlite"), NULL, &r) < 0);
	assert_int_equal(rows_open(place_path("a.sqlite"), NULL, &r), 0);
	assert_int_equal(rows_columns(r), 5);
	rows_close(r);
	place_write("a.sqlite-wal", "something");
	assert_int_equal(rows_open(place_path("a.sqlite"), NULL, &r), ERR_INPUT);
	assert_non_null(strstr(error_text(), "write-ahead log"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),	     cmocka_unit_test(test_columns),
		cmocka_unit_test(test_changed_type), cmocka_unit_test(test_query),
		cmocka_unit_test(test_sqlite_owner), cmocka_unit_test(test_sink_refuses),
		cmocka_unit_test(test_rows_refuses), cmocka_unit_test(test_same_bytes),
	};

	return cmocka_run_group_tests(tests, place_make, place_remove);
}
