/* partitions.c - dealing partitions out to threads, and writing what comes back in their order. */
#include "lib/learn/partitions.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/deal.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "lib/base/mem.h"
#include "lib/learn/partition_log.h"

enum { WARNINGS_MOST = 10 };

static const char FEW_ROWS[] = "few rows", ONE_CLASS[] = "one class", NO_WEIGHT[] = "no weight";

/* What came of one partition. */
struct outcome {
	const char *parent; /* why the parent answers for it; NULL: it does not */
	bool trained;
	struct buf weights; /* until they are written */
	uint64_t at, bytes;
	int64_t rounds;
};

struct training {
	const struct partitions_ask *ask;
	struct outcome *v; /* (n) */
	size_t n;
	size_t *own; /* (n_own) partitions that have a model of their own */
	size_t n_own;
	pthread_mutex_t lock; /* of what follows, and of outcomes that are trained */
	struct file_whole file;
	struct partition_log log;
	size_t written; /* of own */
	uint64_t bytes; /* of the file */
	size_t done, resumed;
	int64_t started_us;
};

int partitions_parent(const struct brief *b, const struct matrix *m, char **out)
{
	bool parts = matrix_partitions(m) > 0;

	*out = parts ? path_join(b->out, "parent") : xstrdup(b->out);
	return parts ? file_make_dirs(*out) : 0;
}

/* --- which of them are trained -------------------------------------------------------------------- */

static const char *why_parent(const struct brief *b, const struct matrix *m)
{
	const struct matrix_split *s = &m->splits[MATRIX_TRAIN];
	const float *y = s->y.data, *w = s->w.data;
	bool classes = m->task == MATRIX_BINARY || m->task == MATRIX_MULTICLASS;
	bool differ = !classes, weighed = !w;

	if (s->rows < b->partition_min_rows)
		return FEW_ROWS;
	for (int64_t i = 0; i < s->rows && !(differ && weighed); i++) {
		differ = differ || y[i] != y[0];
		weighed = weighed || w[i] > 0;
	}
	return !weighed ? NO_WEIGHT : !differ ? ONE_CLASS : NULL;
}

/* Too few rows are what partition-min-rows says; anything else is worth a word. */
static void tell_why(const struct training *t, size_t i, size_t *warned)
{
	struct buf text = BUF_INIT;

	if (t->v[i].parent == FEW_ROWS || !t->ask->on_warning || (*warned)++ >= WARNINGS_MOST)
		return;
	buf_addstr(&text, "the parent answers for partition ");
	matrix_partition_name(t->ask->matrix, i, &text);
	buf_addf(&text, ": its rows of train have %s",
		 t->v[i].parent == ONE_CLASS ? "one class alone" : "no weight");
	t->ask->on_warning(t->ask->hooks_payload, text.data);
	buf_clear(&text);
}

static void choose(struct training *t)
{
	size_t warned = 0;
	char text[80];

	t->own = xcalloc(t->n + 1, sizeof *t->own);
	for (size_t i = 0; i < t->n; i++) {
		struct matrix m;

		matrix_partition(t->ask->matrix, i, &m);
		t->v[i].weights = (struct buf)BUF_INIT;
		t->v[i].parent = why_parent(t->ask->brief, &m);
		if (t->v[i].parent)
			tell_why(t, i, &warned);
		else
			t->own[t->n_own++] = i;
	}
	if (warned <= WARNINGS_MOST)
		return;
	snprintf(text, sizeof text, "and for %zu more like these", warned - WARNINGS_MOST);
	t->ask->on_warning(t->ask->hooks_payload, text);
}

/* --- training ------------------------------------------------------------------------------------- */

/* All that are trained and have none before them that is not: so the file is in order. */
static int write_ready(struct training *t)
{
	int rc = 0;

	while (!rc && t->written < t->n_own && t->v[t->own[t->written]].trained) {
		struct outcome *o = &t->v[t->own[t->written++]];

		o->at = t->bytes;
		o->bytes = o->weights.len;
		t->bytes += o->weights.len;
		rc = file_write_fd(t->file.fd, o->weights.data, o->weights.len);
		buf_clear(&o->weights);
	}
	return rc;
}

static void report(const struct training *t)
{
	double seconds = (double)(clock_mono_us() - t->started_us) / 1e6;
	size_t trained = t->done - t->resumed;
	struct partitions_progress p = {
		.done = t->done,
		.n = t->n_own,
		.resumed = t->resumed,
		.left_out = t->n - t->n_own,
		.seconds = seconds,
		.left = trained ? seconds / (double)trained * (double)(t->n_own - t->done) : 0,
	};

	if (t->ask->on_progress)
		t->ask->on_progress(t->ask->hooks_payload, &p);
}

static int named(const struct training *t, size_t i, int rc)
{
	struct buf name = BUF_INIT;

	matrix_partition_name(t->ask->matrix, i, &name);
	error_wrap(rc, "partition %s", name.data);
	buf_clear(&name);
	return rc;
}

/* One more is there: kept where the step may be killed, and written as soon as it is its turn. */
static int take_trained(struct training *t, size_t i)
{
	struct outcome *o = &t->v[i];
	int rc =
		partition_log_add(&t->log, (uint32_t)i, o->rounds, o->weights.data, o->weights.len);

	o->trained = !rc;
	t->done += !rc;
	if (!rc)
		rc = write_ready(t);
	report(t);
	return rc;
}

static int end_early(const struct training *t)
{
	const struct partitions_ask *ask = t->ask;

	if (!ask->brief->checkpoint || !ask->wants_end || !ask->wants_end(ask->hooks_payload))
		return 0;
	return error_set(ERR_BUSY, "told to end after %zu of %zu partitions: their models are kept",
			 t->done, t->n_own);
}

