/* ls.c - the table of what there is: artifacts, or versions with their parameters and metrics. */
#include "cmd/cmd.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/catalog/history.h"
#include "lib/catalog/listing.h"
#include "lib/catalog/scope.h"
#include "lib/cli/grid.h"
#include "lib/record/head.h"
#include "lib/record/release/release.h"
#include "lib/record/repo.h"

struct ls_args {
	const char *name, *where, *sort, *columns;
	bool all, json;
};

static const struct opt opts[] = {
	OPT_FLAG('a', "all", struct ls_args, all, "a line a version, not an artifact"),
	OPT_STRING(
		0, "where", struct ls_args, where, "EXPR", NULL, COMP_NONE,
		"only versions that meet a condition, such as \"max_depth > 4 AND test.rmse < 20\""),
	OPT_STRING(0, "sort", struct ls_args, sort, "COLUMNS", NULL, COMP_NONE,
		   "order of the lines; a dash before a column turns it round"),
	OPT_STRING(0, "columns", struct ls_args, columns, "LIST", NULL, COMP_NONE,
		   "what to print, with commas: heads, parameters, metrics, tags"),
	OPT_JSON(struct ls_args),
	OPERAND("name", struct ls_args, name, OPTIONAL, COMP_NAME,
		"a kind, an artifact, or a namespace or name that was released"),
	OPT_END
};

static int print_json(struct repo *repo, const struct listing *l)
{
	json_t *all = json_array(), *one;
	int rc;

	for (size_t i = 0; i < l->n; i++) {
		if ((rc = head_json(repo, &l->versions[i], &one)) < 0) {
			json_decref(all);
			return rc;
		}
		json_array_append_new(all, one);
	}
	return cmd_json(all);
}

static bool is_constant(const struct listing *l, size_t column)
{
	struct buf first = BUF_INIT, b = BUF_INIT;
	bool same = l->n > 1;

	listing_text(listing_cell(l, 0, column), &first);
	for (size_t row = 1; same && row < l->n; row++) {
		buf_reset(&b);
		listing_text(listing_cell(l, row, column), &b);
		same = b.len == first.len && !memcmp(b.data, first.data, b.len);
	}
	buf_clear(&first);
	buf_clear(&b);
	return same;
}

/* In percent of the rows. */
static int absent(const struct listing *l, size_t column)
{
	size_t n = 0;

	for (size_t row = 0; row < l->n; row++)
		n += listing_cell(l, row, column)->type == CELL_NONE;
	return (int)(100 * n / l->n);
}

/*
 * What goes first where a terminal has no room: what is the same in all rows, then lesser metrics
 * and parameters that few rows have. A parameter that tells all rows apart stays, and what rmse is.
 */
static int spare(const struct listing *l, size_t column)
{
	enum { WELL_KNOWN = 10 }; /* the rank of metrics by which models are told apart */
	const struct facet *c = &l->columns[column];

	if (c->source == FACET_HEAD)
		return 0;
	if (is_constant(l, column))
		return INT_MAX;
	if (c->source == FACET_METRIC)
		return 1 + history_metric_rank(c->key);
	return absent(l, column) ? WELL_KNOWN + absent(l, column) : 0;
}

/* usual: nobody named the columns. */
static void print_table(const struct listing *l, bool usual)
{
	struct buf text = BUF_INIT;
	struct grid g;

	if (!l->n)
		return;
	grid_init(&g, l->n_columns);
	for (size_t i = 0; i < l->n_columns; i++) {
		grid_column(&g, l->columns[i].title, listing_is_number(l, i));
		grid_spare(&g, usual ? spare(l, i) : 0);
	}
	for (size_t row = 0; row < l->n; row++)
		for (size_t i = 0; i < l->n_columns; i++) {
			buf_reset(&text);
			listing_text(listing_cell(l, row, i), &text);
			if (usual && !strcmp(l->columns[i].title, "user") &&
			    strstr(text.data, " <"))
				*strstr(text.data, " <") = '\0'; /* the name will do */
			grid_cell(&g, text.data);
		}
	grid_print(&g);
	grid_clear(&g);
	buf_clear(&text);
}

/* "maps", "maps/eta": 1 when something is released there; caller frees both. */
static int find_released(struct repo *repo, const char *text, char **space, char **name)
{
	const char *slash = strchr(text, '/');
	struct release *all = NULL;
	size_t n = 0;
	int rc;

	*space = xstrndup(text, slash ? (size_t)(slash - text) : strlen(text));
	*name = slash ? xstrdup(slash + 1) : NULL;
	rc = release_list(repo, *space, *name, &all, &n);
	release_list_free(all, n);
	if (rc < 0 || !n) {
		free(*space);
		free(*name);
		*space = *name = NULL;
	}
	return rc < 0 ? rc : n > 0;
}

static int run(struct repo *repo, const void *p)
{
	const struct ls_args *args = p;
	struct index *x = repo_index(repo);
	struct scope scope = SCOPE_INIT;
	struct listing l;
	char *space = NULL, *name = NULL;
	int rc = scope_find(x, args->name, &scope), released;

	if (rc == ERR_NOT_FOUND) { /* the reason stays where nothing was released there either */
		released = find_released(repo, args->name, &space, &name);
		rc = released ? released : rc;
	}
	if (rc >= 0) {
		struct listing_query q = { .kind = space ? "model" : scope.kind,
					   .name = scope.name,
					   .space = space,
					   .released = name,
					   .where = args->where,
					   .sort = args->sort,
					   .columns = args->columns,
					   .versions = args->all || scope.name || space ||
						       args->where };

		if (args->json)
			q.columns = "ref";
		rc = listing_read(x, &q, &l);
	}
	scope_clear(&scope);
	free(space);
	free(name);
	if (rc < 0)
		return rc;
	if (args->json)
		rc = print_json(repo, &l);
	else
		print_table(&l, !args->columns);
	listing_clear(&l);
	return rc;
}

const struct cmd cmd_ls = {
	.name = "ls",
	.summary = "list artifacts, or versions with their parameters and metrics",
	.group = GROUP_LOOK,
	.flags = CMD_READS | CMD_PAGER,
	.opts = opts,
	.args_size = sizeof(struct ls_args),
	.run = run,
};
