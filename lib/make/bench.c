/*
 * bench.c - how fast a model answers on this machine: one row at a time as requests come, and in
 * batches, through the contract, the transform and the kernel as every answer goes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/hardware.h"
#include "lib/base/mem.h"
#include "lib/make/benchrows.h"
#include "lib/make/make.h"
#include "lib/measure/latency.h"
#include "lib/model/model.h"

enum { BENCH_NUMBER = 1, BATCHES_MAX = 16, BATCH_MAX = 1000000 };

struct job {
	char *model, *table, *report; /* table NULL: made up rows */
	const char *part;
	int64_t batch[BATCHES_MAX]; /* the first is 1 */
	size_t n_batch;
	int64_t rows;
	double seconds;
	int threads;
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Memory of this process that lies in RAM, after what is free was given back. */
static int64_t resident_bytes(void)
{
	long long total, resident = 0;
	FILE *f;

	malloc_trim(0);
	f = fopen("/proc/self/statm", "re");
	if (f && fscanf(f, "%lld %lld", &total, &resident) != 2)
		resident = 0;
	if (f)
		fclose(f);
	return resident * sysconf(_SC_PAGESIZE);
}

struct scoring {
	const struct model *m;
	const struct benchrows *rows;
	struct frame_column *cols;
	struct scores scores;
	int64_t at;
	int threads;
};

/* Score the next n rows; how long that took. */
static int one(struct scoring *r, int64_t n, int64_t *ns)
{
	struct frame f;
	int64_t begun;
	int rc;

	if (r->at + n > r->rows->rows)
		r->at = 0;
	begun = now_ns();
	benchrows_slice(r->rows, r->at, n, r->cols, &f);
	rc = model_score(r->m, &f, n == 1 ? 1 : r->threads, &r->scores);
	*ns = now_ns() - begun;
	r->at += n;
	return rc;
}

/* Calls for a fifth of the time that nobody counts, then as many as the time allows, three at least. */
static int measure(struct scoring *r, int64_t n, double seconds, struct latency *out)
{
	int64_t begun = now_ns(), warm = begun + (int64_t)(seconds * 2e8), end, ns;
	int rc = 0;

	do
		rc = one(r, n, &ns);
	while (!rc && now_ns() < warm);
	begun = now_ns();
	end = begun + (int64_t)(seconds * 1e9);
	for (int i = 0; !rc && (i < 3 || now_ns() < end); i++) {
		rc = one(r, n, &ns);
		if (!rc && !latency_add(out, ns))
			break;
	}
	return rc;
}

static json_t *figures(struct latency *l, int64_t rows_a_call)
{
	double total = latency_total_s(l);

	return json_pack("{s:o,s:o,s:o,s:o}", "p50_us", json_number(latency_percentile(l, 0.50)),
			 "p95_us", json_number(latency_percentile(l, 0.95)), "p99_us",
			 json_number(latency_percentile(l, 0.99)), "rows_s",
			 json_number(total > 0 ? (double)l->n * (double)rows_a_call / total : 0));
}

static int measure_all(const struct job *j, struct scoring *r, json_t *bench)
{
	json_t *batches = json_object();
	int rc = 0;

	for (size_t i = 0; i < j->n_batch && !rc; i++) {
		struct latency l = LATENCY_INIT;
		char name[24];
		json_t *of;

		rc = measure(r, j->batch[i], j->seconds, &l);
		of = figures(&l, j->batch[i]);
		snprintf(name, sizeof name, "%lld", (long long)j->batch[i]);
		if (i) {
			json_object_set(batches, name, of);
		} else { /* one row: the figures themselves */
			json_object_update(bench, of);
			json_object_set_new(bench, "calls", json_integer((json_int_t)l.n));
			json_object_set_new(bench, "max_us",
					    json_number(latency_percentile(&l, 1)));
		}
		json_decref(of);
		latency_clear(&l);
	}
	json_object_set_new(bench, "batch", batches);
	return rc;
}

static int read_rows(const struct job *j, const struct model *m, struct benchrows *out)
{
	const struct contract *c = model_contract(m);
	int64_t least = 1;
	int rc;

	for (size_t i = 0; i < j->n_batch; i++)
		least = j->batch[i] > least ? j->batch[i] : least;
	if (!j->table)
		return benchrows_make(c, j->rows, least, out);
	if (access(j->table, R_OK) < 0 && errno == ENOENT)
		return error_set(ERR_INPUT, "it has no rows in its split '%s'", j->part);
	rc = benchrows_read(c, j->table, j->rows, least, out);
	return rc ? error_wrap(rc, "split '%s'", j->part) : 0;
}

