/*
 * runs.c - what tests/gpu/check.sh and tests/bench/gpu.sh need of whole trainings, without mich: a matrix to train on, ranks placed by
 * the launcher, two sets of weights compared.
 *
 *	runs matrix DIR TASK ROWS INPUTS    regression, binary or multiclass; a seventh of ROWS validates
 *	runs higgs DIR ROWS                 28 numbers and a label of two classes, as the data set HIGGS has
 *	runs ranks N COMMAND                a shell line as N ranks of this machine; exits as the first that fails
 *	runs apart A B                      |A - B| / |B| over all numbers of two .safetensors files
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/launch/ranks/ranks.h"
#include "lib/model/net/safetensors.h"
#include "tests/lib/synth.h"

static int failed(void)
{
	fprintf(stderr, "runs: %s\n", error_text());
	return 1;
}

static int matrix(char **v)
{
	struct synth o = { .seed = 7, .missing = 0.01, .inputs = (int)strtol(v[3], NULL, 10) };
	int64_t rows = strtoll(v[2], NULL, 10);

	o.rows[MATRIX_TRAIN] = rows;
	o.rows[MATRIX_VALIDATION] = rows / 7;
	return matrix_task_parse(v[1], &o.task) || synth_matrix(v[0], &o) ? failed() : 0;
}

enum { HIGGS = 28 };

static float higgs_row(uint64_t *s, float *x)
{
	float t;

	for (int i = 0; i < HIGGS; i++) {
		uint64_t a = synth_next(s), b = synth_next(s);

		x[i] = (float)((a >> 32) + (a & 0xffffffff) + (b >> 32) + (b & 0xffffffff)) /
			       4294967296.0f * 1.732f -
		       3.464f;
	}
	t = x[0] * x[1] + sinf(2 * x[2]) + (x[3] > 0 ? x[4] : -x[5]) + 0.5f * x[6] * x[7] * x[8];
	return t + x[9] > 0;
}

static int higgs(char **v)
{
	char *dir = path_join(v[0], "train"), *path = path_join(dir, "x.npy"), name[8];
	int64_t rows = strtoll(v[1], NULL, 10);
	float x[HIGGS], *y = xcalloc((size_t)rows, sizeof *y);
	struct matrix m = { .task = MATRIX_BINARY };
	struct npy_writer w;
	uint64_t s = 1;
	int rc = file_make_dirs(dir);

	strlist_add(&m.classes, "background");
	strlist_add(&m.classes, "signal");
	for (int i = 0; i < HIGGS; i++) {
		snprintf(name, sizeof name, "x%d", i);
		matrix_add_input(&m, name, false, 0);
	}
	m.splits[MATRIX_TRAIN].present = true;
	m.splits[MATRIX_TRAIN].rows = rows;
	if (!rc && !(rc = npy_create(path, NPY_F4, HIGGS, &w))) {
		for (int64_t i = 0; i < rows && !rc; i++) {
			y[i] = higgs_row(&s, x);
			rc = npy_append(&w, x, 1);
		}
		rc = rc ? rc : npy_finish(&w);
	}
	if (!rc)
		rc = synth_vector(dir, "y.npy", NPY_F4, y, rows);
	if (!rc)
		rc = matrix_write_meta(v[0], &m);
	matrix_close(&m);
	free(path);
	free(dir);
	free(y);
	return rc ? failed() : 0;
}

static int ranks(char **v)
{
	char dir[] = "/tmp/mich-runs-XXXXXX";
	struct ranks_plan plan = { .ranks = (int)strtol(v[0], NULL, 10), .dir = mkdtemp(dir) };
	struct ranks_result r;
	int rc;

	plan.process.command = v[1];
	plan.process.echo = true;
	rc = ranks_run(&plan, &r);
	file_remove_tree(dir);
	if (!rc)
		return 0;
	failed();
	fprintf(stderr, "runs: all dead after %lld ms\n", (long long)r.stop_ms);
	return r.process.exit_code ? r.process.exit_code : 1;
}

struct file {
	struct buf bytes;
	struct safetensors tensors;
};

static int open_file(const char *path, struct file *f)
{
	*f = (struct file){ .bytes = BUF_INIT };
	return file_read(path, &f->bytes) ||
	       safetensors_parse(f->bytes.data, f->bytes.len, &f->tensors);
}

static void close_file(struct file *f)
{
	safetensors_clear(&f->tensors);
	buf_clear(&f->bytes);
}

/* What a lacks of b counts as far apart. */
static double distance(const struct safetensors *a, const struct safetensors *b)
{
	double off = 0, of = 0;

	for (size_t i = 0; i < b->n; i++) {
		const struct safetensor *t = &b->v[i], *s = safetensors_find(a, t->name);

		if (!s || s->bytes != t->bytes)
			return INFINITY;
		for (size_t k = 0; k < t->bytes / sizeof(float); k++) {
			float x, y;

			memcpy(&x, (const char *)s->data + k * sizeof x, sizeof x);
			memcpy(&y, (const char *)t->data + k * sizeof y, sizeof y);
			off += pow((double)x - (double)y, 2);
			of += pow((double)y, 2);
		}
	}
	return sqrt(off / of);
}

static int apart(char **v)
{
	struct file a = { .bytes = BUF_INIT }, b = { .bytes = BUF_INIT };
	int rc = open_file(v[0], &a) || open_file(v[1], &b) ? failed() : 0;

	if (!rc)
		printf("%.3g\n", distance(&a.tensors, &b.tensors));
	close_file(&a);
	close_file(&b);
	return rc;
}

int main(int argc, char **argv)
{
	if (argc == 6 && !strcmp(argv[1], "matrix"))
		return matrix(argv + 2);
	if (argc == 4 && !strcmp(argv[1], "higgs"))
		return higgs(argv + 2);
	if (argc == 4 && !strcmp(argv[1], "ranks"))
		return ranks(argv + 2);
	if (argc == 4 && !strcmp(argv[1], "apart"))
		return apart(argv + 2);
	fputs("usage: runs matrix DIR TASK ROWS INPUTS | higgs DIR ROWS | ranks N COMMAND | apart A B\n",
	      stderr);
	return 129;
}
