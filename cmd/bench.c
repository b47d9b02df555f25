/* bench.c - measure how fast a model answers, here or on a target. */
#include "cmd/cmd.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/made.h"
#include "cmd/measured.h"
#include "lib/base/mem.h"
#include "lib/cli/grid.h"
#include "lib/cli/term.h"
#include "lib/make/bench/benchjob.h"
#include "lib/make/bench/target.h"
#include "lib/make/make.h"
#include "lib/make/pick.h"
#include "lib/record/repo.h"

struct bench_args {
	const char *model, *input, *split, *name, *target;
	struct strlist batch;
	double seconds;
	int64_t rows, threads;
	bool synthetic, again, json, from_stdin, hardware;
};

static const struct opt opts[] = {
	OPT_STRING('i', "input", struct bench_args, input, "DATASET", NULL, COMP_DATASET,
		   "score the rows of this data set; else of the model's own"),
	OPT_CHOICE(0, "split", struct bench_args, split, NULL, "test|validation|train",
		   "of this split; else test"),
	OPT_FLAG(0, "synthetic", struct bench_args, synthetic,
		 "score rows made up from the contract: for a first look, gates never take them"),
	OPT_LIST('b', "batch", struct bench_args, batch, "N,...", COMP_NONE,
		 "rows that are scored at once, beside one; else 10, 100, 1000"),
	OPT_DOUBLE('s', "seconds", struct bench_args, seconds, "S", "0",
		   "measure each so long; 0: what the Michfile says, else 1"),
	OPT_INT('n', "rows", struct bench_args, rows, "N", "0",
		"use at most so many rows; 0: what the Michfile says, else 10000"),
	OPT_INT(0, "threads", struct bench_args, threads, "N", "0",
		"threads for batches; 0: one a core"),
	OPT_FLAG(0, "again", struct bench_args, again,
		 "measure anew what was measured on this hardware before"),
	OPT_STRING(0, "name", struct bench_args, name, "NAME", NULL, COMP_NONE,
		   "record it as bench/NAME; else under the model's name"),
	OPT_STRING('t', "target", struct bench_args, target, "HOST", NULL, COMP_NONE,
		   "measure on this machine, which ssh reaches and which has mich"),
	OPT_FLAG(0, "hardware", struct bench_args, hardware,
		 "say what this machine is, as JSON; measure nothing"),
	OPT_FLAG(0, "stdin", struct bench_args, from_stdin,
		 "measure what --target sends, without a repository, and answer with JSON"),
	OPT_JSON(struct bench_args),
	OPERAND("model", struct bench_args, model, OPTIONAL, COMP_VERSION, "model to measure"),
	OPT_END
};

static void add(struct strlist *pairs, const char *key, const char *value)
{
	if (value) {
		strlist_add(pairs, key);
		strlist_add(pairs, value);
	}
}

/* What the command line asks for, as a section of the Michfile would say it. */
static int define(struct plan *p, const struct bench_args *args, const char *dataset,
		  const struct spec_node **out)
{
	char *name = args->name ? xstrdup(args->name) : measured_name(args->model), number[40];
	struct strlist pairs = STRLIST_INIT;
	struct spec_node *node = NULL;
	int rc;

	add(&pairs, "model", args->model);
	add(&pairs, "dataset", dataset);
	add(&pairs, "split", args->split);
	add(&pairs, "target", args->target);
	add(&pairs, "synthetic", args->synthetic ? "yes" : NULL);
	for (size_t i = 0; i < args->batch.n; i++)
		add(&pairs, "batch", args->batch.v[i]);
	snprintf(number, sizeof number, "%.17g", args->seconds);
	add(&pairs, "seconds", args->seconds > 0 ? number : NULL);
	snprintf(number, sizeof number, "%lld", (long long)args->rows);
	add(&pairs, "rows", args->rows > 0 ? number : NULL);
	snprintf(number, sizeof number, "%lld", (long long)args->threads);
	add(&pairs, "threads", args->threads > 0 ? number : NULL);
	rc = spec_define(plan_spec(p), SPEC_BENCH, name, (const char *const *)pairs.v, &node);
	if (rc == ERR_EXISTS)
		error_hint(rc, "record it under another name: --name NAME");
	*out = node;
	strlist_clear(&pairs);
	free(name);
	return rc;
}

static bool asked_any(const struct bench_args *args)
{
	return args->input || args->split || args->name || args->target || args->synthetic ||
	       args->batch.n || args->seconds > 0 || args->rows || args->threads;
}

static int check(const struct bench_args *args)
{
	if (args->from_stdin || args->hardware)
		return args->model || args->json || args->again || asked_any(args) ||
				       (args->from_stdin && args->hardware)
			       ? error_set(ERR_USAGE, "'--stdin' and '--hardware' go alone")
			       : 0;
	if (!args->model)
		return error_set(ERR_USAGE, "which MODEL shall be measured?");
	if (args->synthetic && (args->input || args->split))
		return error_set(ERR_USAGE,
				 "option '--synthetic' goes without '--input' and '--split'");
	if (args->seconds < 0 || args->rows < 0 || args->threads < 0)
		return error_set(ERR_USAGE,
				 "'--seconds', '--rows' and '--threads' want numbers from 0");
	return 0;
}

static void print_row(struct grid *g, const char *rows, const json_t *of)
{
	grid_cell(g, rows);
	grid_cellf(g, "%.4g", json_num(of, "p50_us", 0));
	grid_cellf(g, "%.4g", json_num(of, "p95_us", 0));
	grid_cellf(g, "%.4g", json_num(of, "p99_us", 0));
	grid_cellf(g, "%.0f", json_num(of, "rows_s", 0));
}

