/* benchjob.c - pack what is to be measured elsewhere, measure what came, read what was answered. */
#define _GNU_SOURCE
#include "lib/make/bench/benchjob.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/deal.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/hardware.h"
#include "lib/base/mem.h"
#include "lib/launch/process.h"
#include "lib/make/bundle.h"
#include "lib/model/model.h"
#include "lib/record/run/scratch.h"

static const char FORMAT[] = "mich-bench/1";

enum {
	RECEIVE_LIMIT_MS = 3600 * 1000,
	SECONDS_MAX = 3600,
	ROWS_MAX = 10000000,
	THREADS_MAX = 4096
};

/* --- packing -------------------------------------------------------------------------------------- */

static json_t *job_json(const struct benchjob *job)
{
	const struct benchmark *b = job->bench;
	json_t *batch = json_array();

	for (size_t i = 0; i < b->n_batch; i++)
		json_array_append_new(batch, json_integer(b->batch[i]));
	return json_pack("{s:s,s:s,s:o,s:I,s:f,s:i,s:I,s:b}", "format", FORMAT, "part", b->part,
			 "batch", batch, "rows", (json_int_t)b->rows, "seconds", b->seconds,
			 "threads", b->threads, "memory", (json_int_t)job->memory_bytes,
			 "synthetic", b->table == NULL);
}

static int write_rows(const struct benchmark *b, const char *path)
{
	struct benchmark once = *b;
	struct benchrows rows = BENCHROWS_INIT;
	struct model *m = NULL;
	int rc = model_open(b->model, &m);

	once.n_batch = 1; /* none of them twice */
	if (!rc)
		rc = benchmark_rows(&once, m, &rows);
	if (!rc)
		rc = benchrows_write(&rows, path);
	benchrows_clear(&rows);
	model_free(m);
	return rc;
}

int benchjob_write(void *payload)
{
	const struct benchjob *job = payload;
	char *about = path_join(job->dir, "job.json"), *rows = path_join(job->dir, "rows.jsonl");
	json_t *v = job_json(job);
	int rc = json_write(about, v);

	if (!rc && job->bench->table)
		rc = write_rows(job->bench, rows);
	json_decref(v);
	free(about);
	free(rows);
	return rc;
}

/* --- measuring what came -------------------------------------------------------------------------- */

/* A body: all that fd gives, into a file, and that into a folder. */
struct delivery {
	int fd;
	char *tar, *dir;
};

static int receive(void *payload)
{
	const struct delivery *d = payload;
	static char block[1 << 16];
	struct file_whole w;
	ssize_t n = 0;
	int rc = file_whole_open(d->tar, &w);

	if (rc)
		return rc;
	while (!rc && (n = read(d->fd, block, sizeof block)) > 0)
		rc = file_write_fd(w.fd, block, (size_t)n);
	if (n < 0)
		rc = error_errno("cannot read the bench");
	rc = file_whole_end(&w, rc);
	if (!rc)
		rc = file_make_dirs(d->dir);
	return rc ? rc : bundle_run("unpack", d->tar, d->dir);
}

static int no_job(const char *why)
{
	return error_set(ERR_INPUT, "standard input is no bench of this mich: %s", why);
}

static bool read_batches(const json_t *list, struct benchmark *b)
{
	b->n_batch = json_array_size(list);
	if (!b->n_batch || b->n_batch > BENCHMARK_BATCHES)
		return false;
	for (size_t i = 0; i < b->n_batch; i++) {
		b->batch[i] = json_integer_value(json_array_get(list, i));
		if (b->batch[i] < 1 || b->batch[i] > BENCHMARK_BATCH_MAX)
			return false;
	}
	return b->batch[0] == 1;
}

static int read_job(const json_t *v, const char *dir, struct benchmark *b, int64_t *memory)
{
	const char *format, *part;
	json_t *batch;
	json_int_t rows, limit;
	json_error_t e;
	int synthetic;

	if (json_unpack_ex((json_t *)v, &e, JSON_STRICT, "{s:s,s:s,s:o,s:I,s:F,s:i,s:I,s:b}",
			   "format", &format, "part", &part, "batch", &batch, "rows", &rows,
			   "seconds", &b->seconds, "threads", &b->threads, "memory", &limit,
			   "synthetic", &synthetic) < 0)
		return no_job(e.text);
	if (strcmp(format, FORMAT) != 0)
		return no_job("another format");
	if (!read_batches(batch, b) || rows < 1 || rows > ROWS_MAX || limit < 0 ||
	    !(b->seconds >= 0 && b->seconds <= SECONDS_MAX) || b->threads < 0 ||
	    b->threads > THREADS_MAX)
		return no_job("a number past its limits");
	b->threads = b->threads ? b->threads : deal_cores();
	b->rows = rows;
	b->part = part;
	b->model = path_join(dir, "model");
	b->table = synthetic ? NULL : path_join(dir, "rows.jsonl");
	*memory = limit;
	return 0;
}

