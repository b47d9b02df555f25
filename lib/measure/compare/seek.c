/* seek.c - the slices that explain a difference. */
#include "lib/measure/compare/seek.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/measure/chance/draw.h"
#include "lib/measure/chance/student.h"

enum { BUDGET = 60 * 1000 * 1000 }; /* rows times pairs that one search looks at */

struct cell {
	double n, sum, square;
};

/* Everything that the rows at hand are searched with. */
struct search {
	const struct seek_ask *ask;
	uint32_t *row; /* (n) those at hand */
	size_t n;
	struct cell *cell; /* (SEEK_CELLS) */
	struct cell all;   /* of the rows at hand */
	size_t candidates;
};

struct candidate {
	size_t col[2]; /* [1] SIZE_MAX: one column */
	int32_t code[2];
	double score, p;
};

static void cell_add(struct cell *c, double d)
{
	c->n++;
	c->sum += d;
	c->square += d * d;
}

static struct cell cell_less(const struct cell *all, const struct cell *part)
{
	return (struct cell){ all->n - part->n, all->sum - part->sum, all->square - part->square };
}

static double mean(const struct cell *c)
{
	return c->sum / c->n;
}

static double variance(const struct cell *c)
{
	return c->n > 1 ? fmax(0, c->square - c->sum * mean(c)) / (c->n - 1) : 0;
}

/* Farther from the mean of all than any other of as many rows would be. */
static double score(const struct cell *part, const struct cell *all)
{
	double sd = sqrt(variance(all));

	return sd > 0 ? fabs(mean(part) - mean(all)) * sqrt(part->n) / sd : 0;
}

/* Welch's test of the slice against the other rows. */
static double welch(const struct cell *part, const struct cell *all)
{
	struct cell rest = cell_less(all, part);
	double a = variance(part) / part->n, b = variance(&rest) / rest.n;
	double df = (a + b) * (a + b) / (a * a / (part->n - 1) + b * b / (rest.n - 1));

	if (mean(part) == mean(&rest))
		return 1;
	/* without any spread no test can tell more than the rows' number does */
	if (!(a + b > 0))
		return pow(2, 1 - fmin(part->n, rest.n));
	return student_p((mean(part) - mean(&rest)) / sqrt(a + b), df);
}

static double effect(const struct cell *part, const struct cell *all)
{
	struct cell rest = cell_less(all, part);
	double spread = sqrt(variance(part) + variance(&rest));

	return spread > 0 ? sqrt(2) * (mean(part) - mean(&rest)) / spread : 0;
}

static size_t values(const struct search *s, size_t col)
{
	return col == SIZE_MAX ? 1 : s->ask->cols[col].values.n;
}

static void count(const struct search *s, size_t a, size_t b)
{
	const double *d = s->ask->difference;
	const int32_t *x = s->ask->cols[a].code;
	size_t width = values(s, b);

	memset(s->cell, 0, values(s, a) * width * sizeof *s->cell);
	if (b == SIZE_MAX)
		for (size_t i = 0; i < s->n; i++)
			cell_add(&s->cell[x[s->row[i]]], d[s->row[i]]);
	else {
		const int32_t *y = s->ask->cols[b].code;

		for (size_t i = 0; i < s->n; i++)
			cell_add(&s->cell[(size_t)x[s->row[i]] * width + (size_t)y[s->row[i]]],
				 d[s->row[i]]);
	}
}

static bool has_rows(const struct search *s, const struct cell *c)
{
	return c->n >= (double)s->ask->min_rows && c->n >= 2 && s->all.n - c->n >= 2;
}

/* The best of the slices by columns a and b into best, if it is better; NULL: only count them. */
static void look(struct search *s, size_t a, size_t b, struct candidate *best)
{
	size_t width = values(s, b), cells = values(s, a) * width;

	if (cells > SEEK_CELLS)
		return;
	count(s, a, b);
	for (size_t i = 0; i < cells; i++) {
		const struct cell *c = &s->cell[i];
		double v, p;

		if (!has_rows(s, c))
			continue;
		s->candidates += !best;
		v = best ? score(c, &s->all) : 0;
		if (!best || !(v > best->score * (1 + 1e-9)))
			continue;
		p = welch(c, &s->all) * (double)s->candidates;
		if (p < s->ask->alpha)
			*best = (struct candidate){
				{ a, b }, { (int32_t)(i / width), (int32_t)(i % width) }, v, p
			};
	}
}

