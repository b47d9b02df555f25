/* gates.c - gather what gates need, and judge them. */
#include "lib/make/gates.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/make/benched.h"
#include "lib/make/evidence.h"
#include "lib/make/headfile.h"
#include "lib/make/holdout.h"
#include "lib/make/production.h"
#include "lib/measure/gate.h"
#include "lib/measure/verdict.h"
#include "lib/record/version.h"

/* The gates of one section, and what is known of the candidate. */
struct judging_gates {
	struct repo *repo;
	const struct gates_ask *ask;
	struct gate *gate; /* (n) */
	size_t n;
	unsigned needs; /* enum gate_need of all */

	struct version model, data;
	const char *part;
	double threshold;
	json_t *metrics; /* recorded */

	struct version production;
	char *production_ref;
	bool in_production;
	char *unknown; /* why it is not known what is in production; NULL: it is */

	struct benched bench, production_bench;
	struct evidence evidence;
};

static int parse_gates(struct judging_gates *j)
{
	const struct spec_items *items = j->ask->gate;
	int rc = 0;

	j->gate = xcalloc(items->n + 1, sizeof *j->gate);
	for (; !rc && j->n < items->n; j->n += !rc) {
		const struct spec_item *item = &items->v[j->n];

		rc = gate_parse(item->text, strlen(item->text), &j->gate[j->n]);
		if (rc && j->ask->file)
			error_wrap(rc, "%s:%d", j->ask->file, item->line);
		else if (!rc)
			j->needs |= gate_needs(&j->gate[j->n]);
	}
	return rc;
}

static int find_production(struct judging_gates *j)
{
	int rc;

	if (!(j->needs & GATE_NEEDS_PRODUCTION))
		return 0;
	rc = production_find(j->repo, j->model.name, j->ask->space, j->ask->name, &j->production,
			     &j->production_ref);
	j->in_production = !rc;
	if (rc == ERR_INPUT)
		j->unknown = xstrdup(error_text());
	if (rc != ERR_INPUT && rc != ERR_NOT_FOUND)
		return rc;
	error_clear();
	return 0;
}

static int find_benches(struct judging_gates *j)
{
	int rc;

	if (!(j->needs & GATE_NEEDS_BENCH))
		return 0;
	rc = benched_find(j->repo, &j->model, NULL, &j->bench);
	if (!rc && j->in_production)
		rc = benched_find(j->repo, &j->production, j->bench.hardware, &j->production_bench);
	return rc;
}

/* Everything but what has to be measured. */
static int prepare(struct judging_gates *j)
{
	json_t *manifest = NULL;
	int rc = parse_gates(j);

	if (!rc)
		rc = holdout_read(j->repo, j->ask->eval, &j->model, &j->data, &j->part);
	if (!rc)
		rc = version_manifest(j->repo, j->ask->eval, &manifest);
	if (!rc)
		rc = version_metrics(j->repo, j->ask->eval, &j->metrics);
	if (!rc)
		rc = find_production(j);
	if (!rc)
		rc = find_benches(j);
	j->threshold = json_num(json_object_get(manifest, "recipe"), "threshold", 0);
	if (!j->metrics)
		j->metrics = json_object();
	json_decref(manifest);
	return rc;
}

static int measure(struct judging_gates *j)
{
	struct evidence_ask ask = { .model = &j->model,
				    .data = &j->data,
				    .part = j->part,
				    .threshold = j->threshold,
				    .production = j->in_production ? &j->production : NULL };
	const struct gate_by **by = NULL, *one;
	size_t cap = 0;
	int rc;

	if (!(j->needs & GATE_NEEDS_SLICES) && !ask.production)
		return 0;
	for (size_t i = 0; i < j->n; i++)
		for (size_t k = 0; (one = gate_by(&j->gate[i], k)); k++) {
			ARRAY_GROW(by, ask.n_by, cap);
			by[ask.n_by++] = one;
		}
	ask.by = by;
	rc = evidence_gather(j->repo, &ask, &j->evidence);
	free(by);
	return rc;
}

static void clear(struct judging_gates *j)
{
	for (size_t i = 0; i < j->n; i++)
		gate_clear(&j->gate[i]);
	free(j->gate);
	version_clear(&j->model);
	version_clear(&j->data);
	json_decref(j->metrics);
	version_clear(&j->production);
	free(j->production_ref);
	free(j->unknown);
	benched_clear(&j->bench);
	benched_clear(&j->production_bench);
	evidence_clear(&j->evidence);
}

