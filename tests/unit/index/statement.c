/* statement.c - tests of lib/index: whatever state the file is in, and what a query may do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/index/index.h"
#include "lib/index/statement.h"

static char dir[64];
static char *path;

static int begin(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/mich-index-XXXXXX");
	assert_non_null(mkdtemp(dir));
	path = path_join(dir, "index.db");
	return 0;
}

static int end(void **state)
{
	(void)state;
	free(path);
	return file_remove_tree(dir);
}

static void put(struct index *x)
{
	assert_int_equal(
		index_exec(
			x,
			"INSERT INTO artifact VALUES('model', 'eta', 'refs/mich/model/eta', 'abc')"),
		0);
}

static int64_t count(struct index *x)
{
	struct statement *st;
	int64_t n;

	assert_int_equal(statement_open(x, "SELECT count(*) FROM artifact", &st), 0);
	assert_int_equal(statement_step(st), 1);
	n = statement_int(st, 0);
	statement_close(st);
	return n;
}

static void test_open(void **state)
{
	struct index *x;
	bool empty;

	(void)state;
	assert_int_equal(index_open(path, true, &x, &empty), 0);
	assert_true(empty);
	put(x);
	index_close(x);
	assert_int_equal(index_open(path, true, &x, &empty), 0);
	assert_false(empty);
	assert_int_equal(count(x), 1);
	/* Nested: only the outermost commits. */
	assert_int_equal(index_begin(x), 0);
	assert_int_equal(index_begin(x), 0);
	assert_int_equal(index_exec(x, "DELETE FROM artifact"), 0);
	assert_int_equal(index_commit(x), 0);
	index_rollback(x);
	assert_int_equal(count(x), 1);
	index_close(x);
	assert_int_equal(index_open(path, false, &x, &empty), 0);
	assert_false(empty);
	assert_false(index_in_memory(x));
	assert_int_equal(count(x), 1);
	index_close(x);
}

static void test_damaged(void **state)
{
	struct index *x;
	bool empty;

	(void)state;
	assert_int_equal(
		file_write(path,
			   "this is no database, and longer than its head would be: "
			   "0123456789012345678901234567890123456789012345678901234567890123456789",
			   120),
		0);
	assert_int_equal(index_open(path, false, &x, &empty), 0);
	assert_true(empty && index_in_memory(x));
	index_close(x);
	assert_int_equal(index_open(path, true, &x, &empty), 0);
	assert_true(empty);
	put(x);
	/* Of another schema: made anew. */
	assert_int_equal(index_exec(x, "UPDATE meta SET value = '999'"), 0);
	index_close(x);
	assert_int_equal(index_open(path, true, &x, &empty), 0);
	assert_true(empty);
	assert_int_equal(count(x), 0);
	index_close(x);
}

static void refused(struct index *x, const char *sql)
{
	struct statement *st = NULL;

	assert_int_equal(statement_open_guarded(x, sql, &st), ERR_INPUT);
	assert_null(st);
}

static void test_guard(void **state)
{
	struct statement *st;
	struct index *x;
	bool empty;

	(void)state;
	assert_int_equal(index_open(path, true, &x, &empty), 0);
	put(x);
	refused(x, "DELETE FROM artifact");
	refused(x, "INSERT INTO artifact VALUES('a', 'b', 'c', 'd')");
	refused(x, "DROP TABLE artifact");
	refused(x, "ATTACH '/tmp/x.db' AS y");
	refused(x, "PRAGMA journal_mode = DELETE");
	refused(x, "PRAGMA writable_schema = 1");
	refused(x, "SELECT load_extension('x')");
	refused(x, "SELECT 1; DELETE FROM artifact");
	refused(x, "BEGIN");
	refused(x, "VACUUM INTO '/tmp/x.db'");
	refused(x, "SELECT nothing FROM artifact");
	refused(x, "");
	assert_int_equal(statement_open_guarded(
				 x,
				 "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t"
				 " WHERE n < 3) SELECT n, upper('x'), 1.5, NULL FROM t; ",
				 &st),
			 0);
	assert_int_equal(statement_columns(st), 4);
	assert_int_equal(statement_step(st), 1);
	assert_int_equal(statement_int(st, 0), 1);
	assert_string_equal(statement_text(st, 1), "X");
	assert_int_equal(statement_type(st, 2), STATEMENT_REAL);
	assert_int_equal(statement_type(st, 3), STATEMENT_NULL);
	assert_int_equal(statement_run(st), 0);
	statement_close(st);
	assert_int_equal(count(x), 1);
	index_close(x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_open, begin, end),
		cmocka_unit_test_setup_teardown(test_damaged, begin, end),
		cmocka_unit_test_setup_teardown(test_guard, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
