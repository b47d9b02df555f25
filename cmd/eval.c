/* eval.c - measure a model on a split that it did not learn from. */
#include "cmd/cmd.h"
#include "cmd/evaluated.h"
#include "cmd/made.h"
#include "cmd/measured.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/make/make.h"
#include "lib/make/pick.h"
#include "lib/measure/evaluation/evaluation.h"
#include "lib/measure/slice/slicer.h"

struct eval_args {
	const char *model, *on, *split, *name, *metric;
	struct strlist by;
	double threshold;
	int64_t bins, bootstrap, importance, seed, worst, min_rows;
	bool json;
};

static const struct opt opts[] = {
	OPT_STRING(0, "on", struct eval_args, on, "DATASET", NULL, COMP_DATASET,
		   "measure on this data set; else on the model's own"),
	OPT_CHOICE(0, "split", struct eval_args, split, NULL, "test|validation|train",
		   "the split to measure on; else test"),
	OPT_DOUBLE(
		0, "threshold", struct eval_args, threshold, "P", "-1",
		"probability from which a binary answer counts as yes; -1: what the Michfile says"),
	OPT_LIST(0, "by", struct eval_args, by, "COLUMN", COMP_NONE,
		 "measure each value of a column apart; 'A * B' crosses two"),
	OPT_INT(0, "bins", struct eval_args, bins, "N", "-1",
		"ranges that a number is cut into for --by; -1: what the Michfile says, else 10"),
	OPT_INT(0, "bootstrap", struct eval_args, bootstrap, "N", "-1",
		"samples for 95 % intervals, 0: none; -1: what the Michfile says, else 1000"),
	OPT_INT(0, "importance", struct eval_args, importance, "N", "-1",
		"times each column is dealt out anew, 0: never; -1: what the Michfile says, else 5"),
	OPT_INT(0, "seed", struct eval_args, seed, "N", "-1",
		"where all chance begins; -1: what the Michfile says, else 0"),
	OPT_INT(0, "worst", struct eval_args, worst, "N", "0",
		"print the N slices that the model is worst on"),
	OPT_STRING(0, "metric", struct eval_args, metric, "NAME", NULL, COMP_NONE,
		   "the figure that --worst goes by; else rmse, auc, logloss, ndcg or recall"),
	OPT_INT(0, "min-rows", struct eval_args, min_rows, "N", "30",
		"slices of fewer rows are not among the worst"),
	OPT_STRING(0, "name", struct eval_args, name, "NAME", NULL, COMP_NONE,
		   "record it as eval/NAME; else under the model's name"),
	OPT_JSON(struct eval_args),
	OPERAND("model", struct eval_args, model, ONE, COMP_VERSION, "model to measure"),
	OPT_END
};

static void add_pair(struct strlist *pairs, const char *key, const char *value)
{
	if (!value)
		return;
	strlist_add(pairs, key);
	strlist_add(pairs, value);
}

static void add_number(struct strlist *pairs, const char *key, int64_t value)
{
	if (value < 0)
		return;
	strlist_add(pairs, key);
	strlist_addf(pairs, "%lld", (long long)value);
}

/* An item of a list as the Michfile quotes it. */
static void add_item(struct strlist *pairs, const char *key, const char *item)
{
	struct buf b = BUF_INIT;

	buf_addch(&b, '"');
	for (; *item; item++) {
		if (*item == '"')
			buf_addch(&b, '"');
		buf_addch(&b, *item);
	}
	buf_addch(&b, '"');
	add_pair(pairs, key, b.data);
	buf_clear(&b);
}

/*
 * What the command line asks for, as a section of the Michfile would say it; implied: the one that is
 * measured by other slices now, whose gates are judged all the same.
 */
static int define(struct plan *p, const struct eval_args *args, const char *dataset,
		  const struct spec_node *implied, const struct spec_node **out)
{
	char *name = args->name ? xstrdup(args->name) : measured_name(args->model);
	struct strlist pairs = STRLIST_INIT;
	struct spec_node *node = NULL;
	int rc;

	add_pair(&pairs, "model", args->model);
	add_pair(&pairs, "dataset", dataset);
	add_pair(&pairs, "split", args->split);
	if (args->threshold >= 0) {
		strlist_add(&pairs, "threshold");
		strlist_addf(&pairs, "%.17g", args->threshold);
	}
	for (size_t i = 0; i < args->by.n; i++)
		add_item(&pairs, "by", args->by.v[i]);
	add_number(&pairs, "bins", args->bins);
	add_number(&pairs, "bootstrap", args->bootstrap);
	add_number(&pairs, "importance", args->importance);
	add_number(&pairs, "seed", args->seed);
	for (size_t i = 0; implied && i < implied->gate.n; i++)
		add_pair(&pairs, "gate", implied->gate.v[i].text);
	rc = spec_define(plan_spec(p), SPEC_EVAL, name, (const char *const *)pairs.v, &node);
	if (rc == ERR_EXISTS)
		error_hint(rc, "write it there, or record it under another name: --name NAME");
	*out = node;
	strlist_clear(&pairs);
	free(name);
	return rc;
}

