/* predict.c - what a model says of rows: a file's, a query's, or those that come in on stdin. */
#include "cmd/cmd.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/made.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/make/score/lineup.h"
#include "lib/make/score/loaded.h"
#include "lib/make/make.h"
#include "lib/make/release/package.h"
#include "lib/make/pick.h"
#include "lib/make/score/predict.h"
#include "lib/make/resolve.h"
#include "lib/record/scratch.h"
#include "lib/make/score/deliver.h"
#include "lib/model/model.h"
#include "lib/record/repo.h"
#include "lib/serve/client.h"
#include "lib/serve/wire.h"
#include "lib/step/wording.h"

struct predict_args {
	const char *model, *sql, *into, *name, *format, *url, *token_file;
	struct strlist from, columns, models;
	int64_t threads;
	bool json;
};

static const struct opt opts[] = {
	OPT_LIST(
		'f', "from", struct predict_args, from, "[NAME=]FILE", COMP_FILE,
		"rows to score: CSV, JSON lines, Parquet, SQLite (FILE:TABLE); - or nothing: stdin"),
	OPT_STRING('q', "sql", struct predict_args, sql, "QUERY", NULL, COMP_NONE,
		   "score the rows of this query over the files, each under its stem"),
	OPT_LIST('c', "columns", struct predict_args, columns, "COLUMN,...", COMP_NONE,
		 "columns of the rows to write before the predictions"),
	OPT_STRING(
		'o', "into", struct predict_args, into, "TARGET", NULL, COMP_FILE,
		"record the predictions and write them to FILE.parquet, FILE.csv, FILE.jsonl or DB.sqlite:TABLE"),
	OPT_STRING(0, "name", struct predict_args, name, "NAME", NULL, COMP_NONE,
		   "record them as prediction/NAME; else under the model's name"),
	OPT_CHOICE(0, "format", struct predict_args, format, NULL, "csv|jsonl",
		   "of stdout; else that of the rows"),
	OPT_LIST(0, "models", struct predict_args, models, "MODEL,...", COMP_VERSION,
		 "in place of one model: the outputs of each of these, side by side"),
	OPT_STRING(0, "url", struct predict_args, url, "URL", NULL, COMP_NONE,
		   "ask a server that has the model: http://HOST:PORT or unix:PATH"),
	OPT_STRING(0, "token-file", struct predict_args, token_file, "FILE", NULL, COMP_FILE,
		   "with the token that stands first in it"),
	OPT_INT(0, "threads", struct predict_args, threads, "N", "0", "threads; 0: one a core"),
	OPT_JSON(struct predict_args),
	OPERAND("model", struct predict_args, model, OPTIONAL, COMP_VERSION,
		"model that predicts: a version, or a package's file or folder"),
	OPT_END
};

static bool from_stdin(const struct predict_args *args)
{
	return !args->sql &&
	       (args->from.n == 0 || (args->from.n == 1 && !strcmp(args->from.v[0], "-")));
}

static int check_models(const struct predict_args *args)
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

static int check_url(const struct predict_args *args)
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

