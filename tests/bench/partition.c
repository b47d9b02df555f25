/*
 * partition.c - rows that mix all partitions of a model, beside one model over the same columns: nanoseconds
 * a row by the clock of one thread's processor, in turn, the medians of ROUNDS; JSON lines.
 *
 *	partition PARTITIONED ONE ROWS...	folders of two models
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lib/base/error.h"
#include "lib/model/model.h"

enum { ROUNDS = 9, ROWS_A_ROUND = 200000 };

struct side {
	struct model *model;
	float *x, *out;
	double ns[ROUNDS];
};

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double uniform(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (double)(*seed >> 40) / (1 << 24);
}

/* Values that the contract expects; every category is as likely as another. */
static void fill(struct side *s, int64_t rows)
{
	const struct contract *c = model_contract(s->model);
	uint64_t seed = 7;

	s->x = calloc((size_t)rows * c->inputs, sizeof *s->x);
	s->out = calloc((size_t)rows * model_width(s->model), sizeof *s->out);
	for (int64_t i = 0; i < rows; i++)
		for (size_t k = 0; k < c->n; k++) {
			const struct contract_column *col = &c->cols[k];
			double u = uniform(&seed);

			s->x[(size_t)i * c->inputs + col->input] =
				contract_coded(col) ? (float)(int)(u * (double)col->categories.n)
						    : (float)(col->min + u * (col->max - col->min));
		}
}

static void run(struct side *s, int64_t rows, int round)
{
	int64_t calls = ROWS_A_ROUND / rows + 1;
	size_t inputs = model_contract(s->model)->inputs;
	double began = seconds();

	for (int64_t i = 0; i < calls; i++) {
		const float *x = s->x + (size_t)(i * rows % (ROWS_A_ROUND - rows + 1)) * inputs;

		if (model_score_inputs(s->model, x, rows, 1, s->out) < 0)
			fprintf(stderr, "%s\n", error_text()), exit(1);
	}
	s->ns[round] = (seconds() - began) * 1e9 / (double)(calls * rows);
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void compare(struct side *parts, struct side *one, int64_t rows)
{
	double ratio[ROUNDS];

	run(parts, rows, 0);
	run(one, rows, 0);
	for (int i = 0; i < ROUNDS; i++) {
		run(parts, rows, i);
		run(one, rows, i);
		ratio[i] = parts->ns[i] / one->ns[i];
	}
	qsort(ratio, ROUNDS, sizeof *ratio, by_value);
	qsort(parts->ns, ROUNDS, sizeof *ratio, by_value);
	qsort(one->ns, ROUNDS, sizeof *ratio, by_value);
	printf("{\"case\":\"mixed\",\"rows\":%lld,\"partitions_ns\":%.1f,\"one_ns\":%.1f,\"ratio\":%.2f}\n",
	       (long long)rows, parts->ns[ROUNDS / 2], one->ns[ROUNDS / 2], ratio[ROUNDS / 2]);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct side parts = { 0 }, one = { 0 };

	if (argc < 4)
		return 129;
	if (model_open(argv[1], &parts.model) < 0 || model_open(argv[2], &one.model) < 0)
		return fprintf(stderr, "%s\n", error_text()), 1;
	fill(&parts, ROWS_A_ROUND);
	fill(&one, ROWS_A_ROUND);
	for (int i = 3; i < argc; i++)
		compare(&parts, &one, atoll(argv[i]));
	model_free(parts.model);
	model_free(one.model);
	free(parts.x);
	free(parts.out);
	free(one.x);
	free(one.out);
	return 0;
}