static bool has_item(const struct spec_items *l, const char *text)
{
	for (size_t i = 0; i < l->n; i++)
		if (slicer_same(l->v[i].text, text))
			return true;
	return false;
}

/* Does the section ask for all that the command line does? Detections are by class unasked. */
static bool says_all(const struct spec_node *node, const struct eval_args *args)
{
	for (size_t i = 0; i < args->by.n; i++)
		if (!has_item(&node->by, args->by.v[i]) &&
		    !(node->command && slicer_same(args->by.v[i], "class")))
			return false;
	return (args->bins < 0 || args->bins == node->bins) &&
	       (args->bootstrap < 0 || args->bootstrap == node->bootstrap) &&
	       (args->importance < 0 || args->importance == node->importance) &&
	       (args->seed < 0 || args->seed == node->seed);
}

/* What is to be made: a section, or what the options say. */
static int choose(struct plan *p, const struct eval_args *args, const struct spec_node **out)
{
	bool elsewhere = args->on || args->split || args->name || args->threshold >= 0 ||
			 strchr(args->model, '@');
	char *dataset = args->on ? xstrdup(args->on) : NULL, *name = measured_name(args->model);
	const struct spec_node *node = NULL;
	int rc = 0;

	if (!elsewhere)
		node = spec_find(plan_spec(p), SPEC_EVAL, name);
	if (node && says_all(node, args))
		*out = node;
	else {
		if (!dataset)
			rc = measured_dataset(plan_repo(p), args->model, "--on DATASET", &dataset);
		if (!rc)
			rc = define(p, args, dataset, node && node->implied ? node : NULL, out);
	}
	free(name);
	free(dataset);
	return rc;
}

/* Of the division that was asked for, where it is one; else of all. */
static int worst(const struct eval_args *args, const json_t *document, json_t **out)
{
	const struct worst_ask ask = { .by = args->by.n == 1 ? args->by.v[0] : NULL,
				       .metric = args->metric,
				       .n = (size_t)args->worst,
				       .min_rows = args->min_rows };
	int rc = evaluation_worst(document, &ask, out);

	if (rc && !json_object_get(document, "slices"))
		error_hint(rc, "name a column: --by COLUMN");
	if (!rc && !json_array_size(*out) && !args->json)
		fprintf(stderr, "no slice has %lld rows or more: see --min-rows\n",
			(long long)args->min_rows);
	return rc;
}

static int show(struct plan *p, const struct eval_args *args, const struct plan_made *made)
{
	json_t *document = NULL, *rows = NULL, *more = json_object();
	int rc = evaluated_read(plan_repo(p), &made->version, &document);

	if (!rc && args->worst)
		rc = worst(args, document, &rows);
	if (!rc && !args->json && !args->worst && document)
		evaluated_print(document, stderr);
	if (!rc && rows && !args->json)
		evaluated_print_worst(rows, stdout);
	if (rows)
		json_object_set(more, "worst", rows);
	if (document)
		json_object_set(more, "evaluation", document);
	if (!rc && rows && !args->json)
		rc = made_verdict(made);
	else if (!rc)
		rc = made_answer(p, made, 0, args->json, more);
	json_decref(more);
	json_decref(rows);
	json_decref(document);
	return rc;
}

static int check(const struct eval_args *args)
{
	if (args->worst < 0)
		return error_set(ERR_USAGE, "--worst wants a number from 1");
	if (args->metric && !args->worst)
		return error_set(ERR_USAGE, "--metric goes with --worst");
	return 0;
}

static int run(struct repo *repo, const void *payload)
{
	struct eval_args own = *(const struct eval_args *)payload, *args = &own;
	const struct spec_node *node = NULL;
	struct plan_made made = { 0 };
	struct plan *p = NULL;
	char *model = NULL;
	int rc = check(args);

	if (!rc && (rc = pick_pinned(repo, "model", args->model, &model)) == 0)
		args->model = model;
	if (!rc)
		rc = plan_open_any(repo, make_ops, &p);
	if (!rc)
		rc = choose(p, args, &node);
	if (!rc) {
		rc = made_make(p, node, !args->json, &made);
		rc = rc ? made_answer(p, &made, rc, args->json, NULL) : show(p, args, &made);
	}
	plan_made_clear(&made);
	plan_close(p);
	free(model);
	return rc;
}

const struct cmd cmd_eval = {
	.name = "eval",
	.summary = "measure a model on rows it did not learn from",
	.group = GROUP_MAKE,
	.flags = CMD_NEEDS_REPO,
	.opts = opts,
	.args_size = sizeof(struct eval_args),
	.run = run,
};
