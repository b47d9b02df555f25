/* scorer-partitions.c - the kind "partitions": a model for each value of a column, and one for the rest. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/deal.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/model/model.h"
#include "lib/model/partition.h"
#include "lib/model/scorer.h"
#include "lib/model/shares.h"

enum {
	ROWS_A_THREAD = 2048,
	ROWS_A_PIECE = 1024, /* of one model at once: they stay in the processor's cache */
	ROWS_ALONE = 8,	     /* so few are not worth being sorted */
	ROWS_A_MODEL = 128,  /* of a batch: about two tiles of its kernel */
	ROWS_A_BATCH = 1 << 18,
};

struct partitions {
	struct partition_index index;
	const struct scorer *kind;
	struct model *parent;
	void **models; /* (index.keys.n) */
	size_t inputs, width;
};

static void free_partitions(void *state)
{
	struct partitions *p = state;

	if (!p)
		return;
	for (size_t i = 0; p->models && i < p->index.keys.n; i++)
		if (p->models[i])
			p->kind->free(p->models[i]);
	free(p->models);
	model_free(p->parent);
	partition_index_clear(&p->index);
	free(p);
}

/* --- opening -------------------------------------------------------------------------------------- */

static int open_parent(struct partitions *p, const struct scorer_place *place)
{
	int rc = scorer_inner(place, "parent", &p->parent);

	if (rc)
		return rc;
	p->kind = scorer_find(model_kind(p->parent));
	p->width = model_width(p->parent);
	if (!p->kind->parse)
		return error_set(ERR_CORRUPT, "models of kind '%s' cannot be those of partitions",
				 p->kind->kind);
	if (model_contract(p->parent)->inputs != p->index.inputs)
		return error_set(ERR_CORRUPT, "its parent takes %zu inputs, the partitions %zu",
				 model_contract(p->parent)->inputs, p->index.inputs);
	return 0;
}

struct opening {
	struct partitions *p;
	const char *data;
};

/* On several threads: parse() only looks at what the parent says. */
static int open_one(void *payload, size_t i)
{
	const struct opening *o = payload;
	const struct partition_model *m = &o->p->index.models[i];
	const struct scorer_place place = { .dir = "",
					    .meta = model_meta(o->p->parent),
					    .contract = model_contract(o->p->parent) };
	int rc = o->p->kind->parse(&place, o->data + m->at, m->bytes, &o->p->models[i]);

	if (!rc && o->p->kind->width(o->p->models[i]) != o->p->width)
		rc = error_set(ERR_CORRUPT, "it gives %zu values a row, the parent %zu",
			       o->p->kind->width(o->p->models[i]), o->p->width);
	return rc ? error_wrap(rc, "the model of partition %zu", i) : 0;
}

static int open_models(struct partitions *p, const struct buf *weights)
{
	struct opening o = { p, weights->data };
	size_t n = p->index.keys.n;

	p->models = xcalloc(n + 1, sizeof *p->models);
	return deal(deal_cores(), n, open_one, &o);
}

static int open_all(struct partitions *p, const struct scorer_place *place)
{
	struct buf weights = BUF_INIT;
	char *path;
	int rc = scorer_weights(place, &path);

	if (!rc)
		rc = file_read(path, &weights);
	if (!rc)
		rc = partition_index_parse(json_object_get(place->meta, "partitions"),
					   place->contract, weights.len, &p->index);
	if (!rc)
		rc = open_parent(p, place);
	if (!rc)
		rc = open_models(p, &weights);
	buf_clear(&weights);
	free(path);
	return rc == ERR_NOT_FOUND ? ERR_CORRUPT : rc;
}

static int open_partitions(const struct scorer_place *place, void **state_out)
{
	struct partitions *p = xcalloc(1, sizeof *p);
	int rc;

	p->inputs = place->contract->inputs;
	rc = open_all(p, place);
	if (rc) {
		free_partitions(p);
		p = NULL;
	}
	*state_out = p;
	return rc;
}

/* --- scoring -------------------------------------------------------------------------------------- */

static size_t width(const void *state)
{
	return ((const struct partitions *)state)->width;
}

/* By the model of that number; -1: the parent. x (rows, index.inputs). */
static int score_by(const struct partitions *p, int64_t number, const float *x, int64_t rows,
		    float *out)
{
	return number < 0 ? model_score_inputs(p->parent, x, rows, 1, out)
			  : p->kind->score(p->models[number], x, rows, 1, out);
}

