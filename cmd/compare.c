/* compare.c - two models on the same rows: which is better, where, and is it more than chance. */
#include "cmd/cmd.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cli/grid.h"
#include "lib/make/resolve.h"
#include "lib/make/score/comparison.h"
#include "lib/measure/chance/bootstrap.h"
#include "lib/record/version.h"

struct compare_args {
	const char *a, *b, *on, *split;
	struct strlist by;
	double tolerance, threshold;
	int64_t min, bins, bootstrap, seed, threads;
	bool no_search, json;
};

static const struct opt opts[] = {
	OPT_STRING(0, "on", struct compare_args, on, "DATASET", NULL, COMP_DATASET,
		   "compare on this data set; else on what B was trained on"),
	OPT_CHOICE(0, "split", struct compare_args, split, "test", "test|validation|train",
		   "the split to compare on"),
	OPT_LIST(0, "by", struct compare_args, by, "COLUMN", COMP_NONE,
		 "compare slice by slice of this column; 'A * B' crosses two"),
	OPT_DOUBLE(0, "tolerance", struct compare_args, tolerance, "SHARE", "0",
		   "how much worse B may be, as a share of A's figure: 0.01"),
	OPT_INT(0, "min", struct compare_args, min, "ROWS", "30",
		"show slices of fewer rows, and do not judge them"),
	OPT_INT(0, "bins", struct compare_args, bins, "N", "10", "ranges of a numeric column"),
	OPT_DOUBLE(0, "threshold", struct compare_args, threshold, "P", "0.5",
		   "probability from which a binary answer counts as yes"),
	OPT_INT(0, "bootstrap", struct compare_args, bootstrap, "SAMPLES", "1000",
		"samples for intervals; 0: none, and every difference counts as real"),
	OPT_INT(0, "seed", struct compare_args, seed, "N", "0", "of the samples"),
	OPT_FLAG(0, "no-search", struct compare_args, no_search,
		 "do not search for slices that explain the difference"),
	OPT_INT(0, "threads", struct compare_args, threads, "N", "0", "threads; 0: one a core"),
	OPT_JSON(struct compare_args),
	OPERAND("A", struct compare_args, a, ONE, COMP_VERSION, "model to hold the other against"),
	OPERAND("B", struct compare_args, b, ONE, COMP_VERSION, "model that should be no worse"),
	OPT_END
};

static int check(const struct compare_args *args)
{
	if (!(args->tolerance >= 0))
		return error_set(ERR_USAGE, "option '--tolerance' wants a share from 0 on");
	if (args->min < 1)
		return error_set(ERR_USAGE, "option '--min' wants a number of rows from 1 on");
	if (args->bins < 2 || args->bins > 1000)
		return error_set(ERR_USAGE, "option '--bins' wants 2 to 1000 ranges");
	if (!(args->threshold > 0 && args->threshold <= 1))
		return error_set(ERR_USAGE, "option '--threshold' wants a probability above 0");
	if (args->bootstrap < 0 || args->bootstrap > BOOTSTRAP_MAX)
		return error_set(ERR_USAGE, "option '--bootstrap' wants 0 to %d samples",
				 BOOTSTRAP_MAX);
	if (args->seed < 0 || args->threads < 0 || args->threads > 1024)
		return error_set(ERR_USAGE, "option '--%s' wants a number from 0 on",
				 args->seed < 0 ? "seed" : "threads");
	return 0;
}

/* "carrier=UA, hour=[8, 10)" */
static void add_slice(const json_t *by, const json_t *values, struct buf *out)
{
	for (size_t i = 0; i < json_array_size(by); i++)
		buf_addf(out, "%s%s=%s", i ? ", " : "", json_string_value(json_array_get(by, i)),
			 json_string_value(json_array_get(values, i)));
}

static void figure(struct grid *g, const json_t *row, const char *key, const char *fmt)
{
	const json_t *v = json_object_get(row, key);
	char text[40];

	snprintf(text, sizeof text, fmt, json_number_value(v));
	grid_cell(g, json_is_number(v) ? text : "-");
}

static void interval(struct grid *g, const json_t *row)
{
	const json_t *ends = json_object_get(row, "interval");

	if (json_array_size(ends) == 2)
		grid_cellf(g, "[%.4g, %.4g]", json_number_value(json_array_get(ends, 0)),
			   json_number_value(json_array_get(ends, 1)));
	else
		grid_cell(g, "");
}

static void chance(struct grid *g, const json_t *row, const char *key)
{
	const json_t *v = json_object_get(row, key);
	double p = json_number_value(v);

	if (!json_is_number(v))
		grid_cell(g, "");
	else if (p < 0.0005)
		grid_cell(g, "<0.001");
	else
		grid_cellf(g, "%.3f", p);
}

