/* forest.c - from bytes to a forest, and dealing rows out to kernel and threads. */
#include "lib/model/trees/forest.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/model/trees/grove.h"
#include "lib/model/shares.h"
#include "lib/model/trees/sieve.h"

enum {
	ROWS_A_TILE = 64,
	ROWS_A_THREAD = 2048, /* fewer are not worth starting one */
};

static const struct kernel *const kernels[] = { &kernel_scalar, &kernel_avx2, &kernel_avx512 };

int forest_parse(const void *data, size_t n, int iterations, struct forest **out)
{
	struct forest *f = xcalloc(1, sizeof(*f));
	int rc = trees_parse(data, n, iterations, &f->trees);

	if (!rc)
		rc = grove_build(f);
	if (!rc)
		rc = sieve_build(f);
	free(f->column_at); /* building was all that asked */
	f->column_at = NULL;
	if (!rc)
		rc = forest_use_kernel(f, NULL);
	if (rc < 0) {
		forest_free(f);
		f = NULL;
	}
	*out = f;
	return rc;
}

void forest_free(struct forest *f)
{
	if (!f)
		return;
	sieve_free(f->sieve);
	grove_clear(f);
	trees_clear(&f->trees);
	free(f);
}

size_t forest_inputs(const struct forest *f)
{
	return f->trees.inputs;
}

size_t forest_groups(const struct forest *f)
{
	return f->trees.groups;
}

size_t forest_trees(const struct forest *f)
{
	return f->trees.n;
}

size_t forest_nodes(const struct forest *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->trees.n; i++)
		n += f->trees.v[i].n;
	return n;
}

const char *forest_objective(const struct forest *f)
{
	return f->trees.objective->name;
}

enum contract_task forest_task(const struct forest *f)
{
	return f->trees.objective->task;
}

int forest_best_iteration(const struct forest *f)
{
	return f->trees.best_iteration;
}

const struct strlist *forest_names(const struct forest *f)
{
	return &f->trees.names;
}

const struct strlist *forest_types(const struct forest *f)
{
	return &f->trees.types;
}

int forest_use_kernel(struct forest *f, const char *name)
{
	for (size_t i = ARRAY_LEN(kernels); i-- > 0;)
		if ((!name || !strcmp(name, kernels[i]->name)) && kernels[i]->usable()) {
			f->kernel = kernels[i];
			return 0;
		}
	return error_set(ERR_INPUT, "'%s' is no kernel that this processor can run",
			 name ? name : "any");
}

const char *forest_kernel(const struct forest *f)
{
	return f->kernel->name;
}

size_t forest_scratch(const struct forest *f)
{
	return (2 * f->n_columns + f->trees.n) * sizeof(float);
}

static void margin_row(const struct forest *f, const float *x, void *scratch, float *out)
{
	int32_t *keys = scratch;

	if (f->walkable) {
		walk_keys(f, x, keys);
		walk_row(f, keys, (float *)(keys + 2 * f->n_columns), out);
		return;
	}
	memcpy(out, f->trees.base, f->trees.groups * sizeof(*out));
	for (size_t i = 0; i < f->trees.n; i++)
		out[f->trees.v[i].group] += tree_score(&f->trees, &f->trees.v[i], x);
}

void forest_score_row(const struct forest *f, const float *x, void *scratch, float *out)
{
	margin_row(f, x, scratch, out);
	forest_transform(f, out, 1);
}

static bool always(void)
{
	return true;
}

static int scalar_score(const struct forest *f, const float *x, int64_t rows, float *out)
{
	void *scratch = NULL;

	if (mem_alloc(forest_scratch(f), 1, &scratch) < 0)
		return ERR_FAIL;
	for (int64_t i = 0; i < rows; i++)
		margin_row(f, x + (size_t)i * f->trees.inputs, scratch,
			   out + (size_t)i * f->trees.groups);
	free(scratch);
	return 0;
}

const struct kernel kernel_scalar = { "scalar", always, scalar_score };

struct job {
	const struct forest *f;
	const float *x;
	float *out;
	bool transform;
};

static int job_share(const void *payload, int64_t from, int64_t to)
{
	const struct job *j = payload;
	float *out = j->out + (size_t)from * j->f->trees.groups;
	int rc =
		j->f->kernel->score(j->f, j->x + (size_t)from * j->f->trees.inputs, to - from, out);

	if (!rc && j->transform)
		forest_transform(j->f, out, to - from);
	return rc;
}

static int run(const struct forest *f, const float *x, int64_t rows, int threads, bool transform,
	       float *out)
{
	struct job j = { f, x, out, transform };

	return shares_run(rows, ROWS_A_TILE, ROWS_A_THREAD, threads, job_share, &j);
}

int forest_margin(const struct forest *f, const float *x, int64_t rows, int threads, float *out)
{
	return run(f, x, rows, threads, false, out);
}

int forest_score(const struct forest *f, const float *x, int64_t rows, int threads, float *out)
{
	return run(f, x, rows, threads, true, out);
}

void forest_transform(const struct forest *f, float *margins, int64_t rows)
{
	objective_apply(f->trees.objective, margins, rows, f->trees.groups);
}
