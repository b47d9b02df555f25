/* column.c - all values of one column of one split, and the figures about them. */
#include "lib/table/profile/column.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/table/duckdb/duckdb.h"
#include "lib/table/profile/tally.h"

enum { BINS = 20, TOP = TALLY_TOP };

void column_init(struct column *c, enum column_kind kind)
{
	memset(c, 0, sizeof *c);
	c->kind = kind;
	if (kind == COLUMN_TEXT)
		c->tally = tally_new(TALLY_LIMIT);
}

void column_clear(struct column *c)
{
	free(c->key);
	tally_free(c->tally);
	memset(c, 0, sizeof *c);
}

/* Integers and doubles as unsigned numbers of the same order. */
static uint64_t key_of_int(int64_t v)
{
	return (uint64_t)v ^ UINT64_C(1) << 63;
}

static int64_t int_of_key(uint64_t k)
{
	return (int64_t)(k ^ UINT64_C(1) << 63);
}

static uint64_t key_of_double(double v)
{
	uint64_t bits;

	v += 0.0; /* one zero */
	memcpy(&bits, &v, sizeof bits);
	return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static double double_of_key(uint64_t k)
{
	uint64_t bits = k >> 63 ? k & ~(UINT64_C(1) << 63) : ~k;
	double v;

	memcpy(&v, &bits, sizeof v);
	return v;
}

static double value_of(const struct column *c, uint64_t k)
{
	return c->kind == COLUMN_DOUBLE ? double_of_key(k) : (double)int_of_key(k);
}

static int make_room(struct column *c, size_t n)
{
	size_t cap = c->cap ? c->cap : 1 << 16;
	uint64_t *key;

	if (c->n + n <= c->cap)
		return 0;
	while (cap < c->n + n)
		cap *= 2;
	key = realloc(c->key, cap * sizeof *key);
	if (!key)
		return error_set(ERR_FAIL, "cannot keep %zu values: out of memory", cap);
	c->key = key;
	c->cap = cap;
	return 0;
}

static int add_texts(struct column *c, const struct duck_string *s, const uint64_t *valid, size_t n)
{
	int rc = 0;

	for (size_t i = 0; i < n && !rc; i++) {
		if (duck_valid(valid, i))
			rc = tally_add(c->tally, duck_string_data(&s[i]), s[i].length);
		else
			c->nulls++;
	}
	return rc;
}

int column_add(struct column *c, const void *data, const uint64_t *valid, size_t n)
{
	int rc;

	c->rows += (int64_t)n;
	if (c->kind == COLUMN_TEXT)
		return add_texts(c, data, valid, n);
	if (c->kind != COLUMN_BOOL && (rc = make_room(c, n)))
		return rc;
	for (size_t i = 0; i < n; i++) {
		int64_t v;

		if (!duck_valid(valid, i)) {
			c->nulls++;
		} else if (c->kind == COLUMN_BOOL) {
			c->yes += ((const uint8_t *)data)[i] != 0;
		} else if (c->kind == COLUMN_DOUBLE) {
			if (isfinite(((const double *)data)[i]))
				c->key[c->n++] = key_of_double(((const double *)data)[i]);
			else
				c->odd++;
		} else {
			v = ((const int64_t *)data)[i];
			if (c->kind == COLUMN_TIME && (v == INT64_MAX || v == -INT64_MAX))
				c->odd++;
			else
				c->key[c->n++] = key_of_int(v);
		}
	}
	return 0;
}

/* Least significant byte first, passing over the bytes that all keys share. */
static int sort_keys(struct column *c)
{
	static const size_t RADIX = 256;
	uint64_t *from = c->key, *to, *spare;
	int rc = mem_alloc(c->n ? c->n : 1, sizeof *spare, &spare);

	if (rc)
		return rc;
	to = spare;
	for (int shift = 0; shift < 64; shift += 8) {
		size_t count[256] = { 0 }, sum = 0, most = 0;

		for (size_t i = 0; i < c->n; i++)
			count[from[i] >> shift & 255]++;
		for (size_t b = 0; b < RADIX; b++) {
			size_t m = count[b];

			most = m > most ? m : most;
			count[b] = sum;
			sum += m;
		}
		if (most == c->n)
			continue;
		for (size_t i = 0; i < c->n; i++)
			to[count[from[i] >> shift & 255]++] = from[i];
		spare = from;
		from = to;
		to = spare;
	}
	c->key = from;
	c->cap = c->n ? c->n : 1;
	free(to);
	return 0;
}

static json_t *json_of(const struct column *c, uint64_t k)
{
	char iso[CLOCK_ISO_BYTES];

	if (c->kind == COLUMN_INT)
		return json_integer(int_of_key(k));
	if (c->kind == COLUMN_DOUBLE)
		return json_number(double_of_key(k));
	clock_iso(int_of_key(k) / 1000, iso);
	return json_string(iso);
}

/* A value between two: the same kind as the values where that makes sense. */
static json_t *json_between(const struct column *c, double v)
{
	char iso[CLOCK_ISO_BYTES];

	if (c->kind != COLUMN_TIME)
		return json_number(v);
	clock_iso((int64_t)(v / 1000), iso);
	return json_string(iso);
}

/* Linear interpolation between the two nearest ranks, as numpy and quantile_cont do. */
static double quantile(const struct column *c, double q)
{
	double at = q * (double)(c->n - 1), low = floor(at);
	double a = value_of(c, c->key[(size_t)low]);
	double b = value_of(c, c->key[(size_t)low + ((size_t)low + 1 < c->n)]);

	return a + (b - a) * (at - low);
}

static void add_quantiles(const struct column *c, json_t *out)
{
	static const struct {
		const char *name;
		double q;
	} wanted[] = { { "p1", .01 },  { "p5", .05 },  { "p25", .25 }, { "p50", .5 },
		       { "p75", .75 }, { "p95", .95 }, { "p99", .99 } };
	json_t *o = json_object();

	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		json_object_set_new(o, wanted[i].name, json_between(c, quantile(c, wanted[i].q)));
	json_object_set_new(out, "quantiles", o);
}

static void add_histogram(const struct column *c, json_t *out)
{
	double lo = value_of(c, c->key[0]), hi = value_of(c, c->key[c->n - 1]),
	       width = (hi - lo) / BINS;
	int64_t count[BINS] = { 0 };
	json_t *list = json_array();

	for (size_t i = 0; i < c->n; i++) {
		int bin = width > 0 && isfinite(width)
				  ? (int)((value_of(c, c->key[i]) - lo) / width)
				  : 0;

		count[bin < 0 ? 0 : bin >= BINS ? BINS - 1 : bin]++;
	}
	for (int b = 0; b < BINS; b++)
		json_array_append_new(list, json_integer(count[b]));
	json_object_set_new(out, "histogram",
			    json_pack("{s:o, s:o, s:o}", "lo", json_of(c, c->key[0]), "hi",
				      json_of(c, c->key[c->n - 1]), "counts", list));
}

/* Neumaier's sum: what is lost in each addition is kept beside. */
struct sum {
	double s, lost;
};

static void sum_add(struct sum *s, double v)
{
	double t = s->s + v;

	s->lost += fabs(s->s) >= fabs(v) ? s->s - t + v : v - t + s->s;
	s->s = t;
}

static void add_moments(const struct column *c, json_t *out)
{
	struct sum sum = { 0 }, square = { 0 };
	int64_t zeros = 0;
	double mean;

	for (size_t i = 0; i < c->n; i++) {
		double v = value_of(c, c->key[i]);

		sum_add(&sum, v);
		zeros += v == 0;
	}
	mean = (sum.s + sum.lost) / (double)c->n;
	for (size_t i = 0; i < c->n; i++) {
		double d = value_of(c, c->key[i]) - mean;

		sum_add(&square, d * d);
	}
	json_object_set_new(out, "mean", json_number(mean));
	json_object_set_new(
		out, "deviation",
		c->n > 1 ? json_number(sqrt((square.s + square.lost) / (double)(c->n - 1)))
			 : json_null());
	json_object_set_new(out, "zeros", json_integer(zeros));
}

/* Runs of equal keys: how many there are, and the longest ones, lower values first. */
static void add_runs(const struct column *c, json_t *out)
{
	struct {
		uint64_t key;
		size_t count;
	} top[TOP];
	size_t n = 0, distinct = 0, end;
	json_t *list = json_array();

	for (size_t i = 0; i < c->n; i = end) {
		size_t at;

		for (end = i + 1; end < c->n && c->key[end] == c->key[i];)
			end++;
		distinct++;
		if (n == TOP && end - i <= top[n - 1].count)
			continue;
		n += n < TOP;
		for (at = n - 1; at > 0 && top[at - 1].count < end - i; at--)
			top[at] = top[at - 1];
		top[at].key = c->key[i];
		top[at].count = end - i;
	}
	json_object_set_new(out, "distinct", json_integer((json_int_t)distinct));
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_pack("{s:o, s:I}", "value", json_of(c, top[i].key),
						      "count", (json_int_t)top[i].count));
	json_object_set_new(out, "top", list);
}

