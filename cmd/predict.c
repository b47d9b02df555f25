/* predict.c - what a model says of rows: a file's, a query's, or those that come in on stdin. */
#include "cmd/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/made.h"
#include "cmd/scoring.h"
#include "lib/base/mem.h"
#include "lib/make/make.h"
#include "lib/make/pick.h"
#include "lib/make/release/package.h"
#include "lib/make/score/deliver.h"

static const struct opt opts[] = {
	OPT_LIST(
		'f', "from", struct scoring_args, from, "[NAME=]FILE", COMP_FILE,
		"rows to score: CSV, JSON lines, Parquet, SQLite (FILE:TABLE); - or nothing: stdin"),
	OPT_STRING('q', "sql", struct scoring_args, sql, "QUERY", NULL, COMP_NONE,
		   "score the rows of this query over the files, each under its stem"),
	OPT_LIST('c', "columns", struct scoring_args, columns, "COLUMN,...", COMP_NONE,
		 "columns of the rows to write before the predictions"),
	OPT_STRING(
		'o', "into", struct scoring_args, into, "TARGET", NULL, COMP_FILE,
		"record the predictions and write them to FILE.parquet, FILE.csv, FILE.jsonl or DB.sqlite:TABLE"),
	OPT_STRING(0, "name", struct scoring_args, name, "NAME", NULL, COMP_NONE,
		   "record them as prediction/NAME; else under the model's name"),
	OPT_CHOICE(0, "format", struct scoring_args, format, NULL, "csv|jsonl",
		   "of stdout; else that of the rows"),
	OPT_LIST(0, "models", struct scoring_args, models, "MODEL,...", COMP_VERSION,
		 "in place of one model: the outputs of each of these, side by side"),
	OPT_STRING(0, "url", struct scoring_args, url, "URL", NULL, COMP_NONE,
		   "ask a server that has the model: http://HOST:PORT or unix:PATH"),
	OPT_STRING(0, "token-file", struct scoring_args, token_file, "FILE", NULL, COMP_FILE,
		   "with the token that stands first in it"),
	OPT_INT(0, "threads", struct scoring_args, threads, "N", "0", "threads; 0: one a core"),
	OPT_JSON(struct scoring_args),
	OPERAND("model", struct scoring_args, model, OPTIONAL, COMP_VERSION,
		"model that predicts: a version, or a package's file or folder"),
	OPT_END
};

static int check_models(const struct scoring_args *args)
{
	if (!args->models.n)
		return args->model ? 0
				   : error_hint(error_set(ERR_USAGE,
							  "missing MODEL: model that predicts"),
						"mich predict --help");
	if (args->model)
		return error_set(ERR_USAGE,
				 "option '--models' wants no model beside it, as '%s' is",
				 args->model);
	if (!args->into)
		return 0;
	return error_hint(
		error_set(ERR_USAGE, "option '--into' records the rows of one model, not "
				     "of '--models'"),
		"write them with a redirection: mich predict --models A,B --from FILE >OUT");
}

static int check_url(const struct scoring_args *args)
{
	if (args->token_file && !args->url)
		return error_set(ERR_USAGE, "option '--token-file' wants '--url URL'");
	if (!args->url)
		return 0;
	if (args->models.n)
		return error_set(ERR_USAGE,
				 "option '--url' asks for one model, not for '--models'");
	if (!args->into)
		return 0;
	return error_hint(error_set(ERR_USAGE, "option '--into' records what a model of this "
					       "record gives, not what a server answers"),
			  "write the rows with a redirection: mich predict %s --url %s >OUT",
			  args->model, args->url);
}

static int check(const struct scoring_args *args)
{
	int rc = check_models(args);

	if (!rc)
		rc = check_url(args);
	if (rc)
		return rc;
	if (args->into && scoring_from_stdin(args))
		return error_hint(
			error_set(
				ERR_USAGE,
				"option '--into' wants '--from FILE': what comes on stdin is not recorded"),
			"write stdin's rows with a redirection: mich predict MODEL <rows >FILE");
	if (args->sql && !args->from.n)
		return error_set(ERR_USAGE, "option '--sql' wants '--from FILE'");
	if (args->from.n > 1 && !args->sql)
		return error_set(ERR_USAGE, "several '--from' want '--sql'");
	if (args->json && !args->into)
		return error_hint(
			error_set(
				ERR_USAGE,
				"option '--json' wants '--into FILE': it tells of what was recorded"),
			"rows as JSON lines: --format jsonl");
	if (args->threads < 0)
		return error_set(ERR_USAGE, "option '--threads' wants a number from 0, not '%lld'",
				 (long long)args->threads);
	if (args->into && args->model && package_named(args->model))
		return error_hint(
			error_set(ERR_USAGE, "option '--into' wants a model of this record, not a "
					     "package: the prediction is recorded as made from it"),
			"write the rows with a redirection: mich predict %s >FILE", args->model);
	if (args->name && !args->into)
		return error_set(ERR_USAGE, "option '--name' wants '--into'");
	return 0;
}

