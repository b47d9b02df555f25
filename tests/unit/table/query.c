/* query.c - each way out of the inputs is refused, and order and threads are judged rightly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/error.h"
#include "lib/table/duckdb/query.h"
#include "lib/table/duckdb/sql.h"
#include "lib/table/source/inputs.h"
#include "tests/unit/table/place.h"

static struct inputs in;

static int open_inputs(void **state)
{
	struct table_source sources[2] = { { .name = "t" }, { .name = "other" } };
	int rc = place_make(state);

	if (rc)
		return rc;
	place_write("secret.csv", "x\n1\n");
	sources[0].path = place_write(
		"t.csv", "id,x,y,ts,s\n1,1,0.5,2024-01-01 00:00:00,a\n2,2,1.5,2024-01-02 "
			 "00:00:00,b\n3,3,2.5,2024-01-03 00:00:00,c\n");
	sources[1].path = place_write("other.csv", "id,z\n1,10\n2,20\n");
	rc = inputs_open(&in, sources, 2, 2, 0, place_dir);
	if (rc)
		print_message("%s\n", error_text());
	return rc;
}

static int close_inputs(void **state)
{
	inputs_close(&in);
	return place_remove(state);
}

static void refused(const char *sql, const char *why)
{
	struct query q;
	int rc = inputs_ask(&in, sql, 0, false, &q);

	query_clear(&q);
	if (rc != ERR_INPUT || !strstr(error_text(), why))
		print_message("%s -> %d %s\n", sql, rc, error_text());
	assert_int_equal(rc, ERR_INPUT);
	assert_non_null(strstr(error_text(), why));
}

static void test_ways_out(void **state)
{
	char sql[1024];

	(void)state;
	snprintf(sql, sizeof sql, "SELECT * FROM read_csv('%s/secret.csv')", place_dir);
	refused(sql, "it calls read_csv()");
	snprintf(sql, sizeof sql, "SELECT * FROM '%s/secret.csv'", place_dir);
	refused(sql, "is not one of its inputs: t, other");
	snprintf(sql, sizeof sql, "SELECT * FROM '%s/../secret.csv'", place_dir);
	refused(sql, "is not one of its inputs");
	symlink("/etc/passwd", place_path("link.csv"));
	snprintf(sql, sizeof sql, "SELECT * FROM '%s/link.csv'", place_dir);
	refused(sql, "is not one of its inputs");
	refused("SELECT * FROM t WHERE s IN (SELECT content FROM read_text('/etc/passwd'))",
		"read_text()");
	refused("WITH a AS (SELECT * FROM read_blob('/etc/passwd')) SELECT * FROM t",
		"read_blob()");
	refused("SELECT (SELECT count(*) FROM glob('/etc/*')) FROM t", "glob()");
	refused("SELECT * FROM parquet_scan('x.parquet')", "parquet_scan()");
	refused("SELECT * FROM read_parquet('https://example.com/x.parquet')", "read_parquet()");
	refused("SELECT * FROM 'https://example.com/x.csv'", "is not one of its inputs");
	refused("SELECT * FROM read_json('s3://bucket/x')", "read_json()");
	refused("SELECT * FROM query('SELECT 1')", "query()");
	refused("SELECT * FROM query_table('t')", "query_table()");
	refused("SELECT * FROM sniff_csv('/etc/passwd')", "sniff_csv()");
	refused("SELECT * FROM duckdb_settings()", "duckdb_settings()");
	refused("SELECT * FROM information_schema.tables", "is not one of its inputs");
	refused("SELECT * FROM pg_catalog.pg_class", "is not one of its inputs");
	refused("SELECT * FROM duckdb_views", "is not one of its inputs");
	refused("SELECT * FROM mich_feed(0)", "mich_feed()");
	refused("SELECT current_setting('allowed_paths') FROM t", "answers from the session");
	refused("SELECT getvariable('x') FROM t", "answers from the session");
	refused("SELECT pg_get_viewdef(1) FROM t", "it reads duckdb_views()");
	refused("SELECT get_block_size('memory') FROM t", "it reads pragma_database_size()");
	refused("SELECT system.main.now() FROM t", "without its schema");
}

static void test_statements(void **state)
{
	(void)state;
	refused("COPY t TO '/tmp/x.csv'", "it must be one SELECT, and this is COPY");
	refused("ATTACH '/tmp/x.db'", "this is ATTACH");
	refused("INSTALL httpfs", "this is INSTALL");
	refused("LOAD httpfs", "this is LOAD");
	refused("SET threads = 8", "this is SET");
	refused("RESET threads", "this is RESET");
	refused("PRAGMA version", "one SELECT");
	refused("CALL pragma_version()", "this is CALL");
	refused("CREATE TABLE x AS SELECT 1", "this is CREATE");
	refused("CREATE MACRO now() AS 1", "this is CREATE");
	refused("INSERT INTO t SELECT * FROM t", "this is INSERT");
	refused("DELETE FROM t", "this is DELETE");
	refused("EXPLAIN SELECT 1", "this is EXPLAIN");
	refused("EXPORT DATABASE '/tmp/x'", "this is EXPORT");
	refused("USE mich", "this is USE");
	refused("SELECT 1; SELECT 2", "these are 2 statements");
	refused("SELECT * FROM t; COPY t TO '/tmp/x'", "one SELECT");
	refused("", "one SELECT");
	refused("-- nothing", "one SELECT");
	refused("SUMMARIZE t", "is not a table of rows");
	refused("SHOW TABLES", "is not a table of rows");
	refused("SELECT * FROM (DESCRIBE t)", "is not a table of rows");
	refused("PIVOT t ON s USING sum(x)", "one SELECT");
	refused("SELECT * FROM t WHERE", "syntax error");
	refused("SELECT nosuch FROM t", "\"nosuch\" not found");
	refused("SELECT * FROM tt", "'tt' is not one of its inputs");
	assert_string_equal(error_hint_text(), "did you mean 't'?");
}

static void test_clock(void **state)
{
	static const char *const asks[] = { "now()",
					    "current_timestamp",
					    "current_date",
					    "current_time",
					    "localtime",
					    "localtimestamp",
					    "today()",
					    "get_current_timestamp()",
					    "age(ts)",
					    "transaction_timestamp()",
					    "(SELECT max(now()))",
					    "pg_postmaster_start_time()",
					    "ago(INTERVAL 1 DAY)",
					    "CASE WHEN current_date > ts THEN 1 END",
					    "list_transform([1], lambda v: now())" };
	static const char *const draws[] = { "random()", "uuid()", "gen_random_uuid()",
					     "setseed(0.5)", "uuidv7()" };
	struct query q;
	char sql[256];

	(void)state;
	for (size_t i = 0; i < sizeof asks / sizeof *asks; i++) {
		snprintf(sql, sizeof sql, "WITH a AS (SELECT %s AS v FROM t) SELECT v FROM a",
			 asks[i]);
		refused(sql, "asks what time it is");
		assert_string_equal(error_hint_text(), "add refresh = 1d");
	}
	for (size_t i = 0; i < sizeof draws / sizeof *draws; i++) {
		snprintf(sql, sizeof sql, "SELECT * FROM (SELECT %s AS v FROM t)", draws[i]);
		refused(sql, "draws random values");
	}
	refused("SELECT * FROM t USING SAMPLE 2", "draws random values");
	refused("SELECT * FROM t TABLESAMPLE 10%", "draws random values");
	refused("SELECT * FROM t ORDER BY random()", "draws random values");
	/* A string, a comment or a column of that name is none. */
	assert_int_equal(
		inputs_ask(&in, "SELECT 'now()' AS v, x AS now /* random() */ FROM t -- today()", 0,
			   false, &q),
		0);
	query_clear(&q);
	assert_int_equal(inputs_ask(&in, "SELECT age(ts, ts) FROM t", 0, false, &q), 0);
	query_clear(&q);
	assert_int_equal(inputs_ask(&in, "SELECT * FROM t TABLESAMPLE reservoir(2) REPEATABLE (7)",
				    0, false, &q),
			 0);
	assert_non_null(q.sequential);
	query_clear(&q);
	assert_int_equal(inputs_ask(&in, "SELECT random() FROM t", 0, true, &q), 0);
	query_clear(&q);
}

