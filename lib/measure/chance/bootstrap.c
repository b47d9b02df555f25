/* bootstrap.c - samples dealt out to threads, and the interval that their figures lie in. */
#include "lib/measure/chance/bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/deal.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/measure/chance/draw.h"
#include "lib/measure/chance/replicate.h"
#include "lib/measure/metric/quantile.h"
#include "lib/measure/slice/slice.h"

enum {
	SAMPLES_A_JOB = 16,
	FEWEST_ROWS = 2000,
	WORTH_A_THREAD = 1 << 18, /* rows drawn in all */
};

static const uint64_t CHOICE = UINT64_MAX; /* the stream that chooses among too many rows */

size_t bootstrap_rows(enum measure_task task, size_t k, size_t rows)
{
	size_t most = BOOTSTRAP_ROWS;

	if (task == MEASURE_MULTICLASS)
		most = 2 * BOOTSTRAP_ROWS / (1 + k);
	if (most < FEWEST_ROWS)
		most = FEWEST_ROWS;
	return rows < most ? rows : most;
}

void bootstrap_draw(uint64_t seed, size_t b, uint32_t n, uint16_t *count)
{
	uint64_t start = draw_stream(seed, b);

	memset(count, 0, n * sizeof *count);
	for (uint32_t i = 0; i < n; i += 2) {
		uint64_t bits = draw_bits(start, i / 2);

		count[draw_below((uint32_t)(bits >> 32), n)]++;
		if (i + 1 < n)
			count[draw_below((uint32_t)bits, n)]++;
	}
}

struct samples {
	const struct replicate *r;
	const struct bootstrap_opts *o;
	double *value; /* (n_names, samples) */
};

static int some_samples(void *payload, size_t job)
{
	const struct samples *s = payload;
	const struct replicate *r = s->r;
	size_t first = job * SAMPLES_A_JOB, end = first + SAMPLES_A_JOB;
	size_t all = (size_t)s->o->samples;
	double *scratch = NULL, out[REPLICATE_METRICS];
	uint16_t *count = NULL;
	int rc = mem_alloc(r->n, sizeof *count, &count);

	if (!rc)
		rc = mem_alloc(r->scratch, sizeof *scratch, &scratch);
	for (size_t b = first; !rc && b < end && b < all; b++) {
		bootstrap_draw(s->o->seed, b, (uint32_t)r->n, count);
		r->values(r, count, scratch, out);
		for (size_t m = 0; m < r->n_names; m++)
			s->value[m * all + b] = out[m];
	}
	free(count);
	free(scratch);
	return rc;
}

static bool ends_of(double *v, size_t n, double *low, double *high)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (isfinite(v[i]))
			v[kept++] = v[i];
	if (!kept || kept < n / 2)
		return false;
	quantile_sort(v, kept);
	*low = quantile_of(v, kept, (1 - BOOTSTRAP_LEVEL) / 2);
	*high = quantile_of(v, kept, (1 + BOOTSTRAP_LEVEL) / 2);
	return true;
}

static json_t *interval(double low, double high)
{
	return json_pack("[o,o]", json_number(low), json_number(high));
}

json_t *bootstrap_interval(double *v, size_t n)
{
	double low, high;

	return ends_of(v, n, &low, &high) ? interval(low, high) : json_null();
}

/* What is bootstrapped: all units, or some of them. */
struct units {
	struct replicate r;
	double shrink; /* of the distance to an interval's end; 1: nothing was left out */
};

/* Of units that are sums alone, which can be chosen from after all were made. */
static int choose_units(uint64_t seed, struct units *u)
{
	size_t want = bootstrap_rows(MEASURE_RANKING, 1, u->r.n), bytes;
	uint32_t *place = NULL;
	int rc = mem_alloc(want, sizeof *place, &place);

	bytes = REPLICATE_WIDTH * sizeof *u->r.stat;
	u->shrink = sqrt((double)want / (double)u->r.n);
	if (!rc)
		draw_sample(draw_stream(seed, CHOICE), u->r.n, want, place);
	for (size_t i = 0; !rc && i < want; i++)
		memmove(u->r.stat + i * REPLICATE_WIDTH, u->r.stat + place[i] * REPLICATE_WIDTH,
			bytes);
	if (!rc)
		u->r.n = want;
	free(place);
	return rc;
}

