/* selection.c - greedy selection with replacement. */
#include "lib/measure/selection.h"

#include <math.h>
#include <stdlib.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

static const double LEAST = 1e-15; /* of a probability, whose logarithm is taken */

/*
 * All that the loss asks for is one number a row and member: what it predicts, or the probability that
 * it gives to the class that was true.
 */
struct race {
	const struct measure_input *members;
	size_t n, rows; /* rows with a label */
	double *said;	/* (n, rows) */
	double *labels; /* (rows) */
	double *sum;	/* (rows) of those chosen so far */
};

static double said_of(const struct measure_input *m, int64_t row)
{
	if (m->task == MEASURE_REGRESSION)
		return (double)m->predictions[row];
	if (m->k > 1)
		return (double)m->predictions[row * m->k + (int64_t)m->labels[row]];
	return m->labels[row] != 0 ? (double)m->predictions[row] : 1 - (double)m->predictions[row];
}

static void race_clear(struct race *r)
{
	free(r->said);
	free(r->labels);
	free(r->sum);
}

static int race_init(const struct measure_input *members, size_t n, struct race *r)
{
	const struct measure_input *first = members;
	size_t at = 0;

	*r = (struct race){ .members = members, .n = n };
	for (int64_t i = 0; i < first->rows; i++)
		r->rows += !isnan(first->labels[i]);
	if (first->task == MEASURE_RANKING)
		return error_set(ERR_INPUT, "weights of models that rank cannot be found");
	if (!r->rows)
		return error_set(ERR_INPUT, "there are no labelled rows to find weights on");
	if (mem_alloc(n, r->rows * sizeof *r->said, &r->said) < 0 ||
	    mem_alloc(r->rows, sizeof *r->labels, &r->labels) < 0 ||
	    mem_alloc(r->rows, sizeof *r->sum, &r->sum) < 0)
		return ERR_FAIL;
	for (int64_t i = 0; i < first->rows; i++) {
		if (isnan(first->labels[i]))
			continue;
		r->labels[at] = (double)first->labels[i];
		for (size_t m = 0; m < n; m++)
			r->said[m * r->rows + at] = said_of(&members[m], i);
		at++;
	}
	return 0;
}

/* The loss of the mean of `chosen` members, of which said is the last. */
static double loss_with(const struct race *r, const double *said, int chosen)
{
	bool regression = r->members->task == MEASURE_REGRESSION;
	double loss = 0;

	for (size_t i = 0; i < r->rows; i++) {
		double mean = (r->sum[i] + said[i]) / chosen, d = mean - r->labels[i];

		loss += regression ? d * d : -log(fmax(mean, LEAST));
	}
	return loss;
}

/* Choose the member of round `chosen` (from 1); its loss. */
static double choose(struct race *r, int chosen, size_t *best)
{
	double least = INFINITY;

	*best = 0;
	for (size_t m = 0; m < r->n; m++) {
		double loss = loss_with(r, r->said + m * r->rows, chosen);

		if (loss < least) {
			least = loss;
			*best = m;
		}
	}
	for (size_t i = 0; i < r->rows; i++)
		r->sum[i] += r->said[*best * r->rows + i];
	return least;
}

int selection_greedy(const struct measure_input *members, size_t n, double *weights)
{
	size_t chosen[SELECTION_ROUNDS];
	double least = INFINITY;
	struct race r;
	int rc = race_init(members, n, &r), rounds = 1;

	for (int i = 0; !rc && i < SELECTION_ROUNDS; i++) {
		double loss = choose(&r, i + 1, &chosen[i]);

		if (loss < least) {
			least = loss;
			rounds = i + 1;
		}
	}
	for (size_t m = 0; m < n; m++)
		weights[m] = 0;
	for (int i = 0; !rc && i < rounds; i++)
		weights[chosen[i]] += 1.0 / rounds;
	race_clear(&r);
	return rc;
}
