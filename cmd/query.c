/* query.c - ask the index in SQL. */
#include "cmd/cmd.h"

#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/cli/grid.h"
#include "lib/index/statement.h"
#include "lib/record/repo.h"

struct query_args {
	const char *sql;
	bool json;
};

static const struct opt opts[] = { OPT_JSON(struct query_args),
				   OPERAND("sql", struct query_args, sql, ONE, COMP_NONE,
					   "a SELECT over the tables of mich-index(5)"),
				   OPT_END };

static json_t *cell_json(struct statement *st, int column)
{
	switch (statement_type(st, column)) {
	case STATEMENT_NULL:
		return json_null();
	case STATEMENT_INT:
		return json_integer(statement_int(st, column));
	case STATEMENT_REAL:
		return json_number(statement_real(st, column));
	case STATEMENT_TEXT:
		break;
	}
	return json_string(statement_text(st, column));
}

static int print_json(struct statement *st)
{
	json_t *rows = json_array();
	int rc;

	while ((rc = statement_step(st)) == 1) {
		json_t *row = json_object();

		for (int i = 0; i < statement_columns(st); i++)
			json_object_set_new(row, statement_column_name(st, i), cell_json(st, i));
		json_array_append_new(rows, row);
	}
	if (rc < 0) {
		json_decref(rows);
		return rc;
	}
	return cmd_json(rows);
}

static int print_grid(struct statement *st)
{
	int columns = statement_columns(st), rc;
	struct grid g;

	grid_init(&g, (size_t)columns);
	for (int i = 0; i < columns; i++)
		grid_column(&g, statement_column_name(st, i), false);
	while ((rc = statement_step(st)) == 1)
		for (int i = 0; i < columns; i++)
			grid_cell(&g, statement_text(st, i));
	if (!rc)
		grid_print(&g);
	grid_clear(&g);
	return rc;
}

static int run(struct repo *repo, const void *p)
{
	const struct query_args *args = p;
	struct statement *st;
	int rc = statement_open_guarded(repo_index(repo), args->sql, &st);

	if (rc < 0)
		return error_hint(rc, "the tables are explained in: man 5 mich-index");
	rc = args->json ? print_json(st) : print_grid(st);
	statement_close(st);
	return rc;
}

const struct cmd cmd_query = {
	.name = "query",
	.summary = "ask the record in SQL",
	.group = GROUP_LOOK,
	.flags = CMD_READS | CMD_PAGER,
	.opts = opts,
	.args_size = sizeof(struct query_args),
	.run = run,
};