static int check(const struct predict_args *args)
{
	int rc = check_models(args);

	if (!rc)
		rc = check_url(args);
	if (rc)
		return rc;
	if (args->into && from_stdin(args))
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

/* What was packed, wherever it lies: no record is needed. */
static int load_package(struct repo *repo, const char *path, struct model **out, char **name_out)
{
	struct package package = { 0 };
	char *dir = NULL;
	int rc = scratch_make(repo, "package", &dir), removed = 0;

	if (!rc)
		rc = package_open(path, dir, &package);
	if (!rc && (rc = model_open(package.files, out)) < 0)
		wording_name(rc, package.files, path);
	package_close(&package);
	if (dir)
		removed = file_remove_tree(dir);
	if (!rc)
		*name_out = xstrdup(path_base(path));
	free(dir);
	return rc ? rc : removed;
}

static int load_recorded(struct repo *repo, const char *text, struct model **out, char **name_out)
{
	struct version v = VERSION_INIT;
	int rc = resolve_version(repo, "model", text, &v);

	if (!rc && !strcmp(v.life, "retired"))
		rc = error_hint(error_set(ERR_INPUT, "model/%s@%lld is retired", v.name,
					  (long long)v.number),
				"name another version: mich log model/%s", v.name);
	if (!rc && !strcmp(v.life, "deprecated"))
		fprintf(stderr, "warning: model/%s@%lld is deprecated\n", v.name,
			(long long)v.number);
	if (!rc)
		rc = loaded_model(repo, &v, out);
	if (!rc)
		*name_out = xasprintf("%s@%lld", v.name, (long long)v.number);
	version_clear(&v);
	return rc;
}

/* *name_out: "eta@3", or of a package its file's name; caller frees. */
static int load_model(struct repo *repo, const char *text, struct model **out, char **name_out)
{
	struct repo *here = NULL;
	int rc;

	*out = NULL;
	*name_out = NULL;
	if (package_named(text))
		return load_package(repo, text, out, name_out);
	if (repo)
		return load_recorded(repo, text, out, name_out);
	rc = cmd_repo(REPO_READ, &here); /* says why there is none */
	if (!rc)
		rc = load_recorded(here, text, out, name_out);
	repo_close(here);
	return rc;
}

/* model: whose, where there are several. */
static void print_counts(const struct predict_result *result, const char *model)
{
	const char *name, *kind;
	json_t *column, *n;

	json_object_foreach(json_object_get(result->counts, "columns"), name, column)
		json_object_foreach(column, kind, n)
			fprintf(stderr, "warning: %s%scolumn '%s': %lld value%s %s\n",
				model ? model : "", model ? ": " : "", name,
				(long long)json_integer_value(n),
				json_integer_value(n) == 1 ? "" : "s",
				!strcmp(kind, "unknown")
					? "of a category that training did not have"
				: !strcmp(kind, "missing") ? "missing, which training never had"
				: !strcmp(kind, "range")   ? "outside the range of training"
							   : "cast");
}

/* "weather=data/w.csv" or "data/w.csv:table" in its parts; the strings are the caller's to free. */
struct part {
	char *name, *path, *member;
};

static void split_part(const char *text, struct part *p)
{
	const char *eq = strchr(text, '='), *path = eq ? eq + 1 : text, *colon = strrchr(path, ':');
	const char *base;

	p->path = xstrdup(path);
	p->member = NULL;
	if (colon && !file_exists(path)) {
		p->path[colon - path] = '\0';
		p->member = xstrdup(colon + 1);
	}
	base = path_base(p->path);
	p->name = eq ? xstrndup(text, (size_t)(eq - text)) : xstrndup(base, strcspn(base, "."));
}

static bool is_json_lines(const char *path)
{
	return strstr(path_base(path), ".jsonl") || strstr(path_base(path), ".ndjson");
}

/* What is scored, and where what is in the way goes. */
struct job {
	struct predict_plan plan;
	struct predict_source *sources; /* (n) */
	struct part *parts;		/* (n) whose strings those are */
	size_t n;
	char *scratch, *spooled;
};

static int job_open(struct repo *repo, const struct predict_args *args,
		    const struct strlist *columns, struct job *j)
{
	size_t n = args->from.n;

	*j = (struct job){ .sources = xcalloc(n + 1, sizeof *j->sources),
			   .parts = xcalloc(n + 1, sizeof *j->parts),
			   .n = n };
	for (size_t i = 0; i < n; i++) {
		struct part *p = &j->parts[i];

		split_part(args->from.v[i], p);
		j->sources[i] = (struct predict_source){ p->name, p->path, p->member };
	}
	j->plan = (struct predict_plan){ .sources = j->sources,
					 .n_sources = n,
					 .sql = args->sql,
					 .keep = (const char *const *)columns->v,
					 .n_keep = columns->n,
					 .threads = (int)args->threads,
					 .out_fd = 1 };
	j->plan.json_lines = args->format ? !strcmp(args->format, "jsonl")
					  : n == 1 && is_json_lines(args->from.v[0]);
	return scratch_make(repo, "predict", &j->scratch);
}

static int job_close(struct job *j)
{
	int rc = j->scratch ? file_remove_tree(j->scratch) : 0;

	for (size_t i = 0; i < j->n; i++) {
		free(j->parts[i].name);
		free(j->parts[i].path);
		free(j->parts[i].member);
	}
	free(j->parts);
	free(j->sources);
	free(j->scratch);
	free(j->spooled);
	return rc;
}

/* The first token of a file as mich serve --token-file reads it; caller frees. */
static int read_token(const char *path, char **out)
{
	struct strlist lines = STRLIST_INIT;
	struct buf text = BUF_INIT;
	int rc = file_read(path, &text);

	*out = NULL;
	if (!rc)
		strlist_split(&lines, text.data, "\n");
	for (size_t i = 0; i < lines.n && !*out; i++)
		if (lines.v[i][0] != '#')
			*out = xstrdup(lines.v[i]);
	if (!rc && !*out)
		rc = error_set(ERR_INPUT, "there is no token in '%s'", path);
	strlist_clear(&lines);
	buf_clear(&text);
	return rc;
}

static int client_open_as_asked(const struct predict_args *args, struct client **out)
{
	struct wire_opts o = { .token = NULL };
	struct wire *w = NULL;
	char *token = NULL;
	int rc = args->token_file ? read_token(args->token_file, &token) : 0;

	o.token = token;
	if (!rc)
		rc = wire_open(args->url, &o, &w);
	if (!rc)
		rc = client_open(w, args->model, out);
	free(token);
	return rc;
}

static int score_far(void *payload, const struct frame *in, struct frame *out)
{
	return client_score(payload, in, out);
}

/* What a server says, printed as a model's own answer is. */
static int print_far(const struct predict_args *args, struct job *j)
{
	struct predict_result result = { 0 };
	struct predict_scorer scorer = { .score = score_far };
	struct client *c = NULL;
	int rc = client_open_as_asked(args, &c);

	j->plan.scratch_dir = j->scratch;
	j->plan.scorer = &scorer;
	if (!rc) {
		scorer.contract = client_contract(c);
		scorer.payload = c;
		rc = from_stdin(args) ? predict_stream(NULL, &j->plan, 0, &result)
				      : predict_table(NULL, &j->plan, &result);
	}
	json_decref(result.counts);
	client_close(c);
	return rc;
}

static int print_one(struct repo *repo, const struct predict_args *args, struct job *j)
{
	struct predict_result result = { 0 };
	struct model *m = NULL;
	char *name = NULL;
	int rc = load_model(repo, args->model, &m, &name);

	j->plan.scratch_dir = j->scratch;
	if (!rc)
		rc = from_stdin(args) ? predict_stream(m, &j->plan, 0, &result)
				      : predict_table(m, &j->plan, &result);
	print_counts(&result, NULL);
	json_decref(result.counts);
	model_free(m);
	free(name);
	return rc;
}

/* Several read the rows one after the other, so those of stdin are kept for as long. */
static int spool(const struct predict_args *args, struct job *j)
{
	int rc = lineup_spool(0, j->scratch, &j->spooled);

	if (rc || !j->spooled)
		return rc;
	j->sources[0] = (struct predict_source){ "stdin", j->spooled, NULL };
	j->plan.n_sources = 1;
	if (!args->format)
		j->plan.json_lines = is_json_lines(j->spooled);
	return 0;
}

static int load_models(struct repo *repo, const struct strlist *models, struct lineup_model *v,
		       char **names)
{
	int rc = 0;

	for (size_t i = 0; i < models->n && !rc; i++) {
		struct model *m = NULL;

		rc = load_model(repo, models->v[i], &m, &names[i]);
		v[i] = (struct lineup_model){ .name = names[i], .m = m };
		for (size_t k = 0; k < i && !rc; k++)
			if (!strcmp(names[k], names[i]))
				rc = error_set(ERR_USAGE, "option '--models' names %s twice",
					       names[i]);
	}
	return rc;
}

static int print_several(struct repo *repo, const struct predict_args *args, struct job *j)
{
	struct strlist models = STRLIST_INIT;
	struct lineup_model *v;
	char **names;
	int rc;

	for (size_t i = 0; i < args->models.n; i++)
		strlist_split(&models, args->models.v[i], ",");
	v = xcalloc(models.n + 1, sizeof *v);
	names = xcalloc(models.n + 1, sizeof *names);
	rc = load_models(repo, &models, v, names);
	j->plan.scratch_dir = j->scratch;
	if (!rc && from_stdin(args))
		rc = spool(args, j);
	if (!rc && (j->spooled || !from_stdin(args)))
		rc = lineup_predict(v, models.n, &j->plan);
	for (size_t i = 0; i < models.n; i++) {
		print_counts(&v[i].result, names[i]);
		json_decref(v[i].result.counts);
		model_free(v[i].m);
		free(names[i]);
	}
	strlist_clear(&models);
	free(names);
	free(v);
	return rc;
}

static int print_rows(struct repo *repo, const struct predict_args *args,
		      const struct strlist *columns)
{
	struct job j;
	int rc = job_open(repo, args, columns, &j), closed;

	if (!rc)
		rc = args->models.n ? print_several(repo, args, &j)
		     : args->url    ? print_far(args, &j)
				    : print_one(repo, args, &j);
	closed = job_close(&j);
	return rc ? rc : closed;
}

/* "[prediction NAME]" as the command line says it; model is pinned. */
static int define(struct plan *p, const struct predict_args *args, const char *model,
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

static int record_rows(struct repo *repo, const struct predict_args *args,
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
static int record(const struct predict_args *args, const struct strlist *columns)
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
	const struct predict_args *args = payload;
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
	.args_size = sizeof(struct predict_args),
	.run = run,
};
