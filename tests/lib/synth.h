/* synth.h - matrices made from a seed, for tests and benchmarks: a learnable target, gaps,
 * categories. */
#ifndef TESTS_SYNTH_H
#define TESTS_SYNTH_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/learn/matrix.h"

struct synth {
	enum matrix_task task;
	int64_t rows[MATRIX_PARTS]; /* 0: no such split */
	int inputs;		    /* the last one is a category of 12 */
	uint64_t seed;
	bool weights;
	double missing; /* share of values that are NaN */
};

enum { SYNTH_GROUP = 20 }; /* rows of a group, for ranking */

static inline uint64_t synth_next(uint64_t *s)
{
	uint64_t z = (*s += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static inline double synth_uniform(uint64_t *s)
{
	return (double)(synth_next(s) >> 11) / 9007199254740992.0;
}

static inline float synth_label(enum matrix_task task, double z)
{
	switch (task) {
	case MATRIX_REGRESSION:
		return (float)z;
	case MATRIX_BINARY:
		return z > 3;
	default:
		return (float)((z > 1) + (z > 3) + (z > 5));
	}
}

/* One row into x; gives its label. */
static inline float synth_row(const struct synth *o, uint64_t *s, float *x)
{
	double z;
	int n = o->inputs;

	for (int i = 0; i < n; i++)
		x[i] = (float)(synth_uniform(s) * 4 - 2);
	x[n - 1] = (float)(synth_next(s) % 12);
	z = 3 * (double)x[0] + 2 * sin(2 * (double)x[1]) + (x[2] > 0 ? (double)x[3 % n] : 0) +
	    (double)((int)x[n - 1] % 3) + synth_uniform(s);
	for (int i = 0; i < n; i++)
		if (synth_uniform(s) < o->missing)
			x[i] = NAN;
	return synth_label(o->task, z);
}

static inline int synth_vector(const char *dir, const char *name, enum npy_type type, const void *v,
			       int64_t n)
{
	char *path = path_join(dir, name);
	struct npy_writer w;
	int rc = npy_create(path, type, 0, &w);

	if (!rc)
		rc = npy_append(&w, v, n);
	if (!rc)
		rc = npy_finish(&w);
	free(path);
	return rc;
}

static inline int synth_extras(const struct synth *o, const char *dir, int64_t rows, uint64_t *s)
{
	int64_t groups = rows / SYNTH_GROUP, n = o->task == MATRIX_RANKING ? groups : rows;
	float *w = xcalloc((size_t)n + 1, sizeof(*w));
	int32_t *sizes = xcalloc((size_t)groups + 1, sizeof(*sizes));
	int rc = 0;

	for (int64_t i = 0; i < n; i++)
		w[i] = (float)synth_uniform(s) + 0.5f;
	for (int64_t i = 0; i < groups; i++)
		sizes[i] = SYNTH_GROUP;
	if (o->weights)
		rc = synth_vector(dir, "w.npy", NPY_F4, w, n);
	if (!rc && o->task == MATRIX_RANKING)
		rc = synth_vector(dir, "group.npy", NPY_I4, sizes, groups);
	free(w);
	free(sizes);
	return rc;
}

static inline int synth_part(const struct synth *o, const char *dir, int64_t rows, uint64_t *s)
{
	float *x = xcalloc((size_t)o->inputs, sizeof(*x));
	float *y = calloc((size_t)rows, sizeof(*y));
	char *path = path_join(dir, "x.npy");
	struct npy_writer w;
	int rc = file_make_dirs(dir);

	if (!rc)
		rc = npy_create(path, NPY_F4, o->inputs, &w);
	for (int64_t i = 0; i < rows && !rc; i++) {
		y[i] = synth_row(o, s, x);
		rc = npy_append(&w, x, 1);
	}
	if (!rc)
		rc = npy_finish(&w);
	if (!rc)
		rc = synth_vector(dir, "y.npy", NPY_F4, y, rows);
	if (!rc)
		rc = synth_extras(o, dir, rows, s);
	free(path);
	free(x);
	free(y);
	return rc;
}

/* Fill dir; ranking wants rows that SYNTH_GROUP divides. */
static inline int synth_matrix(const char *dir, const struct synth *o)
{
	struct matrix m = { .task = o->task };
	uint64_t s = o->seed;
	char name[16];
	int rc = 0;

	for (int i = 0; i < (o->task == MATRIX_MULTICLASS ? 4
			     : o->task == MATRIX_BINARY	  ? 2
							  : 0);
	     i++)
		strlist_addf(&m.classes, "class%d", i);
	for (int i = 0; i < o->inputs; i++) {
		snprintf(name, sizeof name, "in%d", i);
		matrix_add_input(&m, i < o->inputs - 1 ? name : "carrier", i == o->inputs - 1, 12);
	}
	for (int p = 0; p < MATRIX_PARTS && !rc; p++) {
		char *sub = path_join(dir, matrix_part_name((enum matrix_part)p));

		m.splits[p].present = o->rows[p] > 0;
		m.splits[p].rows = o->rows[p];
		if (o->rows[p])
			rc = synth_part(o, sub, o->rows[p], &s);
		free(sub);
	}
	if (!rc)
		rc = matrix_write_meta(dir, &m);
	matrix_close(&m);
	return rc;
}

#endif
