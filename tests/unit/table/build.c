/* build.c - sources in, splits out: what is read, refused, checked, and the same every time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/error.h"
#include "lib/base/hash.h"
#include "lib/table/build.h"
#include "lib/table/rows/scan.h"
#include "tests/unit/table/place.h"

static struct table_plan plan_of(const struct table_source *sources, size_t n, const char *query)
{
	struct table_plan p = { .sources = sources,
				.n_sources = n,
				.query = query,
				.exact = true,
				.threads = 2,
				.scratch_dir = place_dir };

	table_split_init(&p.split);
	return p;
}

static int build_in(const struct table_plan *p, const char *name, json_t **report)
{
	char *dir = place_path(name);
	int rc;

	file_remove_tree(dir);
	assert_int_equal(file_make_dirs(dir), 0);
	rc = table_build(p, dir, report);
	if (rc && rc != ERR_NO && rc != ERR_INPUT)
		print_message("%d %s\n", rc, error_text());
	return rc;
}

/* A file that cannot be read as it is, and what the error says. */
static void refused(const char *name, const char *text, const char *why)
{
	struct table_source source = { .name = "t", .path = place_write(name, text) };
	struct table_plan p = plan_of(&source, 1, NULL);
	json_t *report = NULL;
	int rc = build_in(&p, "out", &report);

	if (rc != ERR_INPUT || !strstr(error_text(), why))
		print_message("%s -> %d %s\n", name, rc, error_text());
	assert_int_equal(rc, ERR_INPUT);
	assert_non_null(strstr(error_text(), why));
	json_decref(report);
}

static void test_refused(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	refused("empty.csv", "", "it is empty");
	refused("head.csv", "a,b\n", "there are no rows");
	refused("wide.csv", "a,b\n1,2\n3,4,5\n", "wide.csv': line 3 has 3 columns, want 2");
	refused("narrow.csv", "a,b\n1,2\n3\n5,6\n", "narrow.csv': line 3 has 1 columns, want 2");
	buf_addstr(&b, "a,b\n");
	for (int i = 0; i < 50000; i++)
		buf_addf(&b, "%d,%d\n", i, i);
	buf_addstr(&b, "1,2,3\n");
	refused("late.csv", b.data, "late.csv': line 50002 has 3 columns, want 2");
	buf_clear(&b);
	refused("quote.csv", "a,b\n1,2\n3,\"4\n5,6\n", "a quote is not closed");
	refused("latin.csv", "a,b\n1,2\n3,\xff\xfe\n", "line 3: it is not UTF-8");
	refused("pointer.csv",
		"version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 1\n",
		"git-lfs pointer");
	assert_string_equal(error_hint_text(), "git lfs pull");
	refused("bad.jsonl", "{\"a\":1}\n{\"a\":\n", "bad.jsonl'");
	refused("bad.parquet", "PAR1 no", "bad.parquet'");
	refused("bad.sqlite", "this is no database at all, is it?", "bad.sqlite'");
	refused("unknown.xyz", "1", "its name does not say what format it has");
}

static int64_t rows_of(const json_t *report, const char *split)
{
	return json_int(json_object_get(report, "rows"), split, -1);
}

static const char *type_of(const json_t *report, const char *name)
{
	json_t *c;
	size_t i;

	json_array_foreach(json_object_get(report, "schema"), i, c)
		if (strcmp(json_str(c, "name", ""), name) == 0)
			return json_str(c, "type", "");
	return "";
}