static int score_row(const struct partitions *p, const float *x, float *out)
{
	return score_by(p, partition_of(&p->index, x), x, 1, out);
}

/* Rows put in the order of their models, so that each model is asked for many at once. */
struct sorted {
	const struct partitions *p;
	const float *x;
	float *out;
	int32_t *number; /* (rows) of its model; the number of models: the parent */
	int64_t *order;	 /* (rows) */
	int64_t *first;	 /* (models + 2) in order */
};

static void sorted_clear(struct sorted *s)
{
	free(s->number);
	free(s->order);
	free(s->first);
}

static int sorted_make(struct sorted *s, int64_t rows)
{
	const struct partitions *p = s->p;
	size_t n = p->index.keys.n;

	if (mem_alloc((size_t)rows, sizeof *s->number, &s->number) < 0 ||
	    mem_alloc((size_t)rows, sizeof *s->order, &s->order) < 0 ||
	    mem_alloc(n + 3, sizeof *s->first, &s->first) < 0)
		return ERR_FAIL;
	for (int64_t i = 0; i < rows; i++) {
		int64_t number = partition_of(&p->index, s->x + (size_t)i * p->inputs);

		s->number[i] = number < 0 ? (int32_t)n : (int32_t)number;
		s->first[s->number[i] + 2]++;
	}
	for (size_t i = 2; i < n + 3; i++)
		s->first[i] += s->first[i - 1];
	for (int64_t i = 0; i < rows; i++) /* first[i + 1] becomes where i ends */
		s->order[s->first[s->number[i] + 1]++] = i;
	return 0;
}

/* Rows of one model: (rows, inputs) together in x, (rows, width) of out to where they belong. */
static int score_piece(const struct sorted *s, const int64_t *order, size_t rows, float *x,
		       float *out)
{
	const struct partitions *p = s->p;
	size_t inputs = p->index.inputs, w = p->width;
	int64_t number = s->number[order[0]];
	int rc;

	for (size_t i = 0; i < rows; i++)
		memcpy(x + i * inputs, s->x + (size_t)order[i] * p->inputs, inputs * sizeof *x);
	rc = score_by(p, (size_t)number == p->index.keys.n ? -1 : number, x, (int64_t)rows, out);
	for (size_t i = 0; i < rows && !rc; i++)
		memcpy(s->out + (size_t)order[i] * w, out + i * w, w * sizeof *out);
	return rc;
}

/* Of the rows in their new order: only the first and the last model's may be others' as well. */
static int sorted_share(const void *payload, int64_t from, int64_t to)
{
	const struct sorted *s = payload;
	float *x = NULL, *out = NULL;
	int rc = 0;

	if (mem_alloc(ROWS_A_PIECE, s->p->index.inputs * sizeof *x, &x) < 0 ||
	    mem_alloc(ROWS_A_PIECE, s->p->width * sizeof *out, &out) < 0)
		rc = ERR_FAIL;
	while (!rc && from < to) {
		int64_t end = s->first[s->number[s->order[from]] + 1];

		end = end < to ? end : to;
		end = end - from < ROWS_A_PIECE ? end : from + ROWS_A_PIECE;
		rc = score_piece(s, s->order + from, (size_t)(end - from), x, out);
		from = end;
	}
	free(x);
	free(out);
	return rc;
}

static int score(const void *state, const float *x, int64_t rows, int threads, float *out)
{
	const struct partitions *p = state;
	struct sorted s = { .p = p, .x = x, .out = out };
	int rc = 0;

	if (rows > ROWS_ALONE) {
		rc = sorted_make(&s, rows);
		if (!rc)
			rc = shares_run(rows, 1, ROWS_A_THREAD, threads, sorted_share, &s);
		sorted_clear(&s);
		return rc;
	}
	for (int64_t i = 0; i < rows && !rc; i++)
		rc = score_row(p, x + (size_t)i * p->inputs, out + (size_t)i * p->width);
	return rc;
}

static int64_t batch(const void *state)
{
	int64_t rows =
		((int64_t)((const struct partitions *)state)->index.keys.n + 1) * ROWS_A_MODEL;

	return rows < ROWS_A_BATCH ? rows : ROWS_A_BATCH;
}

const struct scorer scorer_partitions = { "partitions", open_partitions, NULL, free_partitions,
					  width,	score,		 batch };
