/* eval.c - measure a model on a split of a data set that it did not learn from. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/make/eval/findings.h"
#include "lib/make/eval/measuring.h"
#include "lib/make/judge/gates.h"
#include "lib/make/make.h"
#include "lib/make/trained.h"
#include "lib/measure/gate/gate.h"
#include "lib/measure/gate/verdict.h"
#include "lib/measure/slice/slicer.h"

enum { EVAL_NUMBER = 5 };

static int body(void *payload)
{
	return measuring_run(payload);
}

/* The hash of files/PART.parquet, by the version's own listing; "" when it has none. */
static int part_hash(struct repo *r, const struct version *v, const char *part, char out[65])
{
	struct buf b = BUF_INIT;
	char *end = xasprintf(" %s.parquet", part), *line, *rest;
	int rc = version_cat(r, v, "contents", &b);

	out[0] = '\0';
	for (line = rc ? NULL : strtok_r(b.data, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		size_t n = strlen(line), m = strlen(end);
		char *sha = strchr(line, ' ');

		if (n > m && !strcmp(line + n - m, end) && sha && strlen(sha) > 65)
			snprintf(out, 65, "%s", sha + 1);
	}
	buf_clear(&b);
	free(end);
	return rc;
}

/* A measurement on rows that trained the model says nothing: refuse it, whatever the data set is called. */
static int refuse_training_rows(struct repo *r, const struct step_input *model,
				const struct step_input *data, const char *part)
{
	struct version trained = VERSION_INIT;
	char measured[65], learned[65];
	int rc = trained_dataset(r, &model->version, &trained);

	if (rc == ERR_NOT_FOUND) { /* it was not made from a data set */
		error_clear();
		return 0;
	}
	if (!rc)
		rc = part_hash(r, &data->version, part, measured);
	if (!rc)
		rc = part_hash(r, &trained, "train", learned);
	if (!rc && measured[0] && !strcmp(measured, learned)) {
		rc = error_set(
			ERR_INPUT,
			"cannot measure %s on the split '%s' of %s: it was trained on those rows",
			model->ref, part, data->ref);
		error_hint(rc, "measure on a hold-out: --split test");
	}
	version_clear(&trained);
	return rc;
}

static const char *part_of(const struct spec_node *node)
{
	static const char *const parts[] = { [SPEC_PART_TEST] = "test",
					     [SPEC_PART_VALIDATION] = "validation",
					     [SPEC_PART_TRAIN] = "train" };

	return parts[node->part];
}

/* A gate that cannot be read is found before anything is made. */
static int check_gates(const struct spec_node *node)
{
	for (size_t i = 0; i < node->gate.n; i++) {
		struct gate gate = GATE_INIT;
		int rc = gate_parse(node->gate.v[i].text, strlen(node->gate.v[i].text), &gate);

		gate_clear(&gate);
		if (rc)
			return error_wrap(rc, "%s:%d", node->file, node->gate.v[i].line);
	}
	return 0;
}

/* The columns of a data set, as its profile has them; none where it holds no tables. */
static int columns_of(struct repo *r, const struct version *v, struct strlist *out)
{
	json_t *profile = NULL, *column;
	size_t i;
	int rc = version_profile(r, v, &profile);

	json_array_foreach(json_object_get(json_object_get(profile, "profile"), "columns"), i,
			   column)
		strlist_add(out, json_str(column, "name", ""));
	json_decref(profile);
	return rc;
}

static int check_column(const struct strlist *columns, const char *name, const char *data)
{
	if (!name || strlist_has(columns, name))
		return 0;
	error_set(ERR_INPUT, "cannot slice by '%s': %s has no such column", name, data);
	return strlist_hint(ERR_INPUT, (const char *const *)columns->v, columns->n, name);
}

/* A column that is not there is found before anything runs. */
static int check_by(struct repo *r, const struct spec_node *node, const struct step_input *data)
{
	struct strlist columns = STRLIST_INIT;
	int rc = node->by.n ? columns_of(r, &data->version, &columns) : 0;

	for (size_t i = 0; !rc && columns.n && i < node->by.n; i++) {
		const struct spec_item *by = &node->by.v[i];
		char *a, *b;

		rc = slicer_by(by->text, (const char *const *)columns.v, columns.n, &a, &b);
		if (!rc)
			rc = check_column(&columns, a, data->ref);
		if (!rc)
			rc = check_column(&columns, b, data->ref);
		free(a);
		free(b);
		if (rc && by->line > 0)
			error_wrap(rc, "%s:%d", node->file, by->line);
	}
	strlist_clear(&columns);
	return rc;
}

static int describe(struct plan *p, const struct spec_node *node, struct step *s)
{
	const struct step_input *model = step_find_input(s, "model"),
				*data = step_find_input(s, "dataset");

	if (check_gates(node))
		return ERR_INPUT;
	if (node->command || !model || !data || !model->content[0] || !data->content[0])
		return 0;
	if (check_by(plan_repo(p), node, data))
		return ERR_INPUT;
	return refuse_training_rows(plan_repo(p), model, data, part_of(node));
}

static int check_files(const struct measuring *m, const struct step_input *model,
		       const struct step_input *data)
{
	char *meta = path_join(m->model_dir, "model.json");
	int rc = 0;

	if (access(meta, R_OK) < 0) {
		rc = error_set(ERR_INPUT, "%s has no model.json, so mich cannot score with it",
			       model->ref);
		error_hint(rc, "measure it by a program: [eval \"%s\"] command = ...",
			   model->version.name);
	} else if (access(m->table_path, R_OK) < 0) {
		rc = error_hint(
			error_set(ERR_INPUT, "%s has no rows in its split '%s'", data->ref,
				  m->part),
			"give it some: split = 75/15/10 by hash, or measure another: --split validation");
	}
	free(meta);
	return rc;
}

/* The column by which the model ranks, as its recipe says; NULL when it ranks nothing. Caller frees. */
static int group_of(struct repo *r, const struct step_input *model, char **out)
{
	json_t *manifest = NULL;
	const char *group;
	int rc = version_manifest(r, &model->version, &manifest);

	group = rc ? NULL : json_str(json_object_get(manifest, "recipe"), "group", NULL);
	*out = group ? xstrdup(group) : NULL;
	json_decref(manifest);
	return rc;
}

/*
 * Where the rows lie that the model learned from; *out stays NULL where the data set is the one it was
 * trained on, whose splits are apart, and where nobody can tell any more. Caller frees.
 */
static int known_rows(struct repo *r, const struct step_input *model, const struct step_input *data,
		      char **out)
{
	struct version trained = VERSION_INIT;
	int rc = trained_dataset(r, &model->version, &trained);

	if (!rc && strcmp(trained.id, data->version.id))
		rc = trained_rows(r, &model->version, out);
	version_clear(&trained);
	if (rc != ERR_NOT_FOUND)
		return rc;
	error_clear();
	return 0;
}

static int measure_built_in(struct attempt *a, const struct spec_node *node)
{
	const struct step_input *model = step_find_input(a->step, "model");
	const struct step_input *data = step_find_input(a->step, "dataset");
	char *data_dir = attempt_input_path(a, data), *model_dir = attempt_input_path(a, model);
	char *table = xasprintf("%s/%s.parquet", data_dir, part_of(node)), *group = NULL;
	char *known = NULL;
	char *counts_path = path_join(a->tmp, "contract.json");
	struct measuring m = {
		.model_dir = model_dir,
		.table_path = table,
		.part = part_of(node),
		.by = &node->by,
		.bins = (int)node->bins,
		.bootstrap = (int)node->bootstrap,
		.importance = (int)node->importance,
		.threads = a->threads,
		.seed = (uint64_t)node->seed,
		.threshold = node->threshold,
		.out_dir = a->out,
		.counts_path = counts_path,
		.scratch_dir = a->tmp,
	};
	json_t *counts = NULL;
	int rc = check_files(&m, model, data);

	if (!rc)
		rc = group_of(a->repo, model, &group);
	m.group = group;
	if (!rc)
		rc = known_rows(a->repo, model, data, &known);
	m.known_path = known;
	if (!rc)
		rc = attempt_body(a, body, &m);
	if (!rc)
		rc = json_read(counts_path, &counts);
	if (!rc)
		json_object_set(a->facts, "contract", counts);
	json_decref(counts);
	free(counts_path);
	free(known);
	free(group);
	free(data_dir);
	free(model_dir);
	free(table);
	return rc;
}

static int run(struct attempt *a, const struct spec_node *node)
{
	int rc = node->command ? attempt_program(a, NULL) : measure_built_in(a, node);

	return rc ? rc : findings_take(a, node, part_of(node));
}

static struct gates_ask gates_of(const struct spec_node *node, const struct version *v)
{
	return (struct gates_ask){ .gate = &node->gate, .file = node->file, .eval = v };
}

static int judge(struct repo *r, const struct spec_node *node, const struct version *v,
		 json_t **rows)
{
	struct gates_ask ask = gates_of(node, v);
	int rc = gates_judge(r, &ask, rows);

	if (rc && !*error_hint_text())
		error_hint(rc, "mich show eval/%s@%lld lists what there is", v->name,
			   (long long)v->number);
	return rc;
}

static int basis(struct repo *r, const struct spec_node *node, const struct version *v,
		 json_t **out)
{
	struct gates_ask ask = gates_of(node, v);

	return gates_basis(r, &ask, out);
}

const struct step_ops make_eval = {
	.number = EVAL_NUMBER,
	.describe = describe,
	.run = run,
	.judge = judge,
	.basis = basis,
};