static void test_types(void **state)
{
	struct table_source source = { .name = "t" };
	struct table_plan p = plan_of(&source, 1, NULL);
	struct buf b = BUF_INIT;
	json_t *report = NULL;

	(void)state;
	/* The last line decides: a type must fit every line, not the first ones. */
	buf_addstr(&b, "whole;real;late;when;flag;text;gone\n");
	for (int i = 0; i < 30000; i++)
		buf_addf(&b, "%d;%d.5;%d;2024-01-01;true;\"a;\"\"b\";NA\n", i, i, i);
	buf_addstr(&b, "NA;;oops;;;;\n");
	source.path = place_write("types.csv", b.data);
	assert_int_equal(build_in(&p, "out", &report), 0);
	assert_string_equal(type_of(report, "whole"), "BIGINT");
	assert_string_equal(type_of(report, "real"), "DOUBLE");
	assert_string_equal(type_of(report, "late"), "VARCHAR");
	assert_string_equal(type_of(report, "when"), "DATE");
	assert_string_equal(type_of(report, "flag"), "BOOLEAN");
	assert_string_equal(type_of(report, "text"), "VARCHAR");
	assert_int_equal(rows_of(report, "train") + rows_of(report, "test") +
				 rows_of(report, "validation"),
			 30001);
	json_decref(report);
	/* Without a header: a field of the first line is a number. JSON: whole numbers stay whole.
	 */
	source.path = place_write("bare.csv", "1,2.5,x\n2,3.5,y\n");
	assert_int_equal(build_in(&p, "out", &report), 0);
	assert_string_equal(type_of(report, "column0"), "BIGINT");
	json_decref(report);
	source.path = place_write(
		"some.jsonl", "{\"a\":-1,\"b\":\"x\",\"c\":1.5}\n{\"a\":2,\"b\":null,\"c\":2}\n");
	assert_int_equal(build_in(&p, "out", &report), 0);
	assert_string_equal(type_of(report, "a"), "BIGINT");
	assert_string_equal(type_of(report, "b"), "VARCHAR");
	assert_string_equal(type_of(report, "c"), "DOUBLE");
	json_decref(report);
	buf_clear(&b);
}

/* id, grp (100 of them), day (equal times), v */
static void write_rows(const char *name, int n)
{
	struct buf b = BUF_INIT;

	buf_addstr(&b, "id,grp,day,v\n");
	for (int i = 0; i < n; i++)
		buf_addf(&b, "%d,g%d,2024-%02d-%02d,%d.25\n", i, i * 7 % 100, i * 12 / n + 1,
			 i % 28 + 1, i % 1000);
	place_write(name, b.data);
	buf_clear(&b);
}

/* The values of a column of a split; their number. */
static size_t column(const char *dir, const char *split, const char *name, int64_t *out,
		     size_t most)
{
	char *path = xasprintf("%s/%s.parquet", place_path(dir), split);
	const char *const paths[] = { path };
	struct table_scan *s;
	struct frame f;
	size_t n = 0;

	assert_int_equal(table_scan_open(paths, 1, &name, 1, 1, &s), 0);
	while (table_scan_next(s, &f) > 0)
		for (int64_t i = 0; i < f.rows && n < most; i++)
			out[n++] = f.cols[0].type == FRAME_STRING
					   ? (int64_t)atoi(f.cols[0].s[i] + 1)
					   : f.cols[0].i[i];
	table_scan_close(s);
	free(path);
	return n;
}

static void test_splits(void **state)
{
	struct table_source source = { .name = "t", .path = place_path("rows.csv") };
	struct table_plan p = plan_of(&source, 1, NULL);
	static int64_t v[10000], w[10000];
	int owner[100];
	json_t *report = NULL;
	size_t n, m;

	(void)state;
	write_rows("rows.csv", 10000);
	assert_int_equal(build_in(&p, "a", &report), 0);
	json_decref(report);
	n = column("a", "test", "id", v, 10000);
	assert_true(n > 1300 && n < 1700);

	/* Twice the data: every row of before is where it was. */
	write_rows("rows.csv", 10000);
	p.query = "SELECT * FROM t UNION ALL SELECT id + 1000000, grp, day, v FROM t";
	assert_int_equal(build_in(&p, "b", &report), 0);
	json_decref(report);
	m = column("b", "test", "id", w, 10000);
	assert_true(m > n);
	for (size_t i = 0, k = 0; i < n; i++) {
		while (k < m && w[k] != v[i])
			k++;
		assert_true(k < m);
	}

	p.query = NULL;
	assert_int_equal(table_split_parse("70/20/10 by row", &p.split), 0);
	assert_int_equal(build_in(&p, "c", &report), 0);
	assert_int_equal(rows_of(report, "train"), 7000);
	assert_int_equal(rows_of(report, "test"), 2000);
	json_decref(report);

	assert_int_equal(table_split_parse("70/20/10 by group(grp)", &p.split), 0);
	assert_int_equal(build_in(&p, "d", &report), 0);
	table_split_clear(&p.split);
	json_decref(report);
	memset(owner, -1, sizeof owner);
	for (int k = 0; k < SPLITS; k++) {
		n = column("d", split_names[k], "grp", v, 10000);
		for (size_t i = 0; i < n; i++) {
			assert_true(owner[v[i]] < 0 || owner[v[i]] == k);
			owner[v[i]] = k;
		}
	}
	n = 0;
	for (int g = 0; g < 100; g++)
		n += owner[g] == SPLIT_TEST;
	assert_int_equal(n, 20);

	assert_int_equal(table_split_parse("70/30 by time(day)", &p.split), 0);
	assert_int_equal(build_in(&p, "e", &report), 0);
	table_split_clear(&p.split);
	assert_int_equal(rows_of(report, "validation"), 0);
	assert_false(file_exists(place_path("e/validation.parquet")));
	json_decref(report);
	n = column("e", "train", "day", v, 10000);
	m = column("e", "test", "day", w, 10000);
	for (size_t i = 1; i < n; i++)
		v[0] = v[i] > v[0] ? v[i] : v[0];
	for (size_t i = 0; i < m; i++)
		assert_true(w[i] > v[0]);

	table_split_parse("75/15/10 by hash(nosuch)", &p.split);
	assert_int_equal(build_in(&p, "f", &report), ERR_INPUT);
	table_split_clear(&p.split);
	table_split_parse("75/15/10 by time(grp)", &p.split);
	assert_int_equal(build_in(&p, "f", &report), ERR_INPUT);
	assert_non_null(strstr(error_text(), "the column is VARCHAR"));
	table_split_clear(&p.split);
}

