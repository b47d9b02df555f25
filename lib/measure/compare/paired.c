/* paired.c - the paired bootstrap. */
#include "lib/measure/compare/paired.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/deal.h"
#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/measure/chance/bootstrap.h"
#include "lib/measure/chance/draw.h"
#include "lib/measure/chance/replicate.h"
#include "lib/measure/chance/student.h"
#include "lib/measure/slice/slice.h"

enum { SAMPLES_A_JOB = 16, WORTH_A_THREAD = 1 << 18 };

static const uint64_t CHOICE = UINT64_MAX - 1; /* the stream that chooses among too many rows */

/* Both models on the units that are drawn from. */
struct pair {
	const struct paired_opts *o;
	struct replicate a, b;
	size_t of;	    /* units in all */
	double *difference; /* (n_names, samples) */
};

static bool is_bias(const char *metric)
{
	return !strcmp(metric, "bias");
}

static double gap(const char *metric, double a, double b)
{
	return is_bias(metric) ? fabs(b) - fabs(a) : b - a;
}

double paired_worse(const struct paired_metric *m)
{
	return measure_higher_is_better(m->name) ? -m->difference : m->difference;
}

static int check_alike(const struct measure_input *a, const struct measure_input *b)
{
	if (a->task != b->task || a->rows != b->rows || a->k != b->k || a->n_groups != b->n_groups)
		return error_set(
			ERR_INPUT,
			"cannot compare: the two models do not answer the same rows alike");
	for (int64_t i = 0; i < a->rows; i++)
		if (isnan(a->labels[i]) ? !isnan(b->labels[i]) : a->labels[i] != b->labels[i])
			return error_set(ERR_INPUT,
					 "cannot compare: row %lld has the label %g for one model, "
					 "%g for the other",
					 (long long)i + 1, (double)a->labels[i],
					 (double)b->labels[i]);
	return 0;
}

/* How often each row is drawn, in the order in which the replicate holds them. */
static const uint16_t *ordered(const struct replicate *r, const uint16_t *count, uint16_t *room)
{
	if (!r->unit)
		return count;
	for (size_t i = 0; i < r->n; i++)
		room[i] = count[r->unit[i]];
	return room;
}

/* The differences of one drawing of the units. */
static void differences(const struct pair *p, const uint16_t *count, uint16_t *room,
			double *scratch, double out[REPLICATE_METRICS])
{
	double a[REPLICATE_METRICS], b[REPLICATE_METRICS];

	p->a.values(&p->a, ordered(&p->a, count, room), scratch, a);
	p->b.values(&p->b, ordered(&p->b, count, room), scratch, b);
	for (size_t m = 0; m < p->a.n_names; m++)
		out[m] = gap(p->a.names[m], a[m], b[m]);
}

static int some_samples(void *payload, size_t job)
{
	const struct pair *p = payload;
	size_t all = (size_t)p->o->samples, first = job * SAMPLES_A_JOB,
	       end = first + SAMPLES_A_JOB;
	double *scratch = NULL, out[REPLICATE_METRICS];
	uint16_t *count = NULL;
	int rc = mem_alloc(2 * p->a.n, sizeof *count, &count);

	if (!rc)
		rc = mem_alloc(p->a.scratch, sizeof *scratch, &scratch);
	for (size_t s = first; !rc && s < end && s < all; s++) {
		bootstrap_draw(p->o->seed, s, (uint32_t)p->a.n, count);
		differences(p, count, count + p->a.n, scratch, out);
		for (size_t m = 0; m < p->a.n_names; m++)
			p->difference[m * all + s] = out[m];
	}
	free(count);
	free(scratch);
	return rc;
}

/* The differences of the units as they are, each once. */
static int plain(const struct pair *p, double out[REPLICATE_METRICS])
{
	double *scratch = NULL;
	uint16_t *count = NULL;
	int rc = mem_alloc(2 * p->a.n, sizeof *count, &count);

	if (!rc)
		rc = mem_alloc(p->a.scratch, sizeof *scratch, &scratch);
	for (size_t i = 0; !rc && i < p->a.n; i++)
		count[i] = 1;
	if (!rc)
		differences(p, count, count + p->a.n, scratch, out);
	free(scratch);
	free(count);
	return rc;
}

/* On how many units do the models differ at all? */
static size_t differing(const struct pair *p)
{
	size_t bytes = REPLICATE_WIDTH * sizeof(double), n = 0;
	uint32_t *place = p->b.unit ? calloc(p->b.n, sizeof *place) : NULL;

	if (p->b.unit && !place)
		return p->a.n;
	for (size_t i = 0; place && i < p->b.n; i++)
		place[p->b.unit[i]] = (uint32_t)i;
	for (size_t i = 0; i < p->a.n; i++) {
		size_t at = place ? place[p->a.unit[i]] : i;

		n += memcmp(p->a.stat + i * REPLICATE_WIDTH, p->b.stat + at * REPLICATE_WIDTH,
			    bytes) != 0;
	}
	free(place);
	return n;
}

static double deviation(const double *v, size_t n)
{
	double mean = 0, square = 0;
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (isfinite(v[i])) {
			kept++;
			mean += (v[i] - mean) / (double)kept;
		}
	for (size_t i = 0; i < n; i++)
		if (isfinite(v[i]))
			square += (v[i] - mean) * (v[i] - mean);
	return kept > 1 ? sqrt(square / (double)(kept - 1)) : NAN;
}

static double test(double difference, double deviated, size_t units, size_t differ)
{
	double n = (double)units, se = deviated * sqrt(n / (n - 1));
	double least = pow(2, 1 - fmin((double)differ, 1000)), p;

	if (difference == 0)
		return 1;
	if (isnan(se) || isnan(difference))
		return NAN;
	p = se > 0 ? student_p(difference / se, n - 1) : 0;
	return fmin(1, fmax(p, least));
}

