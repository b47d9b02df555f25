/* quickstart.c - from a file and a column to a measured model. */
#define _GNU_SOURCE
#include "cmd/cmd.h"
#include "cmd/made.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/make/make.h"
#include "lib/record/repo.h"
#include "lib/spec/quickstart.h"

struct quickstart_args {
	const char *file, *label, *name, *learner;
	bool json;
};

static const struct opt opts[] = {
	OPT_STRING('l', "label", struct quickstart_args, label, "COLUMN", NULL, COMP_NONE,
		   "the column to predict; needed"),
	OPT_STRING(0, "name", struct quickstart_args, name, "NAME", NULL, COMP_NONE,
		   "call the data set NAME; else as the file"),
	OPT_CHOICE(0, "learner", struct quickstart_args, learner, "xgboost", "xgboost|net|linear",
		   "what trains the model: trees, a neural network, or a linear one"),
	OPT_JSON(struct quickstart_args),
	OPERAND("file", struct quickstart_args, file, ONE, COMP_FILE,
		"a table: CSV, Parquet, JSON lines, or FILE.sqlite:TABLE"),
	OPT_END
};

/* What the run has so far. */
struct job {
	struct repo *repo;
	char *michfile; /* path */
	struct buf old, text;
	bool existed; /* there was a Michfile */
	struct quickstart names;
	struct baseline baseline;
	struct plan_made made[3]; /* data set, model, eval */
	json_t *metrics;
};

/* FILE from the top of the work tree, or absolute where it lies outside; caller frees. */
static int find_file(const struct job *j, const char *file, char **out)
{
	const char *top = repo_workdir(j->repo), *colon = strrchr(file, ':');
	char *path = xstrdup(file), *real, *top_real = realpath(top, NULL);
	size_t n = top_real ? strlen(top_real) : 0;
	const char *table = "";

	if (!file_exists(path) && colon) {
		path[colon - file] = '\0';
		table = colon;
	}
	real = realpath(path, NULL);
	free(path);
	if (!real || !n) {
		free(real);
		free(top_real);
		return error_errno("cannot read '%s'", file);
	}
	if (!strncmp(real, top_real, n) && real[n] == '/')
		*out = xasprintf("%s%s", real + n + 1, table);
	else
		*out = xasprintf("%s%s", real, table);
	free(real);
	free(top_real);
	return 0;
}

/* The Michfile as it is, and the names that are free in it. */
static int read_michfile(struct job *j, const struct quickstart_args *args)
{
	struct spec *spec = NULL;
	char *path = NULL;
	int rc;

	if (!repo_workdir(j->repo))
		return error_set(ERR_INPUT, "a bare repository has no Michfile to write");
	j->michfile = path_join(repo_workdir(j->repo), "Michfile");
	j->existed = file_exists(j->michfile);
	rc = j->existed ? file_read(j->michfile, &j->old) : 0;
	if (rc == 0)
		rc = spec_parse(j->old.data, j->old.len, "Michfile", &spec);
	if (rc == 0)
		rc = find_file(j, args->file, &path);
	if (rc == 0)
		rc = quickstart_init(&j->names, spec, path, args->label, args->name);
	j->names.learner = args->learner;
	spec_free(spec);
	free(path);
	return rc;
}

static int write_michfile(struct job *j)
{
	return file_write(j->michfile, j->text.data, j->text.len);
}

/* As it was before; the reason that is set stays. */
static void restore_michfile(struct job *j)
{
	if (j->existed)
		(void)file_write(j->michfile, j->old.data, j->old.len);
	else
		(void)unlink(j->michfile);
}

static int make(struct job *j, const char *kind, const char *name, struct plan_made *out)
{
	const struct spec_node *node;
	struct plan *p = NULL;
	int rc = plan_open(j->repo, make_ops, &p);

	if (rc == 0)
		rc = plan_find(p, kind, name, &node);
	if (rc == 0)
		rc = made_make(p, node, true, out);
	plan_close(p);
	return rc;
}

/* DuckDB's words for a label that is not there, in ours. */
static int explain(const struct job *j, int rc)
{
	char *missing = xasprintf("column \"%s\" not found", j->names.label);

	if (rc < 0 && strcasestr(error_text(), missing))
		rc = error_set(ERR_INPUT, "'%s' has no column '%s'", j->names.source,
			       j->names.label);
	free(missing);
	return rc;
}

