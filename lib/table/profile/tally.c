/* tally.c - how often each text occurs. */
#include "lib/table/profile/tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/table/split/sip.h"

enum { REGISTERS = 1 << 14, MOST_RANK = 51, ARENA_BYTES = 1 << 16 };

struct entry {
	uint64_t hash;
	int64_t count; /* 0: free */
	const char *text;
	uint32_t length;
};

/* Texts lie in blocks that never move. */
struct arena {
	struct arena *next;
	size_t used, cap;
	char data[];
};

struct tally {
	struct entry *slot; /* (size), open addressing */
	size_t size, n, limit;
	struct arena *arena;
	uint8_t reg[REGISTERS]; /* HyperLogLog, once the limit is passed */
	bool full;
	int64_t rows, bytes;
	size_t shortest, longest;
	char *min, *max;
	size_t min_n, max_n;
};

struct tally *tally_new(size_t limit)
{
	struct tally *t = xcalloc(1, sizeof *t);

	t->limit = limit;
	t->shortest = SIZE_MAX;
	t->size = 1024;
	t->slot = xcalloc(t->size, sizeof *t->slot);
	return t;
}

static void arena_free(struct arena *a)
{
	while (a) {
		struct arena *next = a->next;

		free(a);
		a = next;
	}
}

void tally_free(struct tally *t)
{
	if (!t)
		return;
	arena_free(t->arena);
	free(t->slot);
	free(t->min);
	free(t->max);
	free(t);
}

static const char *arena_add(struct tally *t, const char *s, size_t n)
{
	struct arena *a = t->arena;
	char *at;

	if (!a || a->cap - a->used < n) {
		size_t cap = n > ARENA_BYTES ? n : ARENA_BYTES;

		a = malloc(sizeof *a + cap);
		if (!a)
			return NULL;
		a->next = t->arena;
		a->used = 0;
		a->cap = cap;
		t->arena = a;
	}
	at = a->data + a->used;
	memcpy(at, s, n);
	a->used += n;
	return at;
}

static struct entry *find(struct entry *slot, size_t size, uint64_t hash, const char *s, size_t n)
{
	size_t i = hash & (size - 1);

	while (slot[i].count &&
	       (slot[i].hash != hash || slot[i].length != n || memcmp(slot[i].text, s, n) != 0))
		i = (i + 1) & (size - 1);
	return &slot[i];
}

static int grow(struct tally *t)
{
	struct entry *slot;
	int rc = mem_alloc(t->size * 2, sizeof *slot, &slot);

	if (rc)
		return rc;
	for (size_t i = 0; i < t->size; i++)
		if (t->slot[i].count)
			*find(slot, t->size * 2, t->slot[i].hash, t->slot[i].text,
			      t->slot[i].length) = t->slot[i];
	free(t->slot);
	t->slot = slot;
	t->size *= 2;
	return 0;
}

static void sketch(struct tally *t, uint64_t hash)
{
	uint8_t *reg = &t->reg[hash >> 50];
	uint64_t rest = hash << 14;
	uint8_t rank = (uint8_t)(rest ? __builtin_clzll(rest) + 1 : MOST_RANK);

	if (rank > *reg)
		*reg = rank;
}

/* Too many different texts: from here on they are only estimated. */
static void give_up(struct tally *t)
{
	t->full = true;
	for (size_t i = 0; i < t->size; i++)
		if (t->slot[i].count)
			sketch(t, t->slot[i].hash);
	free(t->slot);
	t->slot = NULL;
	arena_free(t->arena);
	t->arena = NULL;
}

static int compare(const char *a, size_t an, const char *b, size_t bn)
{
	int d = memcmp(a, b, an < bn ? an : bn);

	return d ? d : (an > bn) - (an < bn);
}

static void keep(char **to, size_t *to_n, const char *s, size_t n)
{
	*to = xrealloc(*to, n + 1);
	memcpy(*to, s, n);
	*to_n = n;
}

static void note_extremes(struct tally *t, const char *s, size_t n)
{
	if (!t->min || compare(s, n, t->min, t->min_n) < 0)
		keep(&t->min, &t->min_n, s, n);
	if (!t->max || compare(s, n, t->max, t->max_n) > 0)
		keep(&t->max, &t->max_n, s, n);
	if (n < t->shortest)
		t->shortest = n;
	if (n > t->longest)
		t->longest = n;
}