/* The interval of n differences, which are sorted in the process. */
static void interval(double *v, size_t n, double *low, double *high)
{
	json_t *ends = bootstrap_interval(v, n);

	*low = *high = NAN;
	if (json_array_size(ends) == 2) {
		*low = json_number_value(json_array_get(ends, 0));
		*high = json_number_value(json_array_get(ends, 1));
	}
	json_decref(ends);
}

static void conclude(const struct pair *p, struct paired_metric *m, double *samples, double some,
		     size_t differ)
{
	double shrink = sqrt((double)p->a.n / (double)p->of);
	size_t n = (size_t)p->o->samples;

	m->p = test(m->difference, shrink * deviation(samples, n), p->a.n, differ);
	interval(samples, n, &m->low, &m->high);
	if (p->a.n < p->of) {
		m->low = m->difference + (m->low - some) * shrink;
		m->high = m->difference + (m->high - some) * shrink;
	}
}

static size_t place_of(const struct replicate *r, const char *name)
{
	size_t at = 0;

	while (strcmp(r->names[at], name) != 0)
		at++;
	return at;
}

static int draw(struct pair *p, struct paired *out)
{
	size_t all = (size_t)p->o->samples, differ = differing(p);
	bool worth = p->a.n * all >= WORTH_A_THREAD;
	double some[REPLICATE_METRICS];
	int rc = mem_alloc(p->a.n_names * all, sizeof *p->difference, &p->difference);

	if (!rc)
		rc = deal(worth ? p->o->threads : 1, (all + SAMPLES_A_JOB - 1) / SAMPLES_A_JOB,
			  some_samples, p);
	if (!rc)
		rc = plain(p, some);
	for (size_t i = 0; !rc && i < out->n; i++) {
		size_t at = place_of(&p->a, out->v[i].name);

		conclude(p, &out->v[i], p->difference + at * all, some[at], differ);
	}
	free(p->difference);
	return rc;
}

static int make_some(const struct measure_input *in, const uint32_t *row, size_t n,
		     struct replicate *out)
{
	struct subset s;
	int rc = subset_make(in, row, n, &s);

	if (!rc)
		rc = replicate_make(&s.in, out);
	subset_clear(&s);
	return rc;
}

/* Ranked groups stay whole: each is a few sums, so all are made, and then some are kept. */
static int choose_groups(struct pair *p)
{
	size_t want = bootstrap_rows(MEASURE_RANKING, 1, p->a.n);
	size_t bytes = REPLICATE_WIDTH * sizeof *p->a.stat;
	struct replicate *both[] = { &p->a, &p->b };
	uint32_t *place = NULL;
	int rc = mem_alloc(want, sizeof *place, &place);

	if (!rc)
		draw_sample(draw_stream(p->o->seed, CHOICE), p->a.n, want, place);
	for (size_t k = 0; !rc && k < 2; k++) {
		for (size_t i = 0; i < want; i++)
			memmove(both[k]->stat + i * REPLICATE_WIDTH,
				both[k]->stat + place[i] * REPLICATE_WIDTH, bytes);
		both[k]->n = want;
	}
	free(place);
	return rc;
}

static int make_units(const struct measure_input *a, const struct measure_input *b, struct pair *p)
{
	size_t rows = (size_t)a->rows, want = bootstrap_rows(a->task, (size_t)a->k, rows);
	uint32_t *row = NULL;
	int rc;

	if (a->task == MEASURE_RANKING || want == rows) {
		rc = replicate_make(a, &p->a);
		if (!rc)
			rc = replicate_make(b, &p->b);
		p->of = p->a.n;
		return rc || a->task != MEASURE_RANKING ? rc : choose_groups(p);
	}
	rc = mem_alloc(want, sizeof *row, &row);
	if (!rc)
		draw_sample(draw_stream(p->o->seed, CHOICE), rows, want, row);
	if (!rc)
		rc = make_some(a, row, want, &p->a);
	if (!rc)
		rc = make_some(b, row, want, &p->b);
	p->of = want ? rows * p->a.n / want : 0;
	free(row);
	return rc;
}

/* The metrics that both a bootstrap and measure_metrics know, in the order of the task. */
static int measure_both(const struct measure_input *a, const struct measure_input *b,
			const struct replicate *r, const struct paired_opts *o, struct paired *out)
{
	json_t *of_a = NULL, *of_b = NULL;
	int rc = measure_metrics(a, &of_a);

	if (!rc)
		rc = measure_metrics(b, &of_b);
	for (size_t i = 0; !rc && i < r->n_names && out->n < PAIRED_METRICS; i++) {
		const char *name = r->names[i];
		struct paired_metric m = { name,
					   json_num(of_a, name, NAN),
					   json_num(of_b, name, NAN),
					   .low = NAN,
					   .high = NAN,
					   .p = NAN };

		m.difference = gap(name, m.a, m.b);
		if (!o->only || !strcmp(o->only, name))
			out->v[out->n++] = m;
	}
	json_decref(of_a);
	json_decref(of_b);
	return rc;
}

int paired_compare(const struct measure_input *a, const struct measure_input *b,
		   const struct paired_opts *o, struct paired *out)
{
	struct pair p = { .o = o };
	int rc = check_alike(a, b);

	*out = (struct paired){ 0 };
	if (!rc)
		rc = make_units(a, b, &p);
	if (!rc)
		rc = measure_both(a, b, &p.a, o, out);
	out->units = p.of;
	if (!rc && o->samples > 0 && p.a.n > 1)
		rc = draw(&p, out);
	replicate_clear(&p.a);
	replicate_clear(&p.b);
	return rc;
}
