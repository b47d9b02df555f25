/* assemble.c - members in, one model out. */
#define _GNU_SOURCE
#include "lib/make/ensemble/assemble.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/make/ensemble/roster.h"
#include "lib/make/ensemble/stack.h"
#include "lib/make/score/scored.h"
#include "lib/make/train/learners.h"
#include "lib/measure/selection.h"
#include "lib/model/ensemble.h"
#include "lib/model/joined.h"
#include "lib/model/model.h"
#include "lib/spec/typed.h"
#include "lib/step/plan.h"

enum { RECIPE_HEX = 16 }; /* of a member's fingerprint: enough to tell two apart */

/* All that the child has to do, and what it finds out. */
struct job {
	struct attempt *a;
	const struct spec_node *node;
	struct roster r;
	struct scored *said; /* (r.e.n) of the validation split; NULL: there is none */
	char *table;	     /* that split */
};

static const char *group_of(const struct job *j)
{
	return json_str(j->a->step->recipe, "group", NULL);
}

static int check_answers(struct job *j)
{
	struct contract *c = &j->r.joined.contract;
	const char *label = json_str(j->a->step->recipe, "label", "");
	bool ranks = c->task == TASK_RANKING;

	if (c->label && strcmp(c->label, label))
		return error_set(ERR_INPUT, "its members predict '%s', and its label is '%s'",
				 c->label, label);
	if (!c->label)
		c->label = xstrdup(label);
	if (j->node->combine == SPEC_VOTE && !c->classes.n)
		return error_hint(error_set(ERR_INPUT, "its members have no classes to vote on"),
				  "combine = mean");
	if (ranks && j->node->combine == SPEC_STACKED)
		return error_set(ERR_INPUT, "models that rank cannot be stacked");
	for (size_t i = 1; i < j->r.e.n; i++)
		if (model_width(j->r.models[i]) != model_width(j->r.models[0]))
			return error_set(ERR_INPUT, "'%s' gives %zu values a row, '%s' gives %zu",
					 j->r.e.v[0].name, model_width(j->r.models[0]),
					 j->r.e.v[i].name, model_width(j->r.models[i]));
	return 0;
}

/* The validation split through every member. */
static int ask_members(struct job *j)
{
	struct scored_ask ask = { .part = "validation",
				  .threads = j->a->threads,
				  .group = group_of(j) };
	int rc = 0;

	if (!j->table)
		return 0;
	j->said = xcalloc(j->r.e.n + 1, sizeof *j->said);
	for (size_t i = 0; !rc && i < j->r.e.n; i++) {
		j->said[i] = (struct scored)SCORED_INIT;
		if (!model_contract(j->r.models[i])->label)
			continue; /* made elsewhere: only the whole knows what it predicts */
		rc = scored_table(j->r.models[i], j->table, &ask, &j->said[i]);
		if (rc)
			rc = error_wrap(rc, "'%s'", j->r.e.v[i].name);
	}
	return rc;
}

static int given_weights(struct job *j)
{
	for (size_t i = 0; i < j->r.e.n; i++)
		typed_double(j->node->member_weights.v[i].text, &j->r.e.v[i].weight);
	return 0;
}

static int find_weights(struct job *j)
{
	struct measure_input *in = xcalloc(j->r.e.n + 1, sizeof *in);
	double *w = xcalloc(j->r.e.n + 1, sizeof *w);
	int rc = 0;

	if (!j->table) {
		rc = error_set(ERR_INPUT,
			       "its weights are found on the validation split, and there is none");
		error_hint(rc, "give the data set one: split = 75/15/10, or say weights = W, ...");
	}
	for (size_t i = 0; !rc && i < j->r.e.n; i++) {
		in[i] = scored_input(&j->said[i], 0);
		if (!in[i].rows)
			rc = error_set(
				ERR_INPUT,
				"'%s' does not know its label, so its weight cannot be found",
				j->r.e.v[i].name);
	}
	if (!rc)
		rc = selection_greedy(in, j->r.e.n, w);
	for (size_t i = 0; !rc && i < j->r.e.n; i++)
		j->r.e.v[i].weight = w[i];
	free(in);
	free(w);
	return rc;
}

static int weigh(struct job *j)
{
	static const enum ensemble_combine combines[] = {
		[SPEC_MEAN] = ENSEMBLE_MEAN,
		[SPEC_VOTE] = ENSEMBLE_VOTE,
		[SPEC_WEIGHTED] = ENSEMBLE_WEIGHTED,
		[SPEC_STACKED] = ENSEMBLE_STACKED,
	};

	j->r.e.combine = combines[j->node->combine];
	j->r.e.passthrough = j->node->passthrough;
	if (j->node->member_weights.n)
		return given_weights(j);
	return j->node->combine == SPEC_WEIGHTED ? find_weights(j) : 0;
}

