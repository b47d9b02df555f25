/* gates.c - judge gates on their grounds, a row each. */
#include "lib/make/judge/gates.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/make/judge/grounds.h"
#include "lib/make/judge/headfile.h"
#include "lib/make/judge/holdout.h"
#include "lib/measure/gate/verdict.h"

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
static json_t *paired(const struct grounds *j)
{
	json_t *all = json_deep_copy(j->metrics);
	json_t *split = json_object_get(all, j->part);
	const json_t *now = json_object_get(j->evidence.own, j->part);

	if (split && now)
		json_object_update(split, (json_t *)now);
	return all;
}

/* Does a gate compare with what production says of the hold-out? */
static bool is_paired(const struct grounds *j, const struct gate *g)
{
	return j->in_production && grounds_pairs(g);
}

/* Why a gate cannot be judged at all, NULL: it can; caller frees. */
static char *obstacle(const struct grounds *j, const struct gate *g)
{
	const struct evidence *e = &j->evidence;
	unsigned needs = gate_needs(g);

	if (needs & GATE_NEEDS_PRODUCTION && j->unknown)
		return xstrdup(j->unknown);
	if ((needs & GATE_NEEDS_SLICES || is_paired(j, g)) && e->own_failed)
		return xstrdup(e->own_failed);
	if (is_paired(j, g) && e->production_failed)
		return xasprintf("%s cannot be measured on these rows: %s", j->production_ref,
				 e->production_failed);
	return NULL;
}

static int judge_on(const struct grounds *j, const struct gate *g, struct verdict *out)
{
	bool pair = is_paired(j, g);
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
	int rc = gate_judge(g, &facts, out);

	json_decref(figures);
	json_decref(own);
	json_decref(production);
	return rc;
}

/* "; 83 of 2400 rows are left out: maps/eta@2.1 was trained on them" */
static void add_left_out(const struct grounds *j, struct buf *why)
{
	if (j->evidence.left_out)
		buf_addf(why, "; %lld of %lld rows are left out: %s was trained on them",
			 (long long)j->evidence.left_out, (long long)j->evidence.rows,
			 j->production_ref);
}

static void add_row(const struct grounds *j, const struct gate *g, const struct verdict *v,
		    const char *failed, json_t *rows)
{
	bool against = gate_needs(g) & GATE_NEEDS_PRODUCTION && j->in_production;
	struct buf why = BUF_INIT;
	json_t *row;

	buf_addstr(&why, failed ? failed : v->text);
	if (!failed && is_paired(j, g))
		add_left_out(j, &why);
	row = json_pack("{s:s,s:b,s:s,s:o,s:o}", "what", g->text, "ok", !failed && v->holds,
			"state", verdict_state_text(failed ? VERDICT_FAILS : v->state), "why",
			json_bytes(why.data), "value", failed ? json_null() : json_number(v->left));
	if (against)
		json_object_set_new(row, "production", json_string(j->production_ref));
	json_array_append_new(rows, row);
	buf_clear(&why);
}

/* What cannot be judged fails; what a Michfile at hand says wrong is an error, to be mended there. */
static int judge_gate(const struct grounds *j, size_t i, json_t *rows)
{
	const struct gate *g = &j->gate[i];
	char *failed = obstacle(j, g);
	struct verdict v = { 0 };
	int rc = failed ? 0 : judge_on(j, g, &v);

	if (rc && j->ask->file) {
		error_wrap(rc, "%s:%d", j->ask->file, j->ask->gate->v[i].line);
	} else {
		if (rc)
			failed = error_advice();
		add_row(j, g, &v, failed, rows);
		error_clear();
		rc = 0;
	}
	verdict_clear(&v);
	free(failed);
	return rc;
}

int gates_judge(struct repo *r, const struct gates_ask *ask, json_t **rows)
{
	struct grounds j = { .repo = r, .ask = ask };
	int rc = grounds_prepare(&j);

	*rows = json_array();
	if (!rc)
		rc = grounds_measure(&j);
	for (size_t i = 0; !rc && i < j.n; i++)
		rc = judge_gate(&j, i, *rows);
	grounds_clear(&j);
	return rc;
}

static json_t *id_or_null(const struct version *v)
{
	return v->kind ? json_string(v->id) : json_null();
}

int gates_basis(struct repo *r, const struct gates_ask *ask, json_t **out)
{
	struct grounds j = { .repo = r, .ask = ask };
	int rc = grounds_prepare(&j);

	*out = json_null();
	if (!rc && j.needs & (GATE_NEEDS_PRODUCTION | GATE_NEEDS_BENCH)) {
		json_decref(*out);
		*out = json_pack("{s:o,s:o,s:o}", "production", id_or_null(&j.production), "bench",
				 id_or_null(&j.bench.version), "production_bench",
				 id_or_null(&j.production_bench.version));
	}
	grounds_clear(&j);
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