/* Figures with those of a bench beside them; new reference. */
static json_t *with_bench(const json_t *figures, const struct benched *b)
{
	json_t *all = figures ? json_deep_copy(figures) : json_object();

	if (b->figures)
		json_object_set(all, "bench", b->figures);
	else
		json_object_del(all, "bench");
	return all;
}

/* The recorded figures, those of the split as they are on the rows that are left. */
static json_t *paired(const struct judging_gates *j)
{
	json_t *all = json_deep_copy(j->metrics);
	json_t *split = json_object_get(all, j->part);
	const json_t *now = json_object_get(j->evidence.own, j->part);

	if (split && now)
		json_object_update(split, (json_t *)now);
	return all;
}

/* Why a gate cannot be judged at all; NULL: it can. */
static const char *obstacle(const struct judging_gates *j, unsigned needs)
{
	if (needs & GATE_NEEDS_PRODUCTION && j->unknown)
		return j->unknown;
	if (needs & (GATE_NEEDS_PRODUCTION | GATE_NEEDS_SLICES) && j->evidence.own_failed &&
	    (needs & GATE_NEEDS_SLICES || j->in_production))
		return j->evidence.own_failed;
	return NULL;
}

/* A gate on benches alone asks production for no figure of the hold-out. */
static bool only_bench(const struct gate *g)
{
	const struct gate_side *sides[] = { &g->left, &g->right };

	for (int i = 0; i < 2; i++)
		if (sides[i]->slice.n ||
		    (sides[i]->metric && strncmp(sides[i]->metric, "bench.", 6)))
			return false;
	return true;
}

static int judge_on(const struct judging_gates *j, const struct gate *g, struct verdict *out)
{
	bool pair = gate_needs(g) & GATE_NEEDS_PRODUCTION && j->in_production && !only_bench(g);
	json_t *figures = pair ? paired(j) : json_incref(j->metrics);
	json_t *own = with_bench(figures, &j->bench);
	json_t *production =
		j->in_production ? with_bench(j->evidence.production, &j->production_bench) : NULL;
	struct gate_facts facts = {
		.metrics = own,
		.production = production,
		.slices = pair ? j->evidence.own_slices : j->evidence.slices,
		.production_slices = j->evidence.production_slices,
		.split = j->part,
		.bench_reason = j->bench.reason ? j->bench.reason : j->production_bench.reason,
	};
	int rc = gate_judge_all(g, &facts, out);

	json_decref(figures);
	json_decref(own);
	json_decref(production);
	return rc;
}

/* "; 83 of 2400 rows are left out: maps/eta@2.1 was trained on them" */
static void add_left_out(const struct judging_gates *j, struct buf *why)
{
	if (j->evidence.left_out)
		buf_addf(why, "; %lld of %lld rows are left out: %s was trained on them",
			 (long long)j->evidence.left_out, (long long)j->evidence.rows,
			 j->production_ref);
}

static void add_row(const struct judging_gates *j, const struct gate *g, const struct verdict *v,
		    const char *failed, json_t *rows)
{
	bool against = gate_needs(g) & GATE_NEEDS_PRODUCTION && j->in_production;
	struct buf why = BUF_INIT;
	json_t *row;

	buf_addstr(&why, failed ? failed : v->text);
	if (!failed && against && !only_bench(g))
		add_left_out(j, &why);
	row = json_pack("{s:s,s:b,s:s,s:o,s:o}", "what", g->text, "ok", !failed && v->holds,
			"state", verdict_state_text(failed ? VERDICT_FAILS : v->state), "why",
			json_bytes(why.data), "value", failed ? json_null() : json_number(v->left));
	if (against)
		json_object_set_new(row, "production", json_string(j->production_ref));
	json_array_append_new(rows, row);
	buf_clear(&why);
}

