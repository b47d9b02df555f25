/* meter.c - count. */
#include "lib/serve/meter.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/mem.h"
#include "lib/serve/metering.h"

const int64_t meter_bounds[METER_BOUNDS] = {
	1000,	   2500,      5000,	  10000,      25000,	  50000,      100000,	250000,
	500000,	   1000000,   2500000,	  5000000,    10000000,	  25000000,   50000000, 100000000,
	250000000, 500000000, 1000000000, 2500000000, 5000000000, 10000000000
};

static const char *const error_names[METER_ERRORS] = {
	[METER_MALFORMED] = "malformed",     [METER_SHAPE] = "shape",
	[METER_CONTRACT] = "contract",	     [METER_TOO_LARGE] = "too_large",
	[METER_UNSUPPORTED] = "unsupported", [METER_METHOD] = "method",
	[METER_NOT_FOUND] = "not_found",     [METER_NOT_READY] = "not_ready",
	[METER_INTERNAL] = "internal",
};

const char *meter_error_name(enum meter_error e)
{
	return e >= 0 && e < METER_ERRORS ? error_names[e] : NULL;
}

struct meter *meter_new(int shards, const struct contract *contract)
{
	struct meter *m = xcalloc(1, sizeof *m);

	m->n = shards > 0 ? shards : 1;
	m->shards = aligned_alloc(128, (size_t)m->n * sizeof *m->shards);
	if (m->shards)
		memset(m->shards, 0, (size_t)m->n * sizeof *m->shards);
	m->columns = contract ? contract->n : 0;
	m->names = xcalloc(m->columns + 1, sizeof *m->names);
	m->outside = xcalloc(m->columns * OUTSIDE_KINDS + 1, sizeof *m->outside);
	for (size_t i = 0; i < m->columns; i++)
		m->names[i] = xstrdup(contract->cols[i].name);
	return m;
}

void meter_free(struct meter *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->columns; i++)
		free(m->names[i]);
	free(m->names);
	free(m->outside);
	free(m->shards);
	free(m);
}

/* One writer a shard, so no locked instruction: what is read beside it is a moment old at most. */
static inline void add(_Atomic int64_t *at, int64_t n)
{
	atomic_store_explicit(at, atomic_load_explicit(at, memory_order_relaxed) + n,
			      memory_order_relaxed);
}

static struct meter_shard *shard_of(struct meter *m, int shard)
{
	return m && m->shards && shard >= 0 && shard < m->n ? &m->shards[shard] : NULL;
}

void meter_begin(struct meter *m, int shard)
{
	struct meter_shard *s = shard_of(m, shard);

	if (s)
		add(&s->in_flight, 1);
}

static inline int bucket(int64_t ns)
{
	int low = 0, high = METER_BOUNDS;

	while (low < high) {
		int mid = (low + high) / 2;

		if (ns <= meter_bounds[mid])
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME_COARSE, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void meter_end(struct meter *m, int shard, const struct meter_event *e)
{
	const int64_t ns[METER_PHASES] = { e->wait_ns, e->parse_ns, e->score_ns, e->write_ns };
	int64_t whole = e->wait_ns + e->parse_ns + e->score_ns + e->write_ns;
	struct meter_shard *s = shard_of(m, shard);

	if (!s)
		return;
	add(&s->in_flight, -1);
	add(&s->by_dialect[e->dialect], 1);
	add(&s->buckets[bucket(whole)], 1);
	add(&s->whole_ns, whole);
	if (e->error != METER_OK) {
		add(&s->errors[e->error], 1);
		add(&s->fail_ns, whole);
		return;
	}
	add(&s->rows, e->rows);
	for (int i = 0; i < METER_PHASES; i++) {
		add(&s->ns[i], ns[i]);
		add(&s->phases[i][bucket(ns[i])], 1);
	}
	atomic_store_explicit(&s->last_ms, now_ms(), memory_order_relaxed);
}

bool meter_counts(struct meter *m, const struct counts *counts)
{
	bool any = false;

	for (size_t i = 0; i < counts->n; i++) {
		const struct counts_column *c = &counts->cols[i];
		const int64_t v[OUTSIDE_KINDS] = { c->missing, c->unknown, c->range, c->cast };

		if (!(v[0] | v[1] | v[2] | v[3]))
			continue;
		any = true;
		for (int k = 0; k < OUTSIDE_KINDS && m && i < m->columns; k++)
			atomic_fetch_add_explicit(&m->outside[i * OUTSIDE_KINDS + (size_t)k], v[k],
						  memory_order_relaxed);
	}
	return any;
}

static inline int64_t get(const _Atomic int64_t *at)
{
	return atomic_load_explicit(at, memory_order_relaxed);
}

void meter_sum(const struct meter *m, struct meter_sum *out)
{
	*out = (struct meter_sum){ 0 };
	for (int i = 0; m->shards && i < m->n; i++) {
		const struct meter_shard *s = &m->shards[i];
		int64_t last = get(&s->last_ms);

		for (int k = 0; k < METER_DIALECTS; k++)
			out->requests += get(&s->by_dialect[k]);
		for (int k = 0; k < METER_ERRORS; k++) {
			out->errors_by[k] += get(&s->errors[k]);
			out->errors += get(&s->errors[k]);
		}
		out->rows += get(&s->rows);
		out->wait_ns += get(&s->ns[PHASE_WAIT]);
		out->parse_ns += get(&s->ns[PHASE_PARSE]);
		out->score_ns += get(&s->ns[PHASE_SCORE]);
		out->write_ns += get(&s->ns[PHASE_WRITE]);
		out->fail_ns += get(&s->fail_ns);
		out->in_flight += get(&s->in_flight);
		out->last_ms = last > out->last_ms ? last : out->last_ms;
	}
}