static int print_one(struct repo *repo, struct scoring *s)
{
	struct predict_result result = { 0 };
	struct model *m = NULL;
	char *name = NULL;
	int rc = scoring_load(repo, s->args->model, &m, &name);

	s->plan.scratch_dir = s->scratch;
	if (!rc)
		rc = scoring_from_stdin(s->args) ? predict_stream(m, &s->plan, 0, &result)
						 : predict_table(m, &s->plan, &result);
	scoring_print_counts(&result, NULL);
	json_decref(result.counts);
	model_free(m);
	free(name);
	return rc;
}

static int print_rows(struct repo *repo, const struct scoring_args *args,
		      const struct strlist *columns)
{
	struct scoring s;
	int rc = scoring_open(repo, args, columns, &s), closed;

	if (!rc)
		rc = args->models.n ? scoring_print_several(repo, &s)
		     : args->url    ? scoring_print_far(&s)
				    : print_one(repo, &s);
	closed = scoring_close(&s);
	return rc ? rc : closed;
}

/* "[prediction NAME]" as the command line says it; model is pinned. */
static int define(struct plan *p, const struct scoring_args *args, const char *model,
		  const struct strlist *columns, const struct spec_node **out)
{
	size_t n = 0, slots = 2 * (args->from.n + columns->n + 3) + 1;
	const char **pairs = xcalloc(slots, sizeof *pairs), *slash = strrchr(model, '/');
	const char *bare = slash ? slash + 1 : model;
	char *name = args->name ? xstrdup(args->name) : xstrndup(bare, strcspn(bare, "@"));
	struct spec_node *node = NULL;
	int rc;

	pairs[n++] = "model";
	pairs[n++] = model;
	for (size_t i = 0; i < args->from.n; i++) {
		pairs[n++] = "source";
		pairs[n++] = args->from.v[i];
	}
	if (args->sql) {
		pairs[n++] = "query";
		pairs[n++] = args->sql;
	}
	for (size_t i = 0; i < columns->n; i++) {
		pairs[n++] = "columns";
		pairs[n++] = columns->v[i];
	}
	rc = spec_define(plan_spec(p), SPEC_PREDICTION, name, pairs, &node);
	if (rc == ERR_EXISTS)
		error_hint(rc, "record them under another name: --name NAME");
	*out = node;
	free(name);
	free(pairs);
	return rc;
}

static int record_rows(struct repo *repo, const struct scoring_args *args,
		       const struct strlist *columns)
{
	const struct spec_node *node = NULL;
	struct plan_made made = { 0 };
	struct plan_item *it = NULL;
	struct plan *p = NULL;
	bool written = false;
	char *ref = NULL, *model = NULL;
	int rc = plan_open_any(repo, make_ops, &p);

	if (!rc)
		rc = pick_pinned(repo, "model", args->model, &model);
	if (!rc)
		rc = define(p, args, model, columns, &node);
	if (!rc)
		rc = plan_item(p, node, &it);
	if (!rc)
		rc = plan_make(p, it, false, &made);
	if (!rc)
		rc = deliver_prediction(repo, &made.version, args->into, &written);
	if (!rc) {
		ref = version_ref(&made.version);
		fprintf(stderr,
			made.made || written ? "%s is in '%s'\n"
					     : "%s is in '%s' already: nothing to do\n",
			ref, args->into);
		if (args->json)
			rc = cmd_json(json_pack("{s:s,s:s,s:s,s:s,s:b}", "ref", ref, "id",
						made.version.id, "action",
						made.made ? "made" : "current", "into", args->into,
						"written", written));
		else
			printf("%s\n", ref);
	}
	free(ref);
	free(model);
	plan_made_clear(&made);
	plan_close(p);
	return rc;
}

/* Only what is recorded needs a record that can be written. */
static int record(const struct scoring_args *args, const struct strlist *columns)
{
	struct repo *repo = NULL;
	int rc = cmd_repo(REPO_WRITE, &repo);

	if (!rc)
		rc = record_rows(repo, args, columns);
	repo_close(repo);
	return rc;
}

static int run(struct repo *repo, const void *payload)
{
	const struct scoring_args *args = payload;
	struct strlist columns = STRLIST_INIT;
	int rc = check(args);

	for (size_t i = 0; i < args->columns.n; i++)
		strlist_split(&columns, args->columns.v[i], ",");
	if (!rc)
		rc = args->into ? record(args, &columns) : print_rows(repo, args, &columns);
	strlist_clear(&columns);
	return rc;
}

const struct cmd cmd_predict = {
	.name = "predict",
	.summary = "score rows with a model",
	.group = GROUP_MAKE,
	.flags = CMD_READS | CMD_OPTIONAL_REPO,
	.opts = opts,
	.args_size = sizeof(struct scoring_args),
	.run = run,
};
