/* mich-score.c - the scorer for programs that are not mich: handles, columns and lines. */
#include "lib/model/mich-score.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/model/rows/jsonrows.h"
#include "lib/model/model.h"

_Static_assert((int)MICH_SCORE_BOOL == FRAME_BOOL && (int)MICH_SCORE_INT == FRAME_INT &&
		       (int)MICH_SCORE_DOUBLE == FRAME_DOUBLE &&
		       (int)MICH_SCORE_STRING == FRAME_STRING && (int)MICH_SCORE_TIME == FRAME_TIME,
	       "types are frame.h's");
_Static_assert((int)MICH_SCORE_EFAIL == ERR_FAIL && (int)MICH_SCORE_ENOTFOUND == ERR_NOT_FOUND &&
		       (int)MICH_SCORE_ECORRUPT == ERR_CORRUPT &&
		       (int)MICH_SCORE_EINPUT == ERR_INPUT && (int)MICH_SCORE_EIO == ERR_IO,
	       "codes are error.h's");

struct mich_score_model {
	struct model *model;
	struct mich_score_column *inputs, *outputs;
	size_t n_inputs, n_outputs;
};

struct mich_score_run {
	const struct mich_score_model *m;
	int threads;
	struct scores scores;
	struct frame_column *cols; /* (cols_cap) what was given, as a frame */
	size_t cols_cap;
	struct mich_score_column *answers; /* (m->n_outputs) */
	struct buf text;
};

/* The thread's reason as a value of the caller's. */
static int reason(int rc, struct mich_score_error *e)
{
	if (!e)
		return rc;
	e->code = rc;
	snprintf(e->text, sizeof e->text, "%s", rc ? error_text() : "");
	return rc;
}

static void describe(struct mich_score_model *m)
{
	const struct contract *c = model_contract(m->model);
	const struct model_output *o = model_outputs(m->model, &m->n_outputs);

	m->n_inputs = c->n;
	m->inputs = xcalloc(c->n + 1, sizeof *m->inputs);
	m->outputs = xcalloc(m->n_outputs + 1, sizeof *m->outputs);
	for (size_t i = 0; i < c->n; i++)
		m->inputs[i] =
			(struct mich_score_column){ .name = c->cols[i].name,
						    .type = (enum mich_score_type)c->cols[i].type };
	for (size_t i = 0; i < m->n_outputs; i++)
		m->outputs[i] =
			(struct mich_score_column){ .name = o[i].name,
						    .type = (enum mich_score_type)o[i].type };
}

struct mich_score_model *mich_score_open(const char *path, struct mich_score_error *e)
{
	struct model *model = NULL;
	struct mich_score_model *m;
	int rc = file_is_dir(path) ? model_open(path, &model) : model_open_xgboost(path, &model);

	reason(rc, e);
	if (rc)
		return NULL;
	m = xcalloc(1, sizeof *m);
	m->model = model;
	describe(m);
	return m;
}

void mich_score_close(struct mich_score_model *m)
{
	if (!m)
		return;
	model_free(m->model);
	free(m->inputs);
	free(m->outputs);
	free(m);
}

const struct mich_score_column *mich_score_inputs(const struct mich_score_model *m, size_t *n)
{
	*n = m->n_inputs;
	return m->inputs;
}

const struct mich_score_column *mich_score_outputs(const struct mich_score_model *m, size_t *n)
{
	*n = m->n_outputs;
	return m->outputs;
}

const char *mich_score_task(const struct mich_score_model *m)
{
	return contract_task_name(model_contract(m->model)->task);
}

struct mich_score_run *mich_score_run_new(const struct mich_score_model *m, int threads)
{
	struct mich_score_run *r = xcalloc(1, sizeof *r);

	r->m = m;
	r->threads = threads;
	r->scores = (struct scores)SCORES_INIT;
	r->text = (struct buf)BUF_INIT;
	r->answers = xcalloc(m->n_outputs + 1, sizeof *r->answers);
	return r;
}