static int body(void *payload)
{
	const struct job *j = payload;
	int64_t before = resident_bytes(), begun = now_ns(), loaded, ns;
	struct benchrows rows = BENCHROWS_INIT;
	struct model *m = NULL;
	struct scoring r = { .threads = j->threads, .scores = SCORES_INIT };
	json_t *bench = json_object(), *report;
	int64_t memory;
	int rc = model_open(j->model, &m);

	loaded = now_ns();
	memory = resident_bytes() - before;
	if (!rc)
		rc = read_rows(j, m, &rows);
	r.m = m;
	r.rows = &rows;
	r.cols = xcalloc(rows.n + 1, sizeof *r.cols);
	if (!rc)
		rc = one(&r, 1, &ns); /* what it refuses is known before minutes are spent */
	if (!rc)
		rc = measure_all(j, &r, bench);
	json_object_set_new(bench, "memory_bytes", json_integer(memory > 0 ? memory : 0));
	json_object_set_new(bench, "load_ms", json_number((double)(loaded - begun) / 1e6));
	json_object_set_new(bench, "rows", json_integer(rows.real));
	json_object_set_new(bench, "threads", json_integer(j->threads));
	report = json_pack("{s:o}", "bench", bench);
	if (!rc)
		rc = json_write(j->report, report);
	json_decref(report);
	scores_clear(&r.scores);
	free(r.cols);
	benchrows_clear(&rows);
	model_free(m);
	return rc;
}

/* One row at a time is always measured, and first. */
static int parse_batches(const struct spec_node *node, struct job *j)
{
	static const int64_t usual[] = { 1, 10, 100, 1000 };

	j->n_batch = node->batch.n ? 1 : ARRAY_LEN(usual);
	memcpy(j->batch, usual, j->n_batch * sizeof *usual);
	for (size_t i = 0; i < node->batch.n; i++) {
		const char *text = node->batch.v[i].text;
		char *end;
		long long n = strtoll(text, &end, 10);
		bool twice = false;

		if (*end || !*text || n < 1 || n > BATCH_MAX)
			return error_set(ERR_INPUT,
					 "%s:%d: batch '%s' is no number of rows from 1 to %d",
					 node->file, node->batch.v[i].line, text, BATCH_MAX);
		for (size_t k = 0; k < j->n_batch; k++)
			twice = twice || j->batch[k] == n;
		if (twice)
			continue;
		if (j->n_batch == BATCHES_MAX)
			return error_set(ERR_INPUT, "%s:%d: more than %d sizes of batches",
					 node->file, node->batch.v[i].line, BATCHES_MAX);
		j->batch[j->n_batch++] = n;
	}
	return 0;
}

/*
 * The hardware is a parameter of what is made: the same recipe on another machine is another version,
 * and lists show which is which.
 */
static int describe(struct plan *p, const struct spec_node *node, struct step *s)
{
	json_t *hardware = hardware_json();
	struct job j = { 0 };

	(void)p;
	json_object_set(s->params, "hardware", json_object_get(hardware, "id"));
	json_object_set_new(s->params, "input",
			    json_string(node->synthetic ? "synthetic" : "recorded"));
	json_object_set_new(s->params, "threads", json_integer(node->threads));
	json_decref(hardware);
	return parse_batches(node, &j);
}

static const char *part_of(const struct spec_node *node)
{
	static const char *const parts[] = { [SPEC_PART_TEST] = "test",
					     [SPEC_PART_VALIDATION] = "validation",
					     [SPEC_PART_TRAIN] = "train" };

	return parts[node->part];
}

static int take_report(struct attempt *a, const struct job *j, const struct spec_node *node)
{
	int rc = json_read(j->report, &a->metrics);

	json_object_set_new(a->facts, "hardware", hardware_json());
	json_object_set_new(a->facts, "input",
			    json_string(node->synthetic ? "synthetic" : "recorded"));
	return rc;
}

static int run(struct attempt *a, const struct spec_node *node)
{
	const struct step_input *model = step_find_input(a->step, "model"),
				*data = step_find_input(a->step, "dataset");
	char *dir = data ? attempt_input_path(a, data) : NULL;
	struct job j = { .model = attempt_input_path(a, model),
			 .part = part_of(node),
			 .table = dir ? xasprintf("%s/%s.parquet", dir, part_of(node)) : NULL,
			 .report = path_join(a->tmp, "bench.json"),
			 .rows = node->rows,
			 .seconds = node->seconds,
			 .threads = a->threads };
	int rc = parse_batches(node, &j);

	if (!rc)
		rc = attempt_body(a, body, &j);
	if (!rc)
		rc = take_report(a, &j, node);
	free(dir);
	free(j.model);
	free(j.table);
	free(j.report);
	return rc;
}

const struct step_ops make_bench = {
	.number = BENCH_NUMBER,
	.describe = describe,
	.run = run,
};
