/* eval.c - measure a model on a split of a data set that it did not learn from. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/make/reported.h"
#include "lib/make/make.h"
#include "lib/make/scored.h"
#include "lib/measure/gate.h"
#include "lib/measure/metrics.h"
#include "lib/measure/verdict.h"

enum { EVAL_NUMBER = 1 };

struct job {
	const struct spec_node *node;
	char *model, *table, *result; /* folder of the model, the split's file, where metrics go */
	char *counts;		      /* and where it goes what was out of contract */
	char *group;		      /* the column of what is ranked together; NULL: none */
	const char *part;
	int threads;
};

static int body(void *payload)
{
	const struct job *j = payload;
	const struct scored_ask ask = { .part = j->part, .threads = j->threads, .group = j->group };
	struct scored all = SCORED_INIT;
	struct measure_input in;
	json_t *metrics = NULL, *by_part = json_object();
	int rc = scored_files(j->model, j->table, &ask, &all);

	in = scored_input(&all, j->node->threshold);
	if (!rc)
		rc = measure_metrics(&in, &metrics);
	if (!rc) {
		json_object_set(by_part, j->part, metrics);
		rc = json_write(j->result, by_part);
	}
	if (!rc)
		rc = json_write(j->counts, all.counts);
	json_decref(metrics);
	json_decref(by_part);
	scored_clear(&all);
	return rc;
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

/* The data set that the model learned from, by its manifest. */
static int trained_on(struct repo *r, const struct version *model, struct version *out)
{
	json_t *manifest = NULL, *in;
	size_t i;
	int rc = version_manifest(r, model, &manifest), found = ERR_NOT_FOUND;

	json_array_foreach(json_object_get(manifest, "inputs"), i, in)
		if (!rc && found && !strcmp(json_str(in, "role", ""), "dataset"))
			found = version_by_id(r, json_str(in, "id", ""), out);
	json_decref(manifest);
	return rc ? rc : found;
}

/* A measurement on rows that trained the model says nothing: refuse it, whatever the data set is called. */
static int refuse_training_rows(struct repo *r, const struct step_input *model,
				const struct step_input *data, const char *part)
{
	struct version trained = VERSION_INIT;
	char measured[65], learned[65];
	int rc = trained_on(r, &model->version, &trained);

	if (rc == ERR_NOT_FOUND)
		return 0; /* it was not made from a data set */
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

static int describe(struct plan *p, const struct spec_node *node, struct step *s)
{
	const struct step_input *model = step_find_input(s, "model"),
				*data = step_find_input(s, "dataset");

	if (check_gates(node))
		return ERR_INPUT;
	if (node->command || !model || !data || !model->content[0] || !data->content[0])
		return 0;
	return refuse_training_rows(plan_repo(p), model, data, part_of(node));
}

static int check_files(const struct job *j, const struct step_input *model,
		       const struct step_input *data)
{
	char *meta = path_join(j->model, "model.json");
	int rc = 0;

	if (access(meta, R_OK) < 0) {
		rc = error_set(ERR_INPUT, "%s has no model.json, so mich cannot score with it",
			       model->ref);
		error_hint(rc, "measure it by a program: [eval \"%s\"] command = ...",
			   model->version.name);
	} else if (access(j->table, R_OK) < 0) {
		rc = error_hint(
			error_set(ERR_INPUT, "%s has no rows in its split '%s'", data->ref,
				  j->part),
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

static int measure_built_in(struct attempt *a, const struct spec_node *node)
{
	const struct step_input *model = step_find_input(a->step, "model");
	const struct step_input *data = step_find_input(a->step, "dataset");
	char *dir = attempt_input_path(a, data);
	struct job j = {
		.node = node,
		.model = attempt_input_path(a, model),
		.part = part_of(node),
		.table = xasprintf("%s/%s.parquet", dir, part_of(node)),
		.result = path_join(a->out, "metrics.json"),
		.counts = path_join(a->tmp, "contract.json"),
		.threads = a->threads,
	};
	json_t *counts = NULL;
	int rc = check_files(&j, model, data);

	if (!rc)
		rc = group_of(a->repo, model, &j.group);
	if (!rc)
		rc = attempt_body(a, body, &j);
	if (!rc)
		rc = json_read(j.counts, &counts);
	if (!rc)
		json_object_set(a->facts, "contract", counts);
	json_decref(counts);
	free(j.counts);
	free(j.group);
	free(dir);
	free(j.model);
	free(j.table);
	free(j.result);
	return rc;
}

/* What was measured lies in out/metrics.json, whoever wrote it. */
static int take_metrics(struct attempt *a)
{
	char *path = path_join(a->out, "metrics.json");
	int rc = 0;

	if (file_exists(path)) {
		rc = json_read(path, &a->metrics);
		if (!rc && !json_is_object(a->metrics))
			rc = error_set(ERR_INPUT, "its metrics.json is not an object of numbers");
	} else {
		rc = reported_take(a);
	}
	free(path);
	return rc;
}

static int run(struct attempt *a, const struct spec_node *node)
{
	int rc = node->command ? attempt_program(a, NULL) : measure_built_in(a, node);

	return rc ? rc : take_metrics(a);
}

static int judge_one(const char *text, const json_t *metrics, json_t *rows)
{
	struct gate gate = GATE_INIT;
	struct verdict v = { 0 };
	int rc = gate_parse(text, strlen(text), &gate);

	if (!rc)
		rc = gate_judge(&gate, metrics, &v);
	if (!rc)
		json_array_append_new(rows,
				      json_pack("{s:s,s:b,s:s,s:o}", "what", text, "ok", v.holds,
						"why", v.text, "value", json_number(v.left)));
	verdict_clear(&v);
	gate_clear(&gate);
	return rc;
}

static int judge(struct repo *r, const struct spec_node *node, const struct version *v,
		 json_t **rows)
{
	json_t *metrics = NULL;
	int rc = version_metrics(r, v, &metrics);

	*rows = json_array();
	for (size_t i = 0; !rc && i < node->gate.n; i++) {
		rc = judge_one(node->gate.v[i].text, metrics, *rows);
		if (rc) {
			error_wrap(rc, "%s:%d", node->file, node->gate.v[i].line);
			if (!*error_hint_text())
				error_hint(rc, "mich show eval/%s@%lld lists what there is",
					   v->name, (long long)v->number);
		}
	}
	json_decref(metrics);
	return rc;
}

const struct step_ops make_eval = {
	.number = EVAL_NUMBER,
	.describe = describe,
	.run = run,
	.judge = judge,
};