struct copying {
	const char *to;
};

static int copy_entry(const char *path, const char *rel, const struct stat *st, void *payload)
{
	const struct copying *c = payload;
	char *to = path_join(c->to, rel);
	int rc = S_ISDIR(st->st_mode) ? file_make_dirs(to)
		 : S_ISREG(st->st_mode)
			 ? file_copy(path, to, st->st_mode & S_IXUSR ? 0755 : 0644)
			 : error_set(ERR_INPUT, "'%s' of a member is no plain file", rel);

	free(to);
	return rc;
}

/* Who has no weight is not asked, so neither its files nor its columns are needed. */
static int place_members(struct job *j)
{
	static const enum contract_mode modes[] = {
		[SPEC_CONTRACT_WARN] = CONTRACT_WARN,
		[SPEC_CONTRACT_REJECT] = CONTRACT_REJECT,
		[SPEC_CONTRACT_COERCE] = CONTRACT_COERCE,
	};
	struct ensemble used = { .combine = j->r.e.combine, .passthrough = j->r.e.passthrough };
	struct joined joined = JOINED_INIT;
	int rc = 0;

	for (size_t i = 0; !rc && i < j->r.e.n; i++) {
		const char *name;
		const struct step_input *in = roster_at(j->a->step, i, &name);
		char *from = attempt_input_path(j->a, in), *to = path_join(j->a->out, name);
		struct copying c = { to };

		if (j->r.e.v[i].weight > 0) {
			ensemble_add(&used, name, j->r.e.v[i].weight);
			rc = joined_add(&joined, model_contract(j->r.models[i]), name);
			if (!rc)
				rc = file_make_dirs(to);
			if (!rc)
				rc = file_walk(from, copy_entry, &c);
		}
		free(from);
		free(to);
	}
	if (!rc && !joined.contract.label)
		joined.contract.label = xstrdup(j->r.joined.contract.label);
	joined.contract.mode = modes[j->node->contract];
	if (!rc)
		rc = model_write_ensemble(j->a->out, &joined.contract, &used);
	joined_clear(&joined);
	ensemble_clear(&used);
	return rc;
}

static int figures(const struct scored *s, json_t **out)
{
	struct measure_input in = scored_input(s, 0);

	*out = NULL;
	return s->rows ? measure_metrics(&in, out) : 0;
}

static int describe_members(const struct job *j, json_t **out)
{
	bool weighted = j->r.e.combine == ENSEMBLE_WEIGHTED || j->r.e.combine == ENSEMBLE_VOTE;
	json_t *members = json_array();
	int rc = 0;

	for (size_t i = 0; !rc && i < j->r.e.n; i++) {
		const char *name;
		const struct step_input *in = roster_at(j->a->step, i, &name);
		json_t *m = json_pack("{s:s,s:s,s:s}", "name", name, "ref", in->ref, "kind",
				      model_kind(j->r.models[i])),
		       *metrics = NULL;

		if (weighted)
			json_object_set_new(m, "weight", json_number(j->r.e.v[i].weight));
		if (j->said)
			rc = figures(&j->said[i], &metrics);
		if (metrics)
			json_object_set_new(m, "metrics", metrics);
		json_array_append_new(members, m);
	}
	*out = json_pack("{s:s,s:o}", "combine", ensemble_combine_name(j->r.e.combine), "members",
			 members);
	if (j->said)
		json_object_set_new(*out, "split", json_string("validation"));
	return rc;
}

/* What it is made of, and what it says of the validation split: two files for the parent. */
static int report(const struct job *j)
{
	struct scored_ask ask = { .part = "validation",
				  .threads = j->a->threads,
				  .group = group_of(j) };
	char *facts_path = path_join(j->a->tmp, "ensemble.json");
	char *metrics_path = path_join(j->a->tmp, "metrics.json");
	struct scored whole = SCORED_INIT;
	json_t *facts = NULL, *metrics = NULL, *all = NULL;
	int rc = describe_members(j, &facts);

	if (!rc && j->table)
		rc = scored_files(j->a->out, j->table, &ask, &whole);
	if (!rc)
		rc = figures(&whole, &metrics);
	all = json_object();
	if (metrics)
		json_object_set_new(all, "validation", metrics);
	if (!rc)
		rc = json_write(metrics_path, all);
	if (!rc)
		rc = json_write(facts_path, facts);
	json_decref(facts);
	json_decref(all);
	scored_clear(&whole);
	free(facts_path);
	free(metrics_path);
	return rc;
}