static void test_checks(void **state)
{
	static const char *const good[] = { "id >= 0",
					    "rows = 10000",
					    "avg(v) < 600",
					    "train.rows > 4 * test.rows",
					    "(SELECT count(DISTINCT grp) FROM test) > 90",
					    "count(*) = 10000",
					    "split IN ('train', 'test', 'validation')",
					    "grp LIKE 'g%'",
					    "NOT EXISTS (SELECT 1 FROM data d WHERE d.id < 0)" };
	static const char *const bad[] = { "id < 9990", "rows > 10000" };
	static const char *const wrong[] = { "nosuch > 1",
					     "id +",
					     "id",
					     "id > random()",
					     "day > now()",
					     "id IN (SELECT x FROM 'f.csv')",
					     "1 = 1) FROM data; COPY data TO 'x'; (1" };
	struct table_source source = { .name = "t", .path = place_path("rows.csv") };
	struct table_plan p = plan_of(&source, 1, NULL);
	json_t *report = NULL, *check;

	(void)state;
	write_rows("rows.csv", 10000);
	p.checks = good;
	p.n_checks = sizeof good / sizeof *good;
	assert_int_equal(build_in(&p, "g", &report), 0);
	assert_int_equal(json_array_size(json_object_get(report, "checks")), p.n_checks);
	json_decref(report);
	p.checks = bad;
	p.n_checks = 2;
	assert_int_equal(build_in(&p, "g", &report), ERR_NO);
	check = json_array_get(json_object_get(report, "checks"), 0);
	assert_int_equal(json_int(check, "failed", 0), 10);
	assert_int_equal(json_array_size(json_object_get(check, "rows")), 5);
	assert_int_equal(json_int(json_array_get(json_object_get(check, "rows"), 0), "id", 0),
			 9990);
	assert_non_null(strstr(error_text(), "check 'id < 9990' does not hold in 10 rows"));
	assert_non_null(strstr(error_text(), "and 1 more"));
	json_decref(report);
	p.n_checks = 1;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		p.checks = &wrong[i];
		if (build_in(&p, "g", &report) != ERR_INPUT)
			print_message("%s\n", wrong[i]);
		assert_int_equal(build_in(&p, "g", &report), ERR_INPUT);
		assert_null(report);
	}
}

static void test_label(void **state)
{
	struct table_source source = { .name = "t", .path = place_path("rows.csv") };
	struct table_plan p = plan_of(&source, 1, "SELECT *, 1 AS one FROM source");
	json_t *report = NULL;

	(void)state;
	write_rows("rows.csv", 1000);
	p.label = "V";
	assert_int_equal(build_in(&p, "h", &report), ERR_INPUT);
	assert_string_equal(error_hint_text(), "did you mean 'v'?");
	p.label = "one";
	assert_int_equal(build_in(&p, "h", &report), ERR_INPUT);
	assert_non_null(strstr(error_text(), "the same in all 1000 rows"));
	p.label = "v";
	assert_int_equal(build_in(&p, "h", &report), 0);
	json_decref(report);
}