/* Whoever asked is gone: what is measured now is for nobody. */
static void stop_when_alone(void *payload)
{
	struct pollfd p = { .fd = STDOUT_FILENO };

	(void)payload;
	if (poll(&p, 1, 0) > 0 && p.revents & (POLLERR | POLLHUP))
		kill(getpid(), SIGTERM);
}

static int run_body(int (*body)(void *), void *payload, int64_t time_ms, int64_t memory_bytes)
{
	struct process_plan plan = { .body = body,
				     .payload = payload,
				     .time_limit_ms = time_ms,
				     .memory_bytes = memory_bytes,
				     .tick = stop_when_alone };
	struct process_result result;

	return process_run(&plan, &result);
}

static int measure(const char *dir, const char *report_path, json_t **figures)
{
	struct benchmark b = { .report = xstrdup(report_path) };
	char *path = path_join(dir, "job.json");
	json_t *job = NULL, *report = NULL;
	int64_t memory = 0;
	int rc = file_exists(path) ? json_read(path, &job) : no_job("it has no job.json");

	if (!rc)
		rc = read_job(job, dir, &b, &memory);
	if (!rc)
		rc = run_body(benchmark_run, &b, 0, memory);
	if (!rc)
		rc = json_read(report_path, &report);
	if (!rc)
		*figures = json_incref(json_object_get(report, "bench"));
	json_decref(report);
	json_decref(job);
	free(path);
	free(b.model);
	free(b.table);
	free(b.report);
	return rc;
}

json_t *benchjob_here(void)
{
	return json_pack("{s:o,s:s}", "hardware", hardware_json(), "mich", MICH_VERSION);
}

int benchjob_serve(int fd, json_t **answer)
{
	struct delivery d = { .fd = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) };
	char *dir = NULL, *report = NULL;
	json_t *figures = NULL;
	int rc = scratch_make(NULL, "bench", &dir), removed;

	if (rc)
		goto out;
	d.tar = path_join(dir, "job.tar");
	d.dir = path_join(dir, "job");
	report = path_join(dir, "report.json");
	rc = run_body(receive, &d, RECEIVE_LIMIT_MS, 0);
	if (rc == ERR_STEP)
		rc = no_job("it does not unpack");
	if (!rc)
		rc = measure(d.dir, report, &figures);
	removed = file_remove_tree(dir);
	if (!rc)
		rc = removed;
	if (!rc) {
		*answer = benchjob_here();
		json_object_set(*answer, "bench", figures);
	}
out:
	if (d.fd >= 0)
		close(d.fd);
	json_decref(figures);
	free(d.tar);
	free(d.dir);
	free(report);
	free(dir);
	return rc;
}

/* --- what was answered ---------------------------------------------------------------------------- */

int benchjob_parse(const char *data, size_t n, const struct benchmark *b, json_t **out)
{
	json_t *v = NULL, *hardware, *bench = NULL;
	const char *mich;
	json_error_t e;
	int rc = json_parse(data, n, "the answer", &v);

	if (rc)
		return error_set(ERR_INPUT, "it is no JSON"); /* nor fit to be shown */
	if (json_unpack_ex(v, &e, JSON_STRICT, b ? "{s:o,s:s,s:o}" : "{s:o,s:s}", "hardware",
			   &hardware, "mich", &mich, "bench", &bench) < 0)
		rc = error_set(ERR_INPUT, "it has other members than an answer");
	if (!rc)
		rc = hardware_check(hardware);
	if (!rc && !hardware_is_plain(mich))
		rc = error_set(ERR_INPUT, "its mich is no version");
	if (!rc && b)
		rc = benchmark_check(b, bench);
	if (rc)
		json_decref(v);
	*out = rc ? NULL : v;
	return rc;
}
