/* scorer-ensemble.c - the kind "ensemble" of model.json. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/model/ensemble.h"
#include "lib/model/joined.h"
#include "lib/model/model.h"
#include "lib/model/scorer.h"

/* Rows that go through all members before the next ones do: enough for every thread. */
enum { BLOCK = 16384 };

struct state {
	struct ensemble e;
	struct model **models;	  /* (e.n) */
	struct joined_pick *pick; /* (e.n) */
	double *share;		  /* (e.n) weights, together 1 */
	size_t inputs, width;	  /* of the whole */
	size_t answers;		  /* floats of all members; stacked: the first inputs of stage */
	size_t stage;		  /* floats that the final model chooses from; 0: there is none */
	struct model *final;
	struct joined_pick final_pick;
};

static void free_ensemble(void *state)
{
	struct state *s = state;

	for (size_t i = 0; i < s->e.n; i++) {
		if (s->models)
			model_free(s->models[i]);
		if (s->pick)
			joined_pick_clear(&s->pick[i]);
	}
	model_free(s->final);
	joined_pick_clear(&s->final_pick);
	free(s->models);
	free(s->pick);
	free(s->share);
	ensemble_clear(&s->e);
	free(s);
}

/* It must say what the whole says: the same task and the same classes, in their order. */
static int check_answer(const struct contract *whole, const struct model *m, const char *name)
{
	const struct contract *c = model_contract(m);
	bool same = c->task == whole->task && c->classes.n == whole->classes.n;

	for (size_t i = 0; same && i < c->classes.n; i++)
		same = !strcmp(c->classes.v[i], whole->classes.v[i]);
	return same ? 0
		    : error_set(ERR_CORRUPT, "model '%s' in it has another task or other classes",
				name);
}

static int open_member(const struct scorer_place *p, struct state *s, size_t i)
{
	const char *name = s->e.v[i].name;
	int rc = scorer_inner(p, name, &s->models[i]);

	if (!rc)
		rc = check_answer(p->contract, s->models[i], name);
	if (rc)
		return rc;
	if (i && model_width(s->models[i]) != s->width)
		return error_set(ERR_CORRUPT, "models '%s' and '%s' in it give %zu and %zu values",
				 s->e.v[0].name, name, s->width, model_width(s->models[i]));
	s->width = model_width(s->models[i]);
	s->answers += s->width;
	rc = joined_pick_init(p->contract, model_contract(s->models[i]), &s->pick[i]);
	return rc ? error_wrap(rc, "model '%s' in it", name) : 0;
}

static int open_final(const struct scorer_place *p, struct state *s)
{
	struct contract stage = CONTRACT_INIT;
	int rc = scorer_inner(p, ENSEMBLE_FINAL, &s->final);

	if (!rc)
		rc = check_answer(p->contract, s->final, ENSEMBLE_FINAL);
	if (!rc && model_width(s->final) != s->width)
		rc = error_set(ERR_CORRUPT, "its final model gives %zu values a row, not %zu",
			       model_width(s->final), s->width);
	if (rc)
		return rc;
	ensemble_answers(&s->e, s->models, &stage);
	for (size_t i = 0; s->e.passthrough && i < p->contract->n; i++)
		joined_copy_column(&stage, &p->contract->cols[i]);
	s->stage = stage.inputs;
	rc = joined_pick_init(&stage, model_contract(s->final), &s->final_pick);
	contract_clear(&stage);
	return rc ? error_wrap(rc, "its final model") : 0;
}

static void share_out(struct state *s)
{
	bool weighted = s->e.combine == ENSEMBLE_WEIGHTED || s->e.combine == ENSEMBLE_VOTE;
	double total = 0;

	for (size_t i = 0; i < s->e.n; i++)
		total += weighted ? s->e.v[i].weight : 1;
	for (size_t i = 0; i < s->e.n; i++)
		s->share[i] = (weighted ? s->e.v[i].weight : 1) / total;
}

static int open_ensemble(const struct scorer_place *p, void **state_out)
{
	struct state *s = xcalloc(1, sizeof *s);
	int rc = ensemble_parse(json_object_get(p->meta, "ensemble"), &s->e);

	s->inputs = p->contract->inputs;
	s->models = xcalloc(s->e.n + 1, sizeof *s->models);
	s->pick = xcalloc(s->e.n + 1, sizeof *s->pick);
	s->share = xcalloc(s->e.n + 1, sizeof *s->share);
	if (!rc && s->e.combine == ENSEMBLE_VOTE && !p->contract->classes.n)
		rc = error_set(ERR_CORRUPT, "there are no classes to vote on");
	for (size_t i = 0; !rc && i < s->e.n; i++)
		rc = open_member(p, s, i);
	if (!rc && s->e.combine == ENSEMBLE_STACKED)
		rc = open_final(p, s);
	share_out(s);
	if (rc) {
		free_ensemble(s);
		s = NULL;
	}
	*state_out = s;
	return rc;
}