static void judged(const char *sql, bool parallel, const char *order)
{
	struct query q;
	const char *how = NULL;
	char *text = NULL;
	int rc = inputs_ask(&in, sql, 0, false, &q);

	if (rc)
		print_message("%s -> %s\n", sql, error_text());
	assert_int_equal(rc, 0);
	if (parallel != !q.sequential)
		print_message("%s -> %s\n", sql, q.sequential ? q.sequential : "parallel");
	assert_int_equal(parallel, !q.sequential);
	assert_int_equal(query_ordered(in.s, &q, NULL, 0, &how, &text), 0);
	if (strcmp(how, order) != 0)
		print_message("%s -> %s\n", sql, how);
	assert_string_equal(how, order);
	free(text);
	query_clear(&q);
}

static void test_judged(void **state)
{
	(void)state;
	judged("SELECT * FROM t", true, "source");
	judged("FROM t WHERE x > 1", true, "source");
	judged("SELECT x + 1 AS v FROM (SELECT * FROM t) WHERE s <> 'a' -- done;", true, "source");
	judged("SELECT * FROM t JOIN other USING (id)", true, "columns");
	judged("SELECT * FROM t LEFT JOIN other o ON t.id = o.id AND o.z > t.x", true, "columns");
	judged("SELECT s, count(*), sum(x), min(s), max(ts), avg(id) FROM t GROUP BY s", true,
	       "columns");
	judged("SELECT s, count(*) FROM t GROUP BY ALL ORDER BY 2 DESC;", true, "query");
	judged("SELECT DISTINCT s FROM t", true, "columns");
	judged("SELECT * FROM t UNION ALL SELECT * FROM t", true, "columns");
	judged("SELECT sum(y) FROM t", false, "columns");
	judged("SELECT avg(y) FROM t", false, "columns");
	judged("SELECT sum(CAST(y AS DECIMAL(9, 2))) FROM t", true, "columns");
	judged("SELECT stddev(x) FROM t", false, "columns");
	judged("SELECT first(x) FROM t", false, "columns");
	judged("SELECT list(x) FROM t", false, "columns");
	judged("SELECT string_agg(s, ',') FROM t", false, "columns");
	judged("SELECT approx_quantile(x, 0.5) FROM t", false, "columns");
	judged("SELECT min(x, 2) FROM t", false, "columns");
	judged("SELECT max_by(x, y) FROM t", false, "columns");
	judged("SELECT *, row_number() OVER (ORDER BY x) AS r FROM t", false, "columns");
	judged("SELECT DISTINCT ON (s) * FROM t", false, "columns");
	judged("SELECT * FROM t LIMIT 2", false, "source");
	judged("SELECT * FROM t ORDER BY x LIMIT 2", false, "query");
	judged("SELECT * FROM (SELECT * FROM t LIMIT 2) ORDER BY x", false, "query");
	judged("SELECT * FROM t ORDER BY ALL", true, "query");
	judged("SELECT * FROM t ASOF JOIN t u ON t.ts >= u.ts", false, "columns");
	judged("WITH RECURSIVE r AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM r WHERE a < 3) SELECT * FROM r",
	       false, "columns");
	judged("SELECT * FROM range(3)", true, "source");
	judged("SELECT * FROM t, unnest([1, 2]) AS u(v)", true, "columns");
	judged("SELECT * FROM t, json_each('[1, 2]')", true, "columns");
	judged("SELECT regexp_extract(s, 'a'), strftime(ts, '%Y'), [v + 1 FOR v IN [1, 2]] FROM t",
	       true, "source");
}