static void verdict(struct grid *g, const json_t *row)
{
	const char *text = json_str(row, "verdict", "");

	grid_cell(g, text);
	grid_style(g, !strcmp(text, "worse")	? STYLE_RED
		      : !strcmp(text, "better") ? STYLE_GREEN
						: STYLE_DIM);
}

/* A's figure, B's, what lies between, and whether that is more than chance. */
static void columns(struct grid *g, const json_t *doc)
{
	grid_column(g, json_str(json_object_get(doc, "a"), "ref", ""), true);
	grid_column(g, json_str(json_object_get(doc, "b"), "ref", ""), true);
	grid_column(g, "difference", true);
	grid_column(g, json_object_get(doc, "bootstrap") ? "95 % interval" : "", true);
	grid_spare(g, 2);
	grid_column(g, json_object_get(doc, "bootstrap") ? "p" : "", true);
	grid_spare(g, 1);
	grid_column(g, "", false);
}

static void cells(struct grid *g, const json_t *row, const char *p)
{
	figure(g, row, "a", "%.6g");
	figure(g, row, "b", "%.6g");
	figure(g, row, "difference", "%+.4g");
	interval(g, row);
	chance(g, row, p);
	verdict(g, row);
}

static void print_metrics(const json_t *doc)
{
	const json_t *row;
	struct grid g;
	size_t i;

	grid_init(&g, 7);
	grid_column(&g, "", false);
	columns(&g, doc);
	json_array_foreach(json_object_get(doc, "metrics"), i, row) {
		grid_cell(&g, json_str(row, "metric", ""));
		cells(&g, row, "p_holm");
	}
	grid_print(&g);
	grid_clear(&g);
}

enum { MANY_SLICES = 40 };

/* Of many slices those that are too small to be judged only fill the screen. */
static bool is_aside(const json_t *doc, const json_t *division, const json_t *row)
{
	return json_array_size(json_object_get(division, "groups")) > MANY_SLICES &&
	       json_int(row, "rows", 0) < json_int(doc, "min", 0);
}

static void print_division(const json_t *doc, const json_t *division)
{
	const json_t *by = json_object_get(division, "by"), *row;
	struct grid g;
	size_t n = json_array_size(by), aside = 0, i;

	printf("\n%s by %s%s%s\n", json_str(doc, "main", ""),
	       json_string_value(json_array_get(by, 0)), n > 1 ? " * " : "",
	       n > 1 ? json_string_value(json_array_get(by, 1)) : "");
	grid_init(&g, 7 + n);
	for (i = 0; i < n; i++)
		grid_column(&g, json_string_value(json_array_get(by, i)), false);
	grid_column(&g, "rows", true);
	columns(&g, doc);
	json_array_foreach(json_object_get(division, "groups"), i, row) {
		if (is_aside(doc, division, row)) {
			aside++;
			continue;
		}
		for (size_t k = 0; k < n; k++)
			grid_cell(&g, json_string_value(
					      json_array_get(json_object_get(row, "values"), k)));
		grid_cellf(&g, "%lld", (long long)json_int(row, "rows", 0));
		cells(&g, row, "p_holm");
	}
	if (aside < i)
		grid_print(&g);
	if (aside)
		printf("%s%zu slices of fewer than %lld rows: --json has them\n",
		       aside < i ? "and " : "", aside, (long long)json_int(doc, "min", 0));
	grid_clear(&g);
}

static void found_row(struct grid *g, const json_t *row)
{
	struct buf name = BUF_INIT;

	add_slice(json_object_get(row, "by"), json_object_get(row, "values"), &name);
	grid_cell(g, name.data);
	grid_cellf(g, "%lld", (long long)json_int(row, "rows", 0));
	cells(g, row, "p");
	buf_clear(&name);
}

/* Those where B is worse first: they are what a person looks for. */
static void print_found(const json_t *doc)
{
	const json_t *searched = json_object_get(doc, "searched"), *found, *row;
	long long slices = (long long)json_int(searched, "slices", 0);
	struct grid g;
	size_t i;

	found = json_object_get(doc, "found");
	if (!searched)
		return;
	if (!json_array_size(found)) {
		if (slices)
			printf("\nno slice differs from the rest by more than chance, of %lld "
			       "searched\n",
			       slices);
		return;
	}
	printf("\nslices that differ from the rest, of %lld searched: %s\n", slices,
	       json_str(searched, "metric", ""));
	grid_init(&g, 8);
	grid_column(&g, "", false);
	grid_column(&g, "rows", true);
	columns(&g, doc);
	for (int worse = 1; worse >= 0; worse--)
		json_array_foreach(found, i, row)
			if (worse == (strcmp(json_str(row, "verdict", ""), "worse") == 0))
				found_row(&g, row);
	grid_print(&g);
	grid_clear(&g);
}

