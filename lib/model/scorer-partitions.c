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
	ROWS_A_TILE = 64,
	ROWS_A_THREAD = 2048,
	ROWS_ALONE = 8, /* so few are not worth being sorted */
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

/* Rows put in the order of their models, each model asked once. */
struct sorted {
	int32_t *number; /* (rows) of its model; the number of models: the parent */
	int64_t *order;	 /* (rows) */
	int64_t *first;	 /* (models + 2) in order */
	float *x, *out;	 /* of the largest group */
};

static void sorted_clear(struct sorted *s)
{
	free(s->number);
	free(s->order);
	free(s->first);
	free(s->x);
	free(s->out);
}

static int sorted_make(const struct partitions *p, const float *x, int64_t rows, struct sorted *s)
{
	size_t n = p->index.keys.n, largest = 0;

	if (mem_alloc((size_t)rows, sizeof *s->number, &s->number) < 0 ||
	    mem_alloc((size_t)rows, sizeof *s->order, &s->order) < 0 ||
	    mem_alloc(n + 3, sizeof *s->first, &s->first) < 0)
		return ERR_FAIL;
	for (int64_t i = 0; i < rows; i++) {
		int64_t number = partition_of(&p->index, x + (size_t)i * p->inputs);

		s->number[i] = number < 0 ? (int32_t)n : (int32_t)number;
		s->first[s->number[i] + 2]++;
	}
	for (size_t i = 2; i < n + 3; i++) {
		largest = (size_t)s->first[i] > largest ? (size_t)s->first[i] : largest;
		s->first[i] += s->first[i - 1];
	}
	for (int64_t i = 0; i < rows; i++) /* first[i + 1] becomes where i ends */
		s->order[s->first[s->number[i] + 1]++] = i;
	if (mem_alloc(largest, p->index.inputs * sizeof *s->x, &s->x) < 0 ||
	    mem_alloc(largest, p->width * sizeof *s->out, &s->out) < 0)
		return ERR_FAIL;
	return 0;
}

static int score_group(const struct partitions *p, const float *x, const struct sorted *s,
		       size_t number, float *out)
{
	const int64_t *order = s->order + s->first[number];
	size_t rows = (size_t)(s->first[number + 1] - s->first[number]), w = p->width;
	int rc;

	if (!rows)
		return 0;
	for (size_t i = 0; i < rows; i++)
		memcpy(s->x + i * p->index.inputs, x + (size_t)order[i] * p->inputs,
		       p->index.inputs * sizeof *x);
	rc = score_by(p, number == p->index.keys.n ? -1 : (int64_t)number, s->x, (int64_t)rows,
		      s->out);
	for (size_t i = 0; i < rows && !rc; i++)
		memcpy(out + (size_t)order[i] * w, s->out + i * w, w * sizeof *out);
	return rc;
}

static int score_sorted(const struct partitions *p, const float *x, int64_t rows, float *out)
{
	struct sorted s = { 0 };
	int rc = sorted_make(p, x, rows, &s);

	for (size_t i = 0; i <= p->index.keys.n && !rc; i++)
		rc = score_group(p, x, &s, i, out);
	sorted_clear(&s);
	return rc;
}

struct job {
	const struct partitions *p;
	const float *x;
	float *out;
};

static int job_share(const void *payload, int64_t from, int64_t to)
{
	const struct job *j = payload;
	const float *x = j->x + (size_t)from * j->p->inputs;
	float *out = j->out + (size_t)from * j->p->width;
	int rc = 0;

	if (to - from > ROWS_ALONE)
		return score_sorted(j->p, x, to - from, out);
	for (int64_t i = 0; i < to - from && !rc; i++)
		rc = score_row(j->p, x + (size_t)i * j->p->inputs, out + (size_t)i * j->p->width);
	return rc;
}

static int score(const void *state, const float *x, int64_t rows, int threads, float *out)
{
	struct job j = { state, x, out };

	if (rows == 1)
		return score_row(state, x, out);
	return shares_run(rows, ROWS_A_TILE, ROWS_A_THREAD, threads, job_share, &j);
}

const struct scorer scorer_partitions = { "partitions",	   open_partitions, NULL,
					  free_partitions, width,	    score };