static int train_one(void *payload, size_t k)
{
	struct training *t = payload;
	size_t i = t->own[k];
	struct outcome *o = &t->v[i];
	struct matrix m;
	int rc;

	if (o->trained)
		return 0;
	pthread_mutex_lock(&t->lock);
	rc = end_early(t);
	pthread_mutex_unlock(&t->lock);
	if (rc)
		return rc;
	matrix_partition(t->ask->matrix, i, &m);
	rc = t->ask->train(t->ask->payload, &m, &o->weights, &o->rounds);
	if (rc)
		return named(t, i, rc);
	pthread_mutex_lock(&t->lock);
	rc = take_trained(t, i);
	pthread_mutex_unlock(&t->lock);
	return rc;
}

/* --- going on ------------------------------------------------------------------------------------- */

/* What must be the same for models that were kept to be those of this training. */
static void identity(const struct training *t, char out[HASH_HEX + 1])
{
	const struct partitions_ask *ask = t->ask;
	const struct strlist *values = &ask->matrix->values;
	struct hash h;

	hash_init(&h);
	hash_add(&h, ask->of, strlen(ask->of) + 1);
	hash_add(&h, &ask->rounds, sizeof ask->rounds);
	hash_add(&h, &ask->brief->partition_min_rows, sizeof ask->brief->partition_min_rows);
	for (size_t i = 0; i < MATRIX_PARTS; i++)
		if (ask->matrix->splits[i].first)
			hash_add(&h, ask->matrix->splits[i].first,
				 (t->n + 2) * sizeof *ask->matrix->splits[i].first);
	for (size_t i = 0; i < values->n; i++)
		hash_add(&h, values->v[i], strlen(values->v[i]) + 1);
	hash_hex(&h, out);
}

/* One that was kept. */
static int take_kept(void *payload, uint32_t number, int64_t rounds, const char *data, size_t n)
{
	struct training *t = payload;
	struct outcome *o = &t->v[number < t->n ? number : 0];

	if (number >= t->n || o->parent || o->trained)
		return 0;
	buf_add(&o->weights, data, n);
	o->rounds = rounds;
	o->trained = true;
	t->done = ++t->resumed;
	return write_ready(t);
}

static int write_list(const struct training *t, const char *path)
{
	json_t *doc = json_pack("{s:[]}", "partitions"), *list = json_object_get(doc, "partitions");
	int rc;

	for (size_t i = 0; i < t->n; i++) {
		const struct outcome *o = &t->v[i];
		const int64_t *first = t->ask->matrix->splits[MATRIX_TRAIN].first;
		json_t *row = json_pack("{s:I}", "rows", (json_int_t)(first[i + 1] - first[i]));

		if (o->parent) {
			json_object_set_new(row, "parent", json_string(o->parent));
		} else {
			json_object_set_new(row, "at", json_integer((json_int_t)o->at));
			json_object_set_new(row, "bytes", json_integer((json_int_t)o->bytes));
			json_object_set_new(row, "rounds", json_integer(o->rounds));
		}
		json_array_append_new(list, row);
	}
	rc = json_write(path, doc);
	json_decref(doc);
	return rc;
}

static int train_rest(struct training *t)
{
	char of[HASH_HEX + 1];
	int rc;

	identity(t, of);
	rc = partition_log_open(t->ask->brief->checkpoint, of, take_kept, t, &t->log);
	if (rc)
		return rc;
	t->started_us = clock_mono_us();
	report(t);
	return deal(t->ask->brief->threads, t->n_own, train_one, t);
}

static int train_all(struct training *t)
{
	char *bin = path_join(t->ask->out, "partitions.bin");
	char *list = path_join(t->ask->out, "partitions.json");
	int rc = file_whole_open(bin, &t->file);

	if (!rc)
		rc = file_whole_end(&t->file, train_rest(t));
	if (!rc)
		rc = write_list(t, list);
	free(bin);
	free(list);
	return rc;
}

int partitions_train(const struct partitions_ask *ask)
{
	struct training t = { .ask = ask,
			      .n = matrix_partitions(ask->matrix),
			      .log = PARTITION_LOG_INIT,
			      .lock = PTHREAD_MUTEX_INITIALIZER };
	int rc;

	t.v = xcalloc(t.n + 1, sizeof *t.v);
	choose(&t);
	rc = train_all(&t);
	for (size_t i = 0; i < t.n; i++)
		buf_clear(&t.v[i].weights);
	partition_log_close(&t.log);
	pthread_mutex_destroy(&t.lock);
	free(t.own);
	free(t.v);
	return rc;
}

void partitions_line(const struct partitions_progress *p, struct buf *out)
{
	char left[32];

	clock_span((int64_t)(p->left * 1e3), left, sizeof left);
	buf_addf(out, "%zu of %zu partitions", p->done, p->n);
	if (p->done > p->resumed)
		buf_addf(out, ", %s left", left);
}

void partitions_resumed(const struct partitions_progress *p, struct buf *out)
{
	buf_addf(out, "goes on from its checkpoint, with %zu of %zu partitions", p->done, p->n);
}

void partitions_summary(const struct partitions_progress *p, struct buf *out)
{
	char took[32];

	clock_span((int64_t)(p->seconds * 1e3), took, sizeof took);
	buf_addf(out, "trained %zu partitions in %s", p->done - p->resumed, took);
	if (p->resumed)
		buf_addf(out, ", %zu before", p->resumed);
	if (p->left_out)
		buf_addf(out, "; the model over all rows answers for %zu more", p->left_out);
}