/* Single columns first: of equals the shorter one is told. */
static void look_everywhere(struct search *s, struct candidate *best)
{
	s->all = (struct cell){ 0 };
	for (size_t i = 0; i < s->n; i++)
		cell_add(&s->all, s->ask->difference[s->row[i]]);
	for (size_t a = 0; a < s->ask->n; a++)
		look(s, a, SIZE_MAX, best);
	for (size_t a = 0; a < s->ask->n; a++)
		for (size_t b = a + 1; b < s->ask->n; b++)
			look(s, a, b, best);
}

static bool is_in(const struct seek_ask *ask, const struct candidate *c, size_t row)
{
	return ask->cols[c->col[0]].code[row] == c->code[0] &&
	       (c->col[1] == SIZE_MAX || ask->cols[c->col[1]].code[row] == c->code[1]);
}

static void set_aside(struct search *s, const struct candidate *c)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		if (!is_in(s->ask, c, s->row[i]))
			s->row[n++] = s->row[i];
	s->n = n;
}

/* What is told of a slice is of all its rows, whatever was set aside before. */
static struct seek_found describe(const struct seek_ask *ask, const struct candidate *c)
{
	struct seek_found f = { .by = { &ask->cols[c->col[0]], NULL },
				.code = { c->code[0], -1 },
				.p = c->p };
	struct cell part = { 0 }, all = { 0 };

	if (c->col[1] != SIZE_MAX) {
		f.by[1] = &ask->cols[c->col[1]];
		f.code[1] = c->code[1];
	}
	for (size_t i = 0; i < ask->rows; i++)
		if (!isnan(ask->difference[i])) {
			cell_add(&all, ask->difference[i]);
			if (is_in(ask, c, i))
				cell_add(&part, ask->difference[i]);
		}
	f.rows = (size_t)part.n;
	f.mean = mean(&part);
	f.effect = effect(&part, &all);
	return f;
}

static void search_all(struct search *s, struct seek *out)
{
	size_t limit = s->ask->limit ? s->ask->limit : SEEK_LIMIT;

	out->v = xcalloc(limit, sizeof *out->v);
	out->rows = s->n;
	look_everywhere(s, NULL);
	out->candidates = s->candidates;
	while (out->n < limit && s->n > 2) {
		struct candidate best = { .score = 0 };

		look_everywhere(s, &best);
		if (!(best.score > 0))
			break;
		out->v[out->n++] = describe(s->ask, &best);
		set_aside(s, &best);
	}
}

/* The rows to search: those with a difference, or as many of them as can be looked at in a moment. */
static int choose(struct search *s)
{
	const struct seek_ask *ask = s->ask;
	size_t ways = ask->n + ask->n * (ask->n - (ask->n > 0)) / 2;
	size_t most = BUDGET / (ways ? ways : 1);
	uint32_t *pick;
	int rc;

	for (size_t i = 0; i < ask->rows; i++)
		if (!isnan(ask->difference[i]))
			s->row[s->n++] = (uint32_t)i;
	if (s->n <= most)
		return 0;
	if ((rc = mem_alloc(most, sizeof *pick, &pick)))
		return rc;
	s->n = draw_sample(draw_stream(ask->seed, 1), s->n, most, pick);
	for (size_t i = 0; i < s->n; i++)
		s->row[i] = s->row[pick[i]];
	free(pick);
	return 0;
}

int seek_slices(const struct seek_ask *ask, struct seek *out)
{
	struct search s = { .ask = ask };
	int rc;

	*out = (struct seek){ 0 };
	rc = mem_alloc(ask->rows, sizeof *s.row, &s.row);
	if (!rc)
		rc = mem_alloc(SEEK_CELLS, sizeof *s.cell, &s.cell);
	if (!rc)
		rc = choose(&s);
	if (!rc)
		search_all(&s, out);
	free(s.row);
	free(s.cell);
	return rc;
}

void seek_clear(struct seek *s)
{
	free(s->v);
	*s = (struct seek){ 0 };
}