static void test_trim(void **state)
{
	static const struct {
		const char *sql;
		size_t n;
	} cases[] = { { "SELECT 1", 8 },
		      { "SELECT 1 ; ", 8 },
		      { "SELECT 1 -- x;", 8 },
		      { "SELECT ';'", 10 },
		      { "SELECT '--' ; --", 11 },
		      { "SELECT 1 /* /* */ ; */ ;", 8 },
		      { "SELECT $$;$$ ;", 12 },
		      { "SELECT \";--\"", 12 },
		      { "-- a\nSELECT 1", 13 },
		      { "SELECT E'\\';' ;", 13 },
		      { "", 0 },
		      { "/*", 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(sql_trimmed(cases[i].sql, strlen(cases[i].sql)), cases[i].n);
}

/* Even our own statements cannot leave a session, so a hole in the judging is not one in the wall.
 */
static void test_wall(void **state)
{
	static const char *const ways[] = { "COPY (SELECT 1) TO '/tmp/mich-table-out.csv'",
					    "ATTACH '/tmp/mich-x.db'",
					    "INSTALL httpfs",
					    "LOAD httpfs",
					    "SET threads = 1",
					    "SET enable_external_access = true",
					    "SELECT * FROM read_text('/etc/passwd')",
					    "SELECT * FROM glob('/etc/*')",
					    "EXPORT DATABASE '/tmp/mich-x'" };

	(void)state;
	assert_int_equal(session_lock(in.s), 0);
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		if (!session_exec(in.s, ways[i], "leave"))
			print_message("%s\n", ways[i]);
		assert_true(session_exec(in.s, ways[i], "leave") < 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trim),	   cmocka_unit_test(test_ways_out),
		cmocka_unit_test(test_statements), cmocka_unit_test(test_clock),
		cmocka_unit_test(test_judged),	   cmocka_unit_test(test_wall),
	};

	return cmocka_run_group_tests(tests, open_inputs, close_inputs);
}
