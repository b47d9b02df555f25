/*
 * benchmark.c - one row at a time as requests come, and in batches, through the contract, the transform
 * and the kernel as every answer goes.
 */
#define _GNU_SOURCE
#include "lib/make/bench/benchmark.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/measure/latency.h"
#include "lib/model/model.h"

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

static int measure_all(const struct benchmark *j, struct scoring *r, json_t *bench)
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

int benchmark_rows(const struct benchmark *j, const struct model *m, struct benchrows *out)
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

int benchmark_run(void *payload)
{
	const struct benchmark *j = payload;
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
		rc = benchmark_rows(j, m, &rows);
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

/* --- figures that come from elsewhere ------------------------------------------------------------- */

static int no_figures(const char *what)
{
	return error_set(ERR_INPUT, "these are no figures of this bench: %s", what);
}

static bool is_figure(const json_t *of, const char *key)
{
	const json_t *v = json_object_get(of, key);

	return json_is_number(v) && json_number_value(v) >= 0;
}

static bool are_figures(const json_t *of)
{
	return is_figure(of, "p50_us") && is_figure(of, "p95_us") && is_figure(of, "p99_us") &&
	       is_figure(of, "rows_s") && json_num(of, "p50_us", 0) <= json_num(of, "p95_us", 0) &&
	       json_num(of, "p95_us", 0) <= json_num(of, "p99_us", 0);
}

static int check_batches(const struct benchmark *b, const json_t *batches)
{
	if (!json_is_object(batches) || json_object_size(batches) != b->n_batch - 1)
		return no_figures("batch has other sizes");
	for (size_t i = 1; i < b->n_batch; i++) {
		char name[24];
		const json_t *of;

		snprintf(name, sizeof name, "%lld", (long long)b->batch[i]);
		of = json_object_get(batches, name);
		if (json_object_size(of) != 4 || !are_figures(of))
			return no_figures("batch");
	}
	return 0;
}

int benchmark_check(const struct benchmark *b, const json_t *figures)
{
	static const char *const whole[] = { "calls", "memory_bytes", "rows", "threads" };

	for (size_t i = 0; i < ARRAY_LEN(whole); i++)
		if (json_int(figures, whole[i], -1) < 0)
			return no_figures(whole[i]);
	if (json_object_size(figures) != 11 || !are_figures(figures) ||
	    !is_figure(figures, "load_ms") || !is_figure(figures, "max_us") ||
	    json_num(figures, "p99_us", 0) > json_num(figures, "max_us", 0))
		return no_figures("one row at a time");
	return check_batches(b, json_object_get(figures, "batch"));
}