/* Rows that trained a model made elsewhere, or from data that are gone, may be among them. */
static void print_unknown(const json_t *doc, const char *side)
{
	if (json_is_null(json_object_get(json_object_get(doc, "left_out"), side)))
		printf("nobody can tell which of them %s was trained on\n",
		       json_str(json_object_get(doc, side), "ref", ""));
}

static void print_head(const json_t *doc)
{
	const json_t *left = json_object_get(doc, "left_out");
	int64_t rows = json_int(doc, "rows", 0), out = json_int(left, "rows", 0);

	printf("%s -> %s on the split '%s' of %s: %lld row%s\n",
	       json_str(json_object_get(doc, "a"), "ref", ""),
	       json_str(json_object_get(doc, "b"), "ref", ""), json_str(doc, "split", ""),
	       json_str(json_object_get(doc, "dataset"), "ref", ""), (long long)rows,
	       rows == 1 ? "" : "s");
	if (out)
		printf("left out: %lld row%s that trained one of them\n", (long long)out,
		       out == 1 ? "" : "s");
	print_unknown(doc, "a");
	print_unknown(doc, "b");
	putchar('\n');
}

/* What makes B worse, each on a line. */
static void print_worse(const json_t *doc)
{
	const json_t *whole = json_array_get(json_object_get(doc, "metrics"), 0), *division, *row;
	const char *ref = json_str(json_object_get(doc, "b"), "ref", "");
	size_t i, k;

	putchar('\n');
	if (!json_bool(doc, "worse", false)) {
		printf("%s is no worse\n", ref);
		return;
	}
	if (json_bool(whole, "beyond", false))
		printf("%s is worse: %s %+.4g\n", ref, json_str(doc, "main", ""),
		       json_num(whole, "difference", NAN));
	json_array_foreach(json_object_get(doc, "slices"), i, division)
		json_array_foreach(json_object_get(division, "groups"), k, row)
			if (json_bool(row, "beyond", false)) {
				struct buf name = BUF_INIT;

				add_slice(json_object_get(division, "by"),
					  json_object_get(row, "values"), &name);
				printf("%s is worse on %s (%lld rows): %s %+.4g\n", ref, name.data,
				       (long long)json_int(row, "rows", 0),
				       json_str(doc, "main", ""), json_num(row, "difference", NAN));
				buf_clear(&name);
			}
}

static void print_text(const json_t *doc)
{
	const json_t *division;
	size_t i;

	print_head(doc);
	print_metrics(doc);
	json_array_foreach(json_object_get(doc, "slices"), i, division)
		print_division(doc, division);
	print_found(doc);
	print_worse(doc);
}

static int find_versions(struct repo *repo, const struct compare_args *args, struct version *a,
			 struct version *b, struct version *data)
{
	int rc = resolve_version(repo, "model", args->a, a);

	if (!rc)
		rc = resolve_version(repo, "model", args->b, b);
	if (!rc && args->on)
		rc = resolve_version(repo, "dataset", args->on, data);
	return rc;
}

static int compare(struct repo *repo, const struct compare_args *args, json_t **out)
{
	struct version a = VERSION_INIT, b = VERSION_INIT, data = VERSION_INIT;
	struct comparison_ask ask = { .data = args->on ? &data : NULL,
				      .part = args->split,
				      .by = (const char *const *)args->by.v,
				      .n_by = args->by.n,
				      .search = !args->no_search,
				      .bins = (int)args->bins,
				      .threshold = args->threshold,
				      .tolerance = args->tolerance,
				      .min_rows = (size_t)args->min,
				      .samples = (int)args->bootstrap,
				      .seed = (uint64_t)args->seed,
				      .threads = (int)args->threads };
	int rc = find_versions(repo, args, &a, &b, &data);

	if (!rc)
		rc = comparison_make(repo, &a, &b, &ask, out);
	version_clear(&a);
	version_clear(&b);
	version_clear(&data);
	return rc;
}

static int run(struct repo *repo, const void *payload)
{
	const struct compare_args *args = payload;
	json_t *doc = NULL;
	int rc = check(args);

	if (!rc)
		rc = compare(repo, args, &doc);
	if (rc)
		return rc;
	if (args->json)
		cmd_json(json_incref(doc));
	else
		print_text(doc);
	if (json_bool(doc, "worse", false))
		rc = error_set(ERR_NO, "%s is worse than %s",
			       json_str(json_object_get(doc, "b"), "ref", ""),
			       json_str(json_object_get(doc, "a"), "ref", ""));
	json_decref(doc);
	return rc;
}

const struct cmd cmd_compare = {
	.name = "compare",
	.summary = "hold one model against another, slice by slice",
	.group = GROUP_LOOK,
	.flags = CMD_READS | CMD_PAGER,
	.opts = opts,
	.args_size = sizeof(struct compare_args),
	.run = run,
};