/* What cannot be judged fails, but where a Michfile at hand can be mended. */
static int judge_gate(const struct judging_gates *j, size_t i, json_t *rows)
{
	const struct gate *g = &j->gate[i];
	unsigned needs = gate_needs(g);
	const char *failed = obstacle(j, needs);
	struct verdict v = { 0 };
	int rc = 0;

	if (!failed && needs & GATE_NEEDS_PRODUCTION && j->in_production && !only_bench(g) &&
	    j->evidence.production_failed) {
		char *why = xasprintf("%s cannot be measured on these rows: %s", j->production_ref,
				      j->evidence.production_failed);

		add_row(j, g, NULL, why, rows);
		free(why);
		return 0;
	}
	if (!failed)
		rc = judge_on(j, g, &v);
	if (!rc || !j->ask->file)
		add_row(j, g, &v, rc ? error_text() : failed, rows);
	verdict_clear(&v);
	if (!rc || j->ask->file)
		return rc ? error_wrap(rc, "%s:%d", j->ask->file, j->ask->gate->v[i].line) : 0;
	error_clear();
	return 0;
}

int gates_judge(struct repo *r, const struct gates_ask *ask, json_t **rows)
{
	struct judging_gates j = { .repo = r, .ask = ask };
	int rc = prepare(&j);

	*rows = json_array();
	if (!rc)
		rc = measure(&j);
	for (size_t i = 0; !rc && i < j.n; i++)
		rc = judge_gate(&j, i, *rows);
	clear(&j);
	return rc;
}

static json_t *id_or_null(const struct version *v)
{
	return v->kind ? json_string(v->id) : json_null();
}

int gates_basis(struct repo *r, const struct gates_ask *ask, json_t **out)
{
	struct judging_gates j = { .repo = r, .ask = ask };
	int rc = prepare(&j);

	*out = json_null();
	if (!rc && j.needs & (GATE_NEEDS_PRODUCTION | GATE_NEEDS_BENCH)) {
		json_decref(*out);
		*out = json_pack("{s:o,s:o,s:o}", "production", id_or_null(&j.production), "bench",
				 id_or_null(&j.bench.version), "production_bench",
				 id_or_null(&j.production_bench.version));
	}
	clear(&j);
	return rc;
}

/* An evaluation that is pinned to another version of the model says nothing of this one. */
static int is_meant(struct repo *r, const struct spec_node *node, const struct version *model)
{
	struct version pinned = VERSION_INIT;
	int rc = 1;

	if (!node->gate.n || !headfile_measures(node, model->name))
		return 0;
	for (size_t i = 0; rc == 1 && i < node->n_ref; i++)
		if (node->ref[i].kind == SPEC_MODEL && node->ref[i].rev) {
			rc = version_find(r, "model", node->ref[i].text, &pinned);
			rc = rc ? rc : !strcmp(pinned.id, model->id);
			version_clear(&pinned);
		}
	return rc;
}

/* The gates of one evaluation; one that was not made fails them all. */
static int check_eval(struct repo *r, const struct spec_node *node, const struct version *model,
		      const char *space, const char *name, json_t *rows)
{
	struct version eval = VERSION_INIT;
	struct gates_ask ask = { .gate = &node->gate, .eval = &eval, .space = space, .name = name };
	json_t *own = NULL;
	int rc = holdout_find(r, node, model, &eval);

	for (size_t i = 0; rc == ERR_NOT_FOUND && i < node->gate.n; i++)
		json_array_append_new(rows, json_pack("{s:s,s:b,s:s,s:s,s:n}", "what",
						      node->gate.v[i].text, "ok", 0, "state",
						      "fails", "why", error_text(), "value"));
	if (!rc)
		rc = gates_judge(r, &ask, &own);
	if (!rc)
		json_array_extend(rows, own);
	json_decref(own);
	version_clear(&eval);
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

int gates_check(struct repo *r, const struct version *model, const char *space, const char *name,
		json_t **rows, bool *ok)
{
	struct spec *head = NULL;
	json_t *row;
	size_t k;
	int rc = headfile_open(r, &head);

	*rows = json_array();
	*ok = false;
	if (!rc)
		rc = headfile_check_gates(r, head, model->name);
	for (size_t i = 0; !rc && i < head->n; i++) {
		int meant = is_meant(r, head->v[i], model);

		rc = meant > 0 ? check_eval(r, head->v[i], model, space, name, *rows) : meant;
	}
	spec_free(head);
	if (rc)
		return rc;
	*ok = true;
	json_array_foreach(*rows, k, row)
		*ok = *ok && json_bool(row, "ok", false);
	return 0;
}