/* One hash over all that a build makes. */
static void digest(const char *dir, const json_t *report, char out[HASH_HEX + 1])
{
	struct hash h;
	struct buf b = BUF_INIT;

	hash_init(&h);
	for (int k = 0; k < SPLITS; k++) {
		char *path = xasprintf("%s/%s.parquet", place_path(dir), split_names[k]);

		buf_reset(&b);
		assert_int_equal(file_read(path, &b), 0);
		hash_add(&h, b.data, b.len);
		free(path);
	}
	buf_reset(&b);
	json_canonical(json_object_get(report, "profile"), &b);
	hash_add(&h, b.data, b.len);
	hash_hex(&h, out);
	buf_clear(&b);
}

static void test_same(void **state)
{
	static const char *const queries[] = {
		NULL,
		"SELECT a.*, b.v AS w FROM t a JOIN t b ON a.id = (b.id * 7919) % 60000",
		"SELECT grp, day, sum(v) s, avg(v) m, first(id) f, stddev(v) d, count(*) n FROM t GROUP BY ALL",
		"SELECT a.grp, count(*) n FROM t a JOIN t b USING (grp, day) GROUP BY ALL ORDER BY n",
		"SELECT * FROM t ORDER BY grp LIMIT 5000",
		"SELECT *, row_number() OVER (PARTITION BY grp ORDER BY day) AS r FROM t",
		"SELECT now() AS t, current_date AS d, current_localtime() AS l, * FROM t",
	};
	struct table_source source = { .name = "t", .path = place_path("rows.csv") };
	char first[HASH_HEX + 1], again[HASH_HEX + 1];
	json_t *report;

	(void)state;
	write_rows("rows.csv", 60000);
	for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
		for (int threads = 1; threads <= 4; threads *= 2) {
			struct table_plan p = plan_of(&source, 1, queries[i]);

			p.threads = threads;
			p.clock_ms = INT64_C(1700000000000);
			assert_int_equal(build_in(&p, threads == 2 ? "i" : "elsewhere/j", &report),
					 0);
			digest(threads == 2 ? "i" : "elsewhere/j", report,
			       threads == 1 ? first : again);
			json_decref(report);
			if (threads > 1)
				assert_string_equal(first, again);
		}
	}
}

/* A source that is written down here, so that its rows, types and split never move. */
static void test_for_ever(void **state)
{
	struct table_source source = { .name = "t" };
	struct table_plan p = plan_of(&source, 1, NULL);
	json_t *report = NULL;
	int64_t v[64];
	size_t n;

	(void)state;
	source.path = place_write(
		"ever.csv", "id,x,s,d\n1,1.5,a,2024-01-01\n2,2.0,b,2024-01-02\n3,NA,,2024-01-03\n"
			    "4,-1e300,\"d, e\",NA\n5,0.1,\xc3\xa9,2024-02-29\n6,7,f,1969-12-31\n"
			    "7,1,g,2024-01-01\n8,2,h,2024-01-01\n9,3,i,2024-01-01\n"
			    "10,4,j,2024-01-01\n11,5,k,2024-01-01\n12,6,l,2024-01-01\n");
	assert_int_equal(table_split_parse("50/30/20", &p.split), 0);
	assert_int_equal(build_in(&p, "k", &report), 0);
	json_decref(report);
	n = column("k", "train", "id", v, 64);
	assert_int_equal(n, 7);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(v[i], ((const int64_t[]){ 2, 6, 7, 8, 9, 10, 11 })[i]);
	n = column("k", "test", "id", v, 64);
	assert_int_equal(n, 3);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(v[i], ((const int64_t[]){ 1, 3, 12 })[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),	 cmocka_unit_test(test_types),
		cmocka_unit_test(test_splits),	 cmocka_unit_test(test_checks),
		cmocka_unit_test(test_label),	 cmocka_unit_test(test_same),
		cmocka_unit_test(test_for_ever),
	};

	return cmocka_run_group_tests(tests, place_make, place_remove);
}