static int choose_rows(const struct measure_input *in, size_t want, uint64_t seed, struct units *u)
{
	uint32_t *row = NULL;
	struct subset s = { 0 };
	int rc = mem_alloc(want, sizeof *row, &row);

	if (!rc) {
		draw_sample(draw_stream(seed, CHOICE), (size_t)in->rows, want, row);
		rc = subset_make(in, row, want, &s);
	}
	if (!rc)
		rc = replicate_make(&s.in, &u->r);
	subset_clear(&s);
	free(row);
	return rc;
}

static int shorten(uint64_t seed, struct units *u)
{
	u->shrink = 1;
	return bootstrap_rows(MEASURE_RANKING, 1, u->r.n) < u->r.n ? choose_units(seed, u) : 0;
}

static int choose(const struct measure_input *in, uint64_t seed, struct units *u)
{
	size_t rows = (size_t)in->rows, want = bootstrap_rows(in->task, (size_t)in->k, rows);
	int rc;

	u->shrink = 1;
	if (in->task != MEASURE_RANKING && want < rows) {
		u->shrink = sqrt((double)want / (double)rows);
		return choose_rows(in, want, seed, u);
	}
	rc = replicate_make(in, &u->r);
	return !rc && in->task == MEASURE_RANKING ? shorten(seed, u) : rc;
}

/* What the units give as they are, each once. */
static int plain_values(const struct replicate *r, double *out)
{
	uint16_t *count = NULL;
	double *scratch = NULL;
	int rc = mem_alloc(r->n, sizeof *count, &count);

	if (!rc)
		rc = mem_alloc(r->scratch, sizeof *scratch, &scratch);
	for (size_t i = 0; !rc && i < r->n; i++)
		count[i] = 1;
	if (!rc)
		r->values(r, count, scratch, out);
	free(scratch);
	free(count);
	return rc;
}

/* The interval of one metric; of chosen units it is drawn in towards the figure of all. */
static json_t *metric_interval(const struct units *u, double *v, size_t n, double all, double some)
{
	double low, high, by = u->shrink;

	if (!ends_of(v, n, &low, &high) || isnan(all))
		return json_null();
	if (by == 1)
		return interval(low, high);
	return interval(all + (low - some) * by, all + (high - some) * by);
}

static int draw_all(const struct units *u, const json_t *metrics, const struct bootstrap_opts *o,
		    json_t *out)
{
	size_t all = (size_t)o->samples;
	struct samples s = { .r = &u->r, .o = o };
	bool worth = u->r.n * all >= WORTH_A_THREAD;
	double some[REPLICATE_METRICS];
	int rc = mem_alloc(u->r.n_names * all, sizeof *s.value, &s.value);

	if (!rc)
		rc = deal(worth ? o->threads : 1, (all + SAMPLES_A_JOB - 1) / SAMPLES_A_JOB,
			  some_samples, &s);
	if (!rc)
		rc = plain_values(&u->r, some);
	for (size_t m = 0; !rc && m < u->r.n_names; m++)
		json_object_set_new(out, u->r.names[m],
				    metric_interval(u, s.value + m * all, all,
						    json_num(metrics, u->r.names[m], NAN),
						    some[m]));
	free(s.value);
	return rc;
}

int replicate_intervals(struct replicate *r, const json_t *metrics, const struct bootstrap_opts *o,
			json_t **out)
{
	struct units u = { .r = *r };
	int rc = 0;

	*out = json_object();
	if (o->samples > 0 && r->n > 1)
		rc = shorten(o->seed, &u);
	if (!rc && o->samples > 0 && r->n > 1)
		rc = draw_all(&u, metrics, o, *out);
	*r = u.r;
	if (rc) {
		json_decref(*out);
		*out = NULL;
	}
	return rc;
}

int bootstrap_intervals(const struct measure_input *in, const json_t *metrics,
			const struct bootstrap_opts *o, json_t **out)
{
	struct units u = { 0 };
	int rc;

	*out = json_object();
	if (o->samples <= 0)
		return 0;
	rc = choose(in, o->seed, &u);
	if (!rc && u.r.n > 1)
		rc = draw_all(&u, metrics, o, *out);
	replicate_clear(&u.r);
	if (rc) {
		json_decref(*out);
		*out = NULL;
	}
	return rc;
}
