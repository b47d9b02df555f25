/* dataset-show.c - what is in a data set: its columns, how they are spread, what is missing. */
#include "cmd/cmd.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/cli/grid.h"
#include "lib/cli/term.h"
#include "lib/make/resolve.h"
#include "lib/record/version.h"
#include "lib/table/profile/profile.h"
#include "lib/table/split/split.h"

struct dataset_show_args {
	const char *name, *split;
	bool ascii, json;
};

static const struct opt opts[] = {
	OPT_CHOICE(0, "split", struct dataset_show_args, split, "train", "train|test|validation",
		   "whose figures to print"),
	OPT_FLAG(0, "ascii", struct dataset_show_args, ascii, "draw with ASCII alone"),
	OPT_JSON(struct dataset_show_args),
	OPERAND("name", struct dataset_show_args, name, ONE, COMP_DATASET, "data set to look at"),
	OPT_END
};

static void add_text(struct grid *g, const json_t *value)
{
	struct buf b = BUF_INIT;

	if (value)
		table_value_text(value, &b);
	grid_cell(g, b.data);
	buf_clear(&b);
}

static void add_share(struct grid *g, int64_t part, int64_t whole)
{
	if (!part || !whole)
		grid_cell(g, "");
	else
		grid_cellf(g, "%.2g%%", 100.0 * (double)part / (double)whole);
}

/* A histogram where there is one, else the most frequent values with their shares. */
static void add_spread(struct grid *g, const json_t *s, bool ascii)
{
	const json_t *top = json_object_get(s, "top"), *v;
	int64_t n = json_int(s, "rows", 0) - json_int(s, "nulls", 0);
	struct buf b = BUF_INIT;
	size_t i;

	if (json_object_get(s, "histogram"))
		table_bars(json_object_get(s, "histogram"), ascii, &b);
	else
		json_array_foreach((json_t *)top, i, v) {
			if (i == 4)
				break;
			buf_addstr(&b, i ? ", " : "");
			table_value_text(json_object_get(v, "value"), &b);
			buf_addf(&b, " %.2g%%",
				 100.0 * (double)json_int(v, "count", 0) / (double)n);
		}
	grid_cell(g, b.data);
	buf_clear(&b);
}

static void add_column(struct grid *g, const json_t *column, const char *split, bool ascii)
{
	const json_t *s = json_object_get(json_object_get(column, "splits"), split);
	bool number = strcmp(json_str(column, "kind", ""), "number") == 0;
	const char *type = json_str(column, "type", "");

	grid_cell(g, json_str(column, "name", ""));
	grid_cell(g, strcmp(type, "TIMESTAMP WITH TIME ZONE") != 0 ? type : "TIMESTAMPTZ");
	add_share(g, json_int(s, "nulls", 0), json_int(s, "rows", 0));
	grid_cellf(g, "%s%lld", json_bool(s, "estimated", false) ? "~" : "",
		   (long long)json_int(s, "distinct", 0));
	add_text(g, json_object_get(s, "min"));
	add_text(g, json_object_get(json_object_get(s, "quantiles"), "p50"));
	add_text(g, json_object_get(s, "max"));
	add_text(g, number ? json_object_get(s, "mean") : NULL);
	add_text(g, number ? json_object_get(s, "deviation") : NULL);
	add_spread(g, s, ascii);
}

static void print_columns(const json_t *profile, const char *split, bool ascii)
{
	static const struct {
		const char *title;
		bool right;
		int spare;
	} titles[] = { { "COLUMN", false, 0 },	{ "TYPE", false, 2 }, { "MISSING", true, 0 },
		       { "DISTINCT", true, 1 }, { "MIN", true, 0 },   { "MEDIAN", true, 3 },
		       { "MAX", true, 0 },	{ "MEAN", true, 4 },  { "DEVIATION", true, 5 },
		       { "SPREAD", false, 0 } };
	struct grid g;
	json_t *c;
	size_t i;

	grid_init(&g, ARRAY_LEN(titles));
	for (i = 0; i < ARRAY_LEN(titles); i++) {
		grid_column(&g, titles[i].title, titles[i].right);
		grid_spare(&g, titles[i].spare);
	}
	json_array_foreach(json_object_get(profile, "columns"), i, c)
		add_column(&g, c, split, ascii);
	grid_print(&g);
	grid_clear(&g);
}

static void print_head(const struct version *v, const json_t *report)
{
	const json_t *rows = json_object_get(report, "rows");
	char *ref = version_ref(v);
	int64_t all = 0;

	for (int k = 0; k < SPLITS; k++)
		all += json_int(rows, split_names[k], 0);
	printf("%s: %lld rows, %zu columns\n", ref, (long long)all,
	       json_array_size(json_object_get(report, "schema")));
	printf("split %s:", json_str(report, "split", ""));
	for (int k = 0; k < SPLITS; k++)
		printf("%s %s %lld", k ? "," : "", split_names[k],
		       (long long)json_int(rows, split_names[k], 0));
	if (!json_is_null(json_object_get(report, "single_thread_reason")) &&
	    json_bool(report, "exact", true))
		printf("\non one thread: %s", json_str(report, "single_thread_reason", ""));
	printf("\n\n");
	free(ref);
}

static int print(const struct version *v, const json_t *report,
		 const struct dataset_show_args *args)
{
	const json_t *profile = json_object_get(report, "profile");
	const json_t *first = json_array_get(json_object_get(profile, "columns"), 0);
	bool ascii = args->ascii;

	if (!first) {
		error_set(ERR_NOT_FOUND, "there is no profile of '%s': %s", args->name,
			  strcmp(v->build, "good") == 0 ? "it holds files, not a table"
							: "its build failed");
		return error_hint(ERR_NOT_FOUND, "mich show %s", args->name);
	}
	if (!json_object_get(json_object_get(first, "splits"), args->split))
		return error_set(ERR_NOT_FOUND, "there is no %s split in '%s'", args->split,
				 args->name);
	setlocale(LC_CTYPE, "");
	ascii |= strcmp(nl_langinfo(CODESET), "UTF-8") != 0 && term_stdout()->tty;
	print_head(v, report);
	print_columns(profile, args->split, ascii);
	return 0;
}

static int run(struct repo *repo, const void *p)
{
	const struct dataset_show_args *args = p;
	struct version v = VERSION_INIT;
	json_t *report = NULL;
	char *ref;
	int rc = resolve_version(repo, "dataset", args->name, &v);

	if (!rc)
		rc = version_profile(repo, &v, &report);
	if (!rc && args->json) {
		ref = version_ref(&v);
		json_object_set_new(report, "ref", json_string(ref));
		json_object_set_new(report, "id", json_string(v.id));
		free(ref);
		rc = cmd_json(json_incref(report));
	} else if (!rc) {
		rc = print(&v, report, args);
	}
	json_decref(report);
	version_clear(&v);
	return rc;
}

const struct cmd cmd_dataset_show = {
	.name = "dataset show",
	.summary = "show what is in a data set",
	.group = GROUP_LOOK,
	.flags = CMD_READS | CMD_PAGER,
	.opts = opts,
	.args_size = sizeof(struct dataset_show_args),
	.run = run,
};
