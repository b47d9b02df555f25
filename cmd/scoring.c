/* scoring.c - where the rows come from, and which model answers. */
#include "cmd/scoring.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/make/release/package.h"
#include "lib/make/resolve.h"
#include "lib/make/score/loaded.h"
#include "lib/record/run/scratch.h"
#include "lib/record/version.h"
#include "lib/step/wording.h"

bool scoring_from_stdin(const struct scoring_args *args)
{
	return !args->sql &&
	       (args->from.n == 0 || (args->from.n == 1 && !strcmp(args->from.v[0], "-")));
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

static int refuse_retired(struct repo *repo, const struct version *v)
{
	char *latest = version_latest(repo, v->kind, v->name);
	int rc = error_set(ERR_INPUT, "model/%s@%lld is retired", v->name, (long long)v->number);

	if (latest)
		rc = error_hint(rc, "model/%s@latest is %s; mich log model/%s shows all", v->name,
				latest, v->name);
	else
		rc = error_hint(rc,
				"no other is there: change the recipe, and mich train %s makes one",
				v->name);
	free(latest);
	return rc;
}

static int load_recorded(struct repo *repo, const char *text, struct model **out, char **name_out)
{
	struct version v = VERSION_INIT;
	int rc = resolve_version(repo, "model", text, &v);

	if (!rc && !strcmp(v.life, "retired"))
		rc = refuse_retired(repo, &v);
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

int scoring_load(struct repo *repo, const char *text, struct model **out, char **name_out)
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

void scoring_print_counts(const struct predict_result *result, const char *model)
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
					? "of a category that the model does not know"
				: !strcmp(kind, "missing") ? "missing, which training never had"
				: !strcmp(kind, "range")   ? "outside the range of training"
							   : "cast");
}

/* "weather=data/w.csv" or "data/w.csv:table" in its parts; the strings are the caller's to free. */
struct scoring_part {
	char *name, *path, *member;
};

static void split_part(const char *text, struct scoring_part *p)
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

bool scoring_is_json_lines(const char *path)
{
	return strstr(path_base(path), ".jsonl") || strstr(path_base(path), ".ndjson");
}

int scoring_open(struct repo *repo, const struct scoring_args *args, const struct strlist *columns,
		 struct scoring *s)
{
	size_t n = args->from.n;

	*s = (struct scoring){ .args = args,
			       .sources = xcalloc(n + 1, sizeof *s->sources),
			       .parts = xcalloc(n + 1, sizeof *s->parts),
			       .n = n };
	for (size_t i = 0; i < n; i++) {
		struct scoring_part *p = &s->parts[i];

		split_part(args->from.v[i], p);
		s->sources[i] = (struct predict_source){ p->name, p->path, p->member };
	}
	s->plan = (struct predict_plan){ .sources = s->sources,
					 .n_sources = n,
					 .sql = args->sql,
					 .keep = (const char *const *)columns->v,
					 .n_keep = columns->n,
					 .threads = (int)args->threads,
					 .out_fd = 1 };
	s->plan.json_lines = args->format ? !strcmp(args->format, "jsonl")
					  : n == 1 && scoring_is_json_lines(args->from.v[0]);
	return scratch_make(repo, "predict", &s->scratch);
}

int scoring_close(struct scoring *s)
{
	int rc = s->scratch ? file_remove_tree(s->scratch) : 0;

	for (size_t i = 0; i < s->n; i++) {
		free(s->parts[i].name);
		free(s->parts[i].path);
		free(s->parts[i].member);
	}
	free(s->parts);
	free(s->sources);
	free(s->scratch);
	free(s->spooled);
	return rc;
}
