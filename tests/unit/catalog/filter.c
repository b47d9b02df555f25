/* filter.c - tests of conditions: what they match in SQLite, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/catalog/filter.h"

static const struct {
	const char *name, *sql;
	enum filter_type type;
} columns[] = {
	{ "number", "number", FILTER_NUMBER },	{ "state", "state", FILTER_TEXT },
	{ "dirty", "dirty", FILTER_BOOL },	{ "started", "started", FILTER_TIME },
	{ "max_depth", "depth", FILTER_ANY },	{ "tag.owner", "owner", FILTER_ANY },
	{ "test.rmse", "rmse", FILTER_NUMBER }, { "test.f1-score", "f1", FILTER_NUMBER },
	{ "gpu", "gpu", FILTER_ANY },
};

static int find(void *payload, const char *name, struct buf *sql, enum filter_type *type)
{
	(void)payload;
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		if (!strcmp(columns[i].name, name)) {
			buf_addstr(sql, columns[i].sql);
			*type = columns[i].type;
			return 0;
		}
	return error_set(ERR_INPUT, "unknown column '%s'", name);
}

static sqlite3 *db;

static int open_db(void **state)
{
	(void)state;
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(
			db,
			"CREATE TABLE v(number INT, state TEXT, dirty INT, started INT, depth, owner, "
			"rmse REAL, f1 REAL, gpu);"
			"INSERT INTO v VALUES(1, 'good', 0, 1000, 3, 'ann', 25.5, 0.5, 'true'),"
			"(2, 'good', 1, 1763769600000, 6, 'bob', 19.5, 0.75, 'false'),"
			"(3, 'failed', 0, 1795305600000, 'auto', NULL, NULL, NULL, NULL),"
			"(4, 'good', 0, 1795392000000, '10', '7', 12.25, 0.9, 1);",
			NULL, NULL, NULL),
		SQLITE_OK);
	return 0;
}

static int close_db(void **state)
{
	(void)state;
	sqlite3_close(db);
	return 0;
}

static void bind(sqlite3_stmt *s, const struct filter *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct filter_value *v = &f->values[i];
		int at = (int)(f->first + i);

		if (v->type == FILTER_VALUE_INT)
			sqlite3_bind_int64(s, at, v->i);
		else if (v->type == FILTER_VALUE_REAL)
			sqlite3_bind_double(s, at, v->d);
		else
			sqlite3_bind_text(s, at, v->s, -1, SQLITE_STATIC);
	}
}

/* The numbers of the rows that match, as "124"; the reason when the text is refused. */
static void matches(const char *text, const char *want)
{
	struct filter f;
	struct buf sql = BUF_INIT, got = BUF_INIT;
	sqlite3_stmt *s = NULL;

	if (filter_parse(text, strlen(text), 10, find, NULL, &f) < 0) {
		buf_addstr(&got, error_text());
	} else {
		buf_addf(&sql, "SELECT number FROM v WHERE %s ORDER BY number", f.sql.data);
		if (sqlite3_prepare_v2(db, sql.data, -1, &s, NULL) != SQLITE_OK)
			fail_msg("%s: %s: %s", text, sqlite3_errmsg(db), sql.data);
		bind(s, &f);
		while (sqlite3_step(s) == SQLITE_ROW)
			buf_addf(&got, "%d", sqlite3_column_int(s, 0));
		sqlite3_finalize(s);
	}
	if (strcmp(got.data, want))
		fail_msg("%s\n gives %s\n want  %s\n", text, got.data, want);
	filter_clear(&f);
	buf_clear(&sql);
	buf_clear(&got);
}

static void test_compare(void **state)
{
	(void)state;
	matches("max_depth > 4", "24"); /* 'auto' is no number, '10' is */
	matches("max_depth < 4", "1");
	matches("4 < max_depth", "24");
	matches("max_depth = 3", "1");
	matches("max_depth == '6'", "2");
	matches("max_depth = 'auto'", "3");
	matches("max_depth != 3", "234");
	matches("test.rmse <= 19.5", "24");
	matches("test.rmse <> 19.5", "14");
	matches("test.rmse < 1.6e1", "4");
	matches("tag.owner = 'ann'", "1");
	matches("tag.owner > 5", "4");
	matches("state = 'good'", "124");
	matches("number >= -1 AND number < .5e1", "1234");
	matches("\"test.rmse\" > 20", "1");
	matches("test.f1-score > 0.6", "24");
	matches("started > '2026-01-01'", "34");
	matches("started >= '2026-11-23T00:00:00Z'", "4");
	matches("started BETWEEN '2025-01-01' AND '2026-11-22'", "23");
}