static size_t width(const void *state)
{
	return ((const struct state *)state)->width;
}

/* One thread's memory for a block. */
struct scratch {
	float *x;     /* (rows, inputs of the model at hand) */
	float *v;     /* (rows, width) its answers */
	double *sum;  /* (rows, width) */
	float *stage; /* (rows, stage) */
};

static void scratch_clear(struct scratch *t)
{
	free(t->x);
	free(t->v);
	free(t->sum);
	free(t->stage);
}

static int scratch_init(const struct state *s, int64_t rows, struct scratch *t)
{
	size_t n = (size_t)rows, most = s->final_pick.n;

	*t = (struct scratch){ 0 };
	for (size_t i = 0; i < s->e.n; i++)
		most = s->pick[i].n > most ? s->pick[i].n : most;
	if (mem_alloc(n, (most + 1) * sizeof *t->x, &t->x) < 0 ||
	    mem_alloc(n, s->width * sizeof *t->v, &t->v) < 0 ||
	    mem_alloc(n, s->width * sizeof *t->sum, &t->sum) < 0 ||
	    mem_alloc(n, (s->stage + 1) * sizeof *t->stage, &t->stage) < 0)
		return ERR_FAIL;
	return 0;
}

static int ask(const struct model *m, const struct joined_pick *pick, const float *x, int64_t rows,
	       int threads, struct scratch *t, float *out)
{
	if (!pick->same) {
		joined_pick_apply(pick, x, rows, t->x);
		x = t->x;
	}
	return model_score_inputs(m, x, rows, threads, out);
}

static void add_values(const struct state *s, size_t i, int64_t rows, struct scratch *t)
{
	for (size_t k = 0; k < (size_t)rows * s->width; k++)
		t->sum[k] += s->share[i] * (double)t->v[k];
}

static void add_votes(const struct state *s, size_t i, int64_t rows, struct scratch *t)
{
	for (int64_t r = 0; r < rows; r++) {
		int32_t class = scorer_class(t->v + (size_t)r * s->width, s->width);

		if (s->width > 1)
			t->sum[(size_t)r * s->width + (size_t) class] += s->share[i];
		else
			t->sum[r] += class ? s->share[i] : 0;
	}
}

static void add_stage(const struct state *s, size_t i, int64_t rows, struct scratch *t)
{
	for (int64_t r = 0; r < rows; r++)
		memcpy(t->stage + (size_t)r * s->stage + i * s->width, t->v + (size_t)r * s->width,
		       s->width * sizeof *t->v);
}

static int score_final(const struct state *s, const float *x, int64_t rows, int threads,
		       struct scratch *t, float *out)
{
	if (s->stage > s->answers)
		for (int64_t r = 0; r < rows; r++)
			memcpy(t->stage + (size_t)r * s->stage + s->answers,
			       x + (size_t)r * s->inputs, s->inputs * sizeof *x);
	return ask(s->final, &s->final_pick, t->stage, rows, threads, t, out);
}

static int score_block(const struct state *s, const float *x, int64_t rows, int threads,
		       struct scratch *t, float *out)
{
	int rc = 0;

	memset(t->sum, 0, (size_t)rows * s->width * sizeof *t->sum);
	for (size_t i = 0; !rc && i < s->e.n; i++) {
		rc = ask(s->models[i], &s->pick[i], x, rows, threads, t, t->v);
		if (rc)
			return rc;
		if (s->final)
			add_stage(s, i, rows, t);
		else if (s->e.combine == ENSEMBLE_VOTE)
			add_votes(s, i, rows, t);
		else
			add_values(s, i, rows, t);
	}
	if (s->final)
		return score_final(s, x, rows, threads, t, out);
	for (size_t k = 0; k < (size_t)rows * s->width; k++)
		out[k] = (float)t->sum[k];
	return 0;
}

static int64_t batch(const void *state)
{
	const struct state *s = state;
	int64_t rows = 0;

	for (size_t i = 0; i < s->e.n; i++)
		rows = model_batch(s->models[i]) > rows ? model_batch(s->models[i]) : rows;
	return rows;
}

static int score(const void *state, const float *x, int64_t rows, int threads, float *out)
{
	const struct state *s = state;
	int64_t block = batch(s) > BLOCK ? batch(s) : BLOCK;
	struct scratch t;
	int rc;

	block = rows < block ? rows : block;
	rc = scratch_init(s, block, &t);
	for (int64_t at = 0; !rc && at < rows; at += block)
		rc = score_block(s, x + (size_t)at * s->inputs,
				 rows - at < block ? rows - at : block, threads, &t,
				 out + (size_t)at * s->width);
	scratch_clear(&t);
	return rc;
}

const struct scorer scorer_ensemble = { "ensemble", open_ensemble, NULL, free_ensemble,
					width,	    score,	   batch };