void mich_score_run_free(struct mich_score_run *r)
{
	if (!r)
		return;
	scores_clear(&r->scores);
	buf_clear(&r->text);
	free(r->cols);
	free(r->answers);
	free(r);
}

static void take_columns(struct mich_score_run *r, const struct mich_score_column *cols, size_t n)
{
	if (n > r->cols_cap) {
		r->cols = xrealloc(r->cols, n * sizeof *r->cols);
		r->cols_cap = n;
	}
	for (size_t i = 0; i < n; i++)
		r->cols[i] = (struct frame_column){ .name = cols[i].name,
						    .type = (enum frame_type)cols[i].type,
						    .d = cols[i].values,
						    .valid = cols[i].valid };
}

static int check_columns(const struct mich_score_column *cols, size_t n, int64_t rows)
{
	if (rows < 0)
		return error_set(ERR_INPUT, "%lld rows are none", (long long)rows);
	for (size_t i = 0; i < n; i++)
		if (!cols[i].name || (rows && !cols[i].values) ||
		    (unsigned)cols[i].type > MICH_SCORE_TIME)
			return error_set(ERR_INPUT, "column %zu has no name, no values or no type",
					 i);
	return 0;
}

/* Rows are numbered from 1 in each call, as whoever calls counts them. */
static int score(struct mich_score_run *r, const struct frame *in, struct frame *out)
{
	int64_t before = r->scores.counts.rows;
	int rc;

	r->scores.counts.rows = 0;
	rc = model_score(r->m->model, in, r->threads, &r->scores);
	r->scores.counts.rows = before + (rc ? 0 : in->rows);
	return rc ? rc : model_frame(r->m->model, &r->scores, out);
}

int mich_score_rows(struct mich_score_run *r, const struct mich_score_column *cols, size_t n_cols,
		    int64_t rows, const struct mich_score_column **out, struct mich_score_error *e)
{
	struct frame in, given;
	int rc = check_columns(cols, n_cols, rows);

	*out = NULL;
	if (rc)
		return reason(rc, e);
	take_columns(r, cols, n_cols);
	in = (struct frame){ .rows = rows, .n = n_cols, .cols = r->cols };
	if ((rc = score(r, &in, &given)))
		return reason(rc, e);
	for (size_t i = 0; i < given.n; i++)
		r->answers[i] = (struct mich_score_column){
			.name = given.cols[i].name,
			.type = (enum mich_score_type)given.cols[i].type,
			.values = given.cols[i].d
		};
	*out = r->answers;
	return reason(0, e);
}

static int on_rows(const struct frame *in, void *payload)
{
	struct mich_score_run *r = payload;
	struct frame out;
	int rc = model_score(r->m->model, in, r->threads, &r->scores);

	if (!rc)
		rc = model_frame(r->m->model, &r->scores, &out);
	if (!rc)
		jsonrows_put(&out, model_floats(r->m->model), &r->text);
	return rc;
}

int mich_score_json(struct mich_score_run *r, const char *lines, size_t n, const char **out,
		    size_t *out_n, struct mich_score_error *e)
{
	struct jsonrows_opts opts = { .contract = model_contract(r->m->model) };
	int64_t before = r->scores.counts.rows;
	struct jsonrows *parser;
	int rc;

	*out = NULL;
	*out_n = 0;
	buf_reset(&r->text);
	r->scores.counts.rows = 0;
	jsonrows_new(&opts, &parser);
	rc = jsonrows_feed(parser, lines, n, on_rows, r);
	if (!rc)
		rc = jsonrows_end(parser, on_rows, r);
	jsonrows_free(parser);
	r->scores.counts.rows += before;
	if (rc)
		return reason(rc, e);
	*out = r->text.data;
	*out_n = r->text.len;
	return reason(0, e);
}

int64_t mich_score_odd(const struct mich_score_run *r)
{
	return counts_total(&r->scores.counts);
}