static int by_number(const void *a, const void *b)
{
	long long x = strtoll(*(const char *const *)a, NULL, 10);
	long long y = strtoll(*(const char *const *)b, NULL, 10);

	return (x > y) - (x < y);
}

/* The record keeps names in the order of their bytes; people count. */
static void print_batches(struct grid *g, json_t *batches)
{
	const char **names = xcalloc(json_object_size(batches) + 1, sizeof *names), *name;
	size_t n = 0;
	json_t *of;

	json_object_foreach(batches, name, of)
		names[n++] = name;
	qsort(names, n, sizeof *names, by_number);
	for (size_t i = 0; i < n; i++)
		print_row(g, names[i], json_object_get(batches, names[i]));
	free(names);
}

static void print_figures(const json_t *bench, const json_t *manifest)
{
	const json_t *hardware = json_object_get(manifest, "hardware");
	struct buf out = BUF_INIT;
	struct grid g;
	json_t *batches = json_object_get(bench, "batch");

	grid_init(&g, 5);
	grid_column(&g, "ROWS", true);
	grid_column(&g, "P50 us", true);
	grid_column(&g, "P95 us", true);
	grid_column(&g, "P99 us", true);
	grid_column(&g, "ROWS/S", true);
	print_row(&g, "1", bench);
	print_batches(&g, batches);
	grid_render(&g, term_stdout()->columns, &out);
	fprintf(stderr, "%s", out.data);
	fprintf(stderr, "%.1f MiB, loaded in %.1f ms; %lld %s rows; hardware %s: %s, %lld cores\n",
		json_num(bench, "memory_bytes", 0) / (1 << 20), json_num(bench, "load_ms", 0),
		(long long)json_int(bench, "rows", 0), json_str(manifest, "input", "?"),
		json_str(hardware, "id", "?"), json_str(hardware, "cpu", "?"),
		(long long)json_int(hardware, "cores", 0));
	grid_clear(&g);
	buf_clear(&out);
}

static int talk(struct repo *repo, const struct plan_made *made)
{
	json_t *metrics = NULL, *manifest = NULL;
	char *ref = version_ref(&made->version);
	int rc = version_metrics(repo, &made->version, &metrics);

	if (!rc)
		rc = version_manifest(repo, &made->version, &manifest);
	if (!rc)
		print_figures(json_object_get(metrics, "bench"), manifest);
	if (!rc)
		printf("%s\n", ref);
	json_decref(metrics);
	json_decref(manifest);
	free(ref);
	return rc;
}

/* What is remembered of a target may be long ago: asked now, it may not be current after all. */
static int look_again(struct repo *repo, struct plan *p, const struct spec_node *node)
{
	struct plan_item *it = NULL;
	int rc = node->target ? plan_item(p, node, &it) : 0;

	if (!rc && it && it->state == PLAN_CURRENT)
		rc = target_ask(repo, node->target);
	if (rc > 0)
		plan_forget(p, node);
	return rc < 0 ? rc : 0;
}

static int measure(struct repo *repo, struct plan *p, const struct spec_node *node, bool json)
{
	struct plan_made made = { 0 };
	int rc = look_again(repo, p, node);

	if (rc)
		return rc;
	if (json)
		return made_node(p, node, true);
	rc = made_make(p, node, true, &made);
	if (!rc)
		rc = talk(repo, &made);
	plan_made_clear(&made);
	return rc;
}

static int run_here(struct repo *repo, const struct bench_args *given)
{
	struct bench_args own = *given, *args = &own;
	const struct spec_node *node = NULL;
	char *dataset = args->input ? xstrdup(args->input) : NULL, *model = NULL;
	struct plan *p = NULL;
	int rc;

	if ((rc = pick_pinned(repo, "model", args->model, &model)) == 0)
		args->model = model;
	if (!rc)
		rc = plan_open_any(repo, make_ops, &p);
	if (!rc && !asked_any(args) && !strchr(args->model, '@')) {
		char *name = measured_name(args->model);

		node = spec_find(plan_spec(p), SPEC_BENCH, name);
		free(name);
	}
	if (!rc && !node && !dataset && !args->synthetic)
		rc = measured_dataset(repo, args->model, "--input DATASET, or --synthetic",
				      &dataset);
	if (!rc && !node)
		rc = define(p, args, dataset, &node);
	if (!rc && args->again)
		plan_refresh(p, node);
	if (!rc)
		rc = measure(repo, p, node, args->json);
	plan_close(p);
	free(dataset);
	free(model);
	return rc;
}

/* What another mich, through ssh, asks of this machine. */
static int serve(const struct bench_args *args)
{
	json_t *answer = args->hardware ? benchjob_here() : NULL;
	int rc = answer ? 0 : benchjob_serve(STDIN_FILENO, &answer);

	return rc ? rc : cmd_json(answer);
}

static int run(struct repo *repo, const void *payload)
{
	const struct bench_args *args = payload;
	struct repo *own = NULL;
	int rc = check(args);

	if (rc)
		return rc;
	if (args->from_stdin || args->hardware)
		return serve(args);
	if (!repo) /* then the reason why is wanted */
		rc = cmd_repo(REPO_WRITE, &own);
	if (!rc)
		rc = run_here(repo ? repo : own, args);
	repo_close(own);
	return rc;
}

const struct cmd cmd_bench = {
	.name = "bench",
	.summary = "measure how fast a model answers",
	.group = GROUP_MAKE,
	.flags = CMD_NEEDS_REPO | CMD_OPTIONAL_REPO,
	.opts = opts,
	.args_size = sizeof(struct bench_args),
	.run = run,
};