int tally_add(struct tally *t, const char *s, size_t n)
{
	uint64_t hash = sip_hash(0, SIP_KEY, s, n);
	struct entry *e;
	int rc;

	t->rows++;
	t->bytes += (int64_t)n;
	if (t->full) {
		sketch(t, hash);
		note_extremes(t, s, n);
		return 0;
	}
	e = find(t->slot, t->size, hash, s, n);
	if (e->count++)
		return 0;
	note_extremes(t, s, n);
	*e = (struct entry){ hash, 1, arena_add(t, s, n), (uint32_t)n };
	if (!e->text) {
		e->count = 0;
		return error_set(ERR_FAIL, "cannot count texts: out of memory");
	}
	if (++t->n > t->limit) {
		give_up(t);
		return 0;
	}
	if (t->n * 2 > t->size && (rc = grow(t)))
		return rc;
	return 0;
}

/*
 * Otmar Ertl's estimator ("New cardinality estimation algorithms for HyperLogLog sketches", 2017):
 * no ranges in which another formula is better, so no steps between them.
 */
static double sigma(double x)
{
	double y = 1, z = x, before;

	if (x == 1)
		return INFINITY;
	do {
		x *= x;
		before = z;
		z += x * y;
		y += y;
	} while (z != before);
	return z;
}

static double tau(double x)
{
	double y = 1, z = 1 - x, before;

	if (x == 0 || x == 1)
		return 0;
	do {
		x = sqrt(x);
		before = z;
		y *= 0.5;
		z -= (1 - x) * (1 - x) * y;
	} while (z != before);
	return z / 3;
}

static double estimate(const struct tally *t)
{
	double m = REGISTERS, z;
	int count[MOST_RANK + 1] = { 0 };

	for (int i = 0; i < REGISTERS; i++)
		count[t->reg[i]]++;
	z = m * tau(1 - count[MOST_RANK] / m);
	for (int k = MOST_RANK - 1; k > 0; k--)
		z = 0.5 * (z + count[k]);
	z += m * sigma(count[0] / m);
	return m * m / (2 * M_LN2 * z);
}

static bool more(const struct entry *a, const struct entry *b)
{
	if (a->count != b->count)
		return a->count > b->count;
	return compare(a->text, a->length, b->text, b->length) < 0;
}

/* As JSON text: cut to what is shown, at the start of a character. */
static json_t *shown(const char *s, size_t n)
{
	json_t *v;

	if (n > TALLY_SHOWN)
		for (n = TALLY_SHOWN; n && ((unsigned char)s[n] & 0xc0) == 0x80; n--)
			continue;
	v = json_stringn(s, n);
	if (v && !memchr(s, '\0', n))
		return v;
	json_decref(v);
	return json_string("(not text)");
}

static json_t *top_of(const struct tally *t)
{
	const struct entry *top[TALLY_TOP];
	json_t *list = json_array();
	size_t n = 0;

	for (size_t i = 0; i < t->size && !t->full; i++) {
		const struct entry *e = &t->slot[i];
		size_t at = n;

		if (!e->count || (n == TALLY_TOP && !more(e, top[n - 1])))
			continue;
		n += n < TALLY_TOP;
		at = n - 1;
		for (; at > 0 && more(e, top[at - 1]); at--)
			top[at] = top[at - 1];
		top[at] = e;
	}
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_pack("{s:o, s:I}", "value",
						      shown(top[i]->text, top[i]->length), "count",
						      (json_int_t)top[i]->count));
	return list;
}

void tally_figures(const struct tally *t, json_t *out)
{
	json_object_set_new(
		out, "distinct",
		json_integer(t->full ? (json_int_t)llround(estimate(t)) : (json_int_t)t->n));
	if (t->full)
		json_object_set_new(out, "estimated", json_true());
	json_object_set_new(out, "top", top_of(t));
	if (!t->rows)
		return;
	json_object_set_new(out, "length",
			    json_pack("{s:I, s:o, s:I}", "min", (json_int_t)t->shortest, "mean",
				      json_number((double)t->bytes / (double)t->rows), "max",
				      (json_int_t)t->longest));
	json_object_set_new(out, "min", shown(t->min, t->min_n));
	json_object_set_new(out, "max", shown(t->max, t->max_n));
}