static int number_figures(struct column *c, json_t *out)
{
	int rc = sort_keys(c);

	if (rc)
		return rc;
	if (c->kind != COLUMN_INT)
		json_object_set_new(out, "nans", json_integer(c->odd));
	add_runs(c, out);
	if (!c->n)
		return 0;
	json_object_set_new(out, "min", json_of(c, c->key[0]));
	json_object_set_new(out, "max", json_of(c, c->key[c->n - 1]));
	add_quantiles(c, out);
	add_histogram(c, out);
	if (c->kind != COLUMN_TIME)
		add_moments(c, out);
	return 0;
}

static void bool_figures(const struct column *c, json_t *out)
{
	int64_t n = c->rows - c->nulls, no = n - c->yes;
	json_t *top = json_array();

	for (int i = 0; i < 2; i++) {
		bool value = i == (c->yes <= no); /* the more frequent first, false at a tie */
		int64_t count = value ? c->yes : no;

		if (count)
			json_array_append_new(top, json_pack("{s:b, s:I}", "value", value, "count",
							     (json_int_t)count));
	}
	json_object_set_new(out, "distinct", json_integer((c->yes > 0) + (no > 0)));
	json_object_set_new(out, "top", top);
	if (n)
		json_object_set_new(out, "mean", json_number((double)c->yes / (double)n));
}

int column_figures(struct column *c, json_t **out)
{
	int rc = 0;

	*out = json_pack("{s:I, s:I}", "rows", (json_int_t)c->rows, "nulls", (json_int_t)c->nulls);
	if (c->kind == COLUMN_TEXT)
		tally_figures(c->tally, *out);
	else if (c->kind == COLUMN_BOOL)
		bool_figures(c, *out);
	else
		rc = number_figures(c, *out);
	return rc;
}