static void test_logic(void **state)
{
	(void)state;
	matches("max_depth > 4 AND test.rmse < 20 AND state = 'good' AND tag.owner = 'bob'", "2");
	matches("state = 'failed' or test.rmse < 15", "34");
	matches("state = 'good' and number = 1 or number = 3", "13");
	matches("state = 'good' and (number = 1 or number = 3)", "1");
	matches("NOT state = 'good'", "3");
	matches("not (number = 1 OR number = 2)", "34");
	matches("dirty", "2");
	matches("NOT dirty", "134");
	matches("dirty = false and number < 4", "13");
	matches("gpu", "14");
	matches("gpu = true", "14");
	matches("gpu = FALSE", "2");
	matches("gpu != true", "2");
}

static void test_sets(void **state)
{
	(void)state;
	matches("number IN (1, 3)", "13");
	matches("number NOT IN (1, 3)", "24");
	matches("max_depth in (3, 'auto')", "13");
	matches("number BETWEEN 2 AND 3 AND state = 'good'", "2");
	matches("number NOT BETWEEN 2 AND 3", "14");
	matches("tag.owner IS NULL", "3");
	matches("tag.owner IS NOT NULL", "124");
	matches("state LIKE 'GO%'", "124");
	matches("state NOT LIKE 'go%'", "3");
	matches("state GLOB 'f*'", "3");
	matches("tag.owner = 'it''s'", "");
}

static void test_arithmetic(void **state)
{
	(void)state;
	matches("test.rmse - 10 < 5", "4");
	matches("number / 2 = 1.5", "3");
	matches("2 + number * 2 = 6", "2");
	matches("(2 + number) * 2 = 8", "2");
	matches("-number < -3", "4");
	matches("max_depth * 2 > 7", "24"); /* 'auto' is NULL here */
	matches("number / 0 = 1", "");
}

static void test_refused(void **state)
{
	(void)state;
	matches("", "condition '': ends too early, want a column, a number or 'text'");
	matches("nope > 4", "condition 'nope > 4': unknown column 'nope'");
	matches("number >",
		"condition 'number >': ends too early, want a column, a number or 'text'");
	matches("number >> 4",
		"condition 'number >> 4': at character 9, '> 4': want a column, a number or 'text'");
	matches("number = 1; DROP TABLE v",
		"condition 'number = 1; DROP TABLE v': at character 11, "
		"'; DROP TABLE v': want a column, a number, 'text' or an operator");
	matches("state = 'good",
		"condition 'state = 'good': at character 9, ''good': want a closing '");
	matches("(number = 1", "condition '(number = 1': ends too early, want a closing )");
	matches("number = 1)",
		"condition 'number = 1)': at character 11, ')': want AND, OR or the end");
	matches("number",
		"condition 'number': number alone is neither true nor false: compare it, as in "
		"number = 1");
	matches("4 AND dirty",
		"condition '4 AND dirty': a value alone is neither true nor false: want a "
		"comparison, as in max_depth > 4");
	matches("started > 5",
		"condition 'started > 5': started is a time: compare it with one, as in "
		"started > '2026-11-22'");
	matches("number = 1x", "condition 'number = 1x': at character 10, '1x': want a number");
	matches("number + 'a' = 3", "condition 'number + 'a' = 3': cannot calculate with text");
	matches("number IN 1", "condition 'number IN 1': at character 11, '1': want ( after IN");
	matches("(number = 1) = 2",
		"condition '(number = 1) = 2': at character 14, '= 2': want AND, OR or "
		"the end");
	matches("state = good", "condition 'state = good': unknown column 'good'");
	assert_string_equal(error_hint_text(), "text is written in single quotes: 'good'");
}

static void test_limits(void **state)
{
	struct buf b = BUF_INIT;
	struct filter f;

	(void)state;
	for (int i = 0; i < 200; i++)
		buf_addch(&b, '(');
	assert_int_equal(filter_parse(b.data, b.len, 1, find, NULL, &f), ERR_INPUT);
	filter_clear(&f);
	buf_reset(&b);
	for (int i = 0; i < 2000; i++)
		buf_addstr(&b, "dirty or ");
	assert_int_equal(filter_parse(b.data, b.len, 1, find, NULL, &f), ERR_INPUT);
	filter_clear(&f);
	buf_reset(&b);
	buf_addstr(&b, "dirty");
	for (int i = 0; i < 290; i++)
		buf_addstr(&b, " or number = 3");
	b.len = strlen(b.data);
	assert_int_equal(filter_parse("a\0b", 3, 1, find, NULL, &f), ERR_INPUT);
	filter_clear(&f);
	buf_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compare), cmocka_unit_test(test_logic),
		cmocka_unit_test(test_sets),	cmocka_unit_test(test_arithmetic),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, open_db, close_db);
}