static void job_clear(struct job *j)
{
	for (size_t i = 0; j->said && i < j->r.e.n; i++)
		scored_clear(&j->said[i]);
	free(j->said);
	roster_close(&j->r);
}

/* Do they go together, and has none seen what judges the whole? */
static int check_body(void *payload)
{
	struct job *j = payload;
	int rc = roster_check_rows(j->a, j->node->combine == SPEC_STACKED);

	if (!rc)
		rc = roster_open(j->a, &j->r);
	if (!rc)
		rc = check_answers(j);
	job_clear(j);
	return rc;
}

static int body(void *payload)
{
	struct job *j = payload;
	int rc = roster_open(j->a, &j->r);

	if (!rc)
		rc = check_answers(j);
	if (!rc)
		rc = ask_members(j);
	if (!rc)
		rc = weigh(j);
	if (!rc)
		rc = place_members(j);
	if (!rc)
		rc = report(j);
	job_clear(j);
	return rc;
}

/* Where the rows of the validation split lie; NULL: it has none. Caller frees. */
static char *validation_path(struct attempt *a)
{
	char *dir = attempt_input_path(a, step_find_input(a->step, "dataset"));
	char *path = path_join(dir, "validation.parquet");

	free(dir);
	if (access(path, R_OK) == 0)
		return path;
	free(path);
	return NULL;
}

static int take(struct attempt *a)
{
	char *facts_path = path_join(a->tmp, "ensemble.json");
	char *metrics_path = path_join(a->tmp, "metrics.json");
	json_t *facts = NULL;
	int rc = json_read(facts_path, &facts);

	if (!rc)
		rc = json_read(metrics_path, &a->metrics);
	if (!rc)
		json_object_set(a->facts, "ensemble", facts);
	json_decref(facts);
	free(facts_path);
	free(metrics_path);
	return rc;
}

int assemble_run(struct attempt *a, const struct spec_node *node)
{
	struct job j = { .a = a, .node = node, .table = validation_path(a) };
	int rc = roster_check_files(a);

	if (!rc)
		rc = attempt_body(a, check_body, &j);
	if (!rc && node->combine == SPEC_STACKED)
		rc = stack_run(a, node);
	if (!rc)
		rc = attempt_body(a, body, &j);
	if (!rc)
		rc = take(a);
	free(j.table);
	return rc;
}

/* The column by which a member ranks, as its recipe says; NULL. Borrowed. */
static int take_group(const struct step_input *in, const json_t *manifest, struct step *s)
{
	const char *group = json_str(json_object_get(manifest, "recipe"), "group", NULL);
	const char *known = json_str(s->recipe, "group", NULL);

	if (group && known && strcmp(group, known))
		return error_set(ERR_INPUT, "%s ranks by '%s', other members by '%s'", in->ref,
				 group, known);
	if (group)
		json_object_set_new(s->recipe, "group", json_string(group));
	return 0;
}

/*
 * Trained again, a member is what its recipe and its engine make of other rows: neither its own bytes
 * nor the ensemble's recipe say what those are.
 */
static int take_recipe(struct repo *r, const struct step_input *in, const char *name,
		       const json_t *manifest, struct step *s)
{
	const char *learner = json_str(json_object_get(manifest, "recipe"), "learner", "");
	const struct learner *l = learner_find(learner);
	char *key =
		xasprintf("of %s", name); /* "recipe of eta: ... -> ...", as `mich why` has it */

	json_object_set_new(s->recipe, key, json_stringn(in->version.fingerprint, RECIPE_HEX));
	free(key);
	return l && l->describe ? l->describe(r, s) : 0;
}

int assemble_describe(struct plan *p, const struct spec_node *node, struct step *s)
{
	const struct step_input *in;
	const char *name;
	int rc = 0;

	for (size_t i = 0; !rc && (in = roster_at(s, i, &name)); i++) {
		json_t *manifest = NULL;

		if (!in->content[0])
			continue;
		rc = version_manifest(plan_repo(p), &in->version, &manifest);
		if (!rc)
			rc = take_group(in, manifest, s);
		if (!rc && node->combine == SPEC_STACKED)
			rc = take_recipe(plan_repo(p), in, name, manifest, s);
		json_decref(manifest);
	}
	return rc;
}