/* The data set first, since its profile says what to write about the model. */
static int begin(struct job *j)
{
	json_t *report = NULL;
	int rc;

	buf_add(&j->text, j->old.data, j->old.len);
	quickstart_add_dataset(&j->names, &j->text);
	if ((rc = write_michfile(j)) < 0)
		return rc;
	rc = explain(j, make(j, "dataset", j->names.dataset, &j->made[0]));
	if (rc == 0)
		rc = version_profile(j->repo, &j->made[0].version, &report);
	if (rc == 0)
		rc = baseline_read(json_object_get(report, "profile"), j->names.label,
				   &j->baseline);
	json_decref(report);
	if (rc == 0) {
		quickstart_add_model(&j->names, &j->baseline, &j->text);
		rc = write_michfile(j);
	}
	if (rc < 0)
		restore_michfile(j);
	return rc;
}

static int finish(struct job *j)
{
	int rc = make(j, "model", j->names.model, &j->made[1]);

	if (rc == 0 && j->baseline.gates.n)
		rc = make(j, "eval", j->names.model, &j->made[2]);
	if (rc == 0 && j->made[2].version.kind)
		rc = version_metrics(j->repo, &j->made[2].version, &j->metrics);
	if (rc < 0 && !*error_hint_text())
		error_hint(rc, "mich build, when the Michfile is as you want it");
	return rc;
}

static char *ref_of(const struct plan_made *m)
{
	return m->version.kind ? version_ref(&m->version) : xstrdup("");
}

static int print_json(struct job *j)
{
	static const char *const kinds[] = { "dataset", "model", "eval" };
	json_t *v = json_pack("{s:s}", "michfile", j->michfile);

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		char *ref = ref_of(&j->made[i]);

		json_object_set_new(v, kinds[i], *ref ? json_string(ref) : json_null());
		free(ref);
	}
	json_object_set_new(v, "metrics", j->metrics ? json_incref(j->metrics) : json_object());
	json_object_set_new(v, "judged",
			    j->made[2].judged ? json_incref(j->made[2].judged) : json_array());
	return cmd_json(v);
}

/* Something to try next. */
static const char *another_setting(const char *learner)
{
	return !strcmp(learner, "net")	    ? "hidden=256,128"
	       : !strcmp(learner, "linear") ? "l2=0"
					    : "max_depth=8";
}

static void print_text(const struct job *j)
{
	const char *model = j->names.model;

	for (size_t i = 0; i < ARRAY_LEN(j->made); i++) {
		char *ref = ref_of(&j->made[i]);

		if (*ref)
			printf("%s\n", ref);
		free(ref);
	}
	fprintf(stderr,
		"the Michfile says how; what to type next:\n"
		"  mich show eval/%s\n"
		"  mich predict %s --from FILE\n"
		"  mich train %s --set %s\n"
		"  git add Michfile && git commit\n",
		model, model, model, another_setting(j->names.learner));
}

static int run(struct repo *repo, const void *p)
{
	const struct quickstart_args *args = p;
	struct job j = { .repo = repo, .old = BUF_INIT, .text = BUF_INIT };
	int rc = args->label ? 0 : error_set(ERR_USAGE, "say what to predict: --label COLUMN");

	if (rc == 0)
		rc = read_michfile(&j, args);
	if (rc == 0)
		rc = begin(&j);
	if (rc == 0)
		rc = finish(&j);
	if (rc == 0 && args->json)
		rc = print_json(&j);
	else if (rc == 0)
		print_text(&j);
	if (rc == 0 && j.made[2].version.kind && !j.made[2].ok)
		rc = error_set(ERR_NO, "model/%s does no better than guessing", j.names.model);
	for (size_t i = 0; i < ARRAY_LEN(j.made); i++)
		plan_made_clear(&j.made[i]);
	json_decref(j.metrics);
	quickstart_clear(&j.names);
	baseline_clear(&j.baseline);
	buf_clear(&j.old);
	buf_clear(&j.text);
	free(j.michfile);
	return rc;
}

const struct cmd cmd_quickstart = {
	.name = "quickstart",
	.summary = "from a file and a column to a measured model",
	.group = GROUP_START,
	.flags = CMD_NEEDS_REPO,
	.opts = opts,
	.args_size = sizeof(struct quickstart_args),
	.run = run,
};
