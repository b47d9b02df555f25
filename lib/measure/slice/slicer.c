/* slicer.c - values as sorting keys, cut into ranges or listed. */
#include "lib/measure/slice/slicer.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/measure/metric/order.h"
#include "lib/measure/slice/edges.h"
#include "lib/model/dict.h"
#include "lib/model/rows/cell.h"

static const char MISSING[] = "(missing)", OTHER[] = "(other)";

struct slicer {
	bool each; /* whole numbers are names */
	char *name;
	size_t bins;
	enum frame_type type;
	struct dict dict; /* of strings and bools */
	uint64_t *key; /* (rows) sorts as the value does; of strings and bools the place in dict */
	bool *missing; /* (rows) */
	size_t rows, cap;
};

struct slicer *slicer_new(const char *name, int bins)
{
	struct slicer *s = xcalloc(1, sizeof *s);

	s->name = xstrdup(name);
	s->bins = bins > 0 ? (size_t)bins : SLICER_BINS;
	return s;
}

void slicer_each(struct slicer *s)
{
	s->each = true;
}

void slicer_free(struct slicer *s)
{
	if (!s)
		return;
	free(s->name);
	dict_clear(&s->dict);
	free(s->key);
	free(s->missing);
	free(s);
}

static int make_room(struct slicer *s, size_t more)
{
	size_t cap = s->rows + more;
	uint64_t *key;
	bool *missing;

	if (cap <= s->cap)
		return 0;
	cap = cap < 2 * s->cap ? 2 * s->cap : cap;
	if ((key = realloc(s->key, cap * sizeof *key)))
		s->key = key;
	if (key && (missing = realloc(s->missing, cap * sizeof *missing)))
		s->missing = missing;
	else
		return error_set(ERR_FAIL, "cannot get memory for %zu rows of '%s'", cap, s->name);
	s->cap = cap;
	return 0;
}

static uint64_t key_of(struct slicer *s, const struct frame_column *c, int64_t i)
{
	switch (c->type) {
	case FRAME_STRING:
		return dict_add(&s->dict, c->s[i]);
	case FRAME_BOOL:
		return dict_add(&s->dict, c->b[i] ? "true" : "false");
	case FRAME_DOUBLE:
		return order_key_double(c->d[i]);
	default:
		return order_key_int(c->i[i]);
	}
}

int slicer_add_column(struct slicer *s, const struct frame_column *c, int64_t rows)
{
	int rc = make_room(s, (size_t)rows);

	if (rc)
		return rc;
	if (!s->rows)
		s->type = c->type;
	else if (s->type != c->type)
		return error_set(ERR_INPUT, "cannot slice by '%s': it is %s, and was %s before",
				 s->name, frame_type_name(c->type), frame_type_name(s->type));
	for (int64_t i = 0; i < rows; i++) {
		bool missing =
			!frame_valid(c, i) || (c->type == FRAME_DOUBLE && c->d[i] != c->d[i]);

		s->missing[s->rows] = missing;
		s->key[s->rows++] = missing ? 0 : key_of(s, c, i);
	}
	return 0;
}

int slicer_add(struct slicer *s, const struct frame *f)
{
	const struct frame_column *c = frame_find(f, s->name);

	if (c)
		return slicer_add_column(s, c, f->rows);
	return error_set(ERR_INPUT, "cannot slice by '%s': there is no such column", s->name);
}

/* A value that reads like one of ours is quoted, so that no two are written alike. */
static void add_value(struct strlist *values, const char *text)
{
	if (!strcmp(text, MISSING) || !strcmp(text, OTHER))
		strlist_addf(values, "\"%s\"", text);
	else
		strlist_add(values, text);
}

static int by_count(const void *a, const void *b)
{
	const struct dict_entry *x = *(const struct dict_entry *const *)a,
				*y = *(const struct dict_entry *const *)b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->s, y->s);
}

static int by_bytes(const void *a, const void *b)
{
	const struct dict_entry *x = *(const struct dict_entry *const *)a,
				*y = *(const struct dict_entry *const *)b;

	return strcmp(x->s, y->s);
}

/* Give every row its code by map (of its key), or the code behind all values where it has none. */
static void set_codes(const struct slicer *s, const int32_t *map, struct slice_column *out)
{
	bool missing = false;

	for (size_t i = 0; i < s->rows; i++) {
		missing = missing || s->missing[i];
		out->code[i] = s->missing[i] ? (int32_t)out->values.n : map[s->key[i]];
	}
	if (missing)
		strlist_add(&out->values, MISSING);
}

/* The most frequent texts in the order of their bytes; all others are one value. */
static int finish_texts(struct slicer *s, struct slice_column *out)
{
	const struct dict *d = &s->dict;
	size_t kept = d->n < SLICER_VALUES ? d->n : SLICER_VALUES;
	const struct dict_entry **v = NULL;
	int32_t *map = NULL;
	int rc = mem_alloc(d->n, sizeof(void *), &v);

	if (!rc)
		rc = mem_alloc(d->n, sizeof *map, &map);
	for (size_t i = 0; !rc && i < d->n; i++)
		v[i] = &d->v[i];
	if (!rc && kept < d->n)
		qsort(v, d->n, sizeof(void *), by_count);
	if (!rc && kept)
		qsort(v, kept, sizeof(void *), by_bytes);
	for (size_t i = 0; !rc && i < d->n; i++)
		map[v[i] - d->v] = (int32_t)(i < kept ? i : kept);
	for (size_t i = 0; !rc && i < kept; i++)
		add_value(&out->values, v[i]->s);
	if (!rc && kept < d->n)
		strlist_add(&out->values, OTHER);
	if (!rc)
		set_codes(s, map, out);
	free(map);
	free(v);
	return rc;
}

static void put_number(const struct slicer *s, uint64_t key, struct buf *b)
{
	if (s->type == FRAME_DOUBLE)
		cell_put_double(b, order_double(key));
	else if (s->type == FRAME_TIME)
		cell_put_time(b, order_int(key));
	else
		cell_put_int(b, order_int(key));
}

/* "[1.5, 3.25)"; the last range has its end in it. */
static void add_range(const struct slicer *s, uint64_t low, uint64_t high, bool last,
		      struct strlist *values)
{
	struct buf b = BUF_INIT;

	buf_addch(&b, '[');
	put_number(s, low, &b);
	buf_addstr(&b, ", ");
	put_number(s, high, &b);
	buf_addch(&b, last ? ']' : ')');
	strlist_take(values, buf_take(&b));
}

/* The last of n ascending edges that is not above key: edge[0] is the least of all keys. */
static int32_t place_of(const uint64_t *edge, size_t n, uint64_t key)
{
	size_t low = 0, high = n;

	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (edge[mid] <= key)
			low = mid;
		else
			high = mid;
	}
	return (int32_t)low;
}

static void set_places(const struct slicer *s, const uint64_t *edge, size_t n,
		       struct slice_column *out)
{
	bool missing = false;

	for (size_t i = 0; i < s->rows; i++) {
		missing = missing || s->missing[i];
		out->code[i] =
			s->missing[i] ? (int32_t)out->values.n : place_of(edge, n, s->key[i]);
	}
	if (missing)
		strlist_add(&out->values, MISSING);
}

/* Distinct values of sorted keys, at most max + 1 of them, into edge; how many. */
static size_t distinct(const uint64_t *sorted, size_t n, size_t max, uint64_t *edge)
{
	size_t got = 0;

	for (size_t i = 0; i < n && got <= max; i++)
		if (!i || sorted[i] != sorted[i - 1])
			edge[got++] = sorted[i];
	return got;
}

static size_t quantiles(const uint64_t *sorted, size_t n, size_t bins, uint64_t *edge)
{
	size_t got = 0;

	for (size_t i = 0; n && i < bins; i++) {
		uint64_t v = sorted[n * i / bins];

		if (!got || v != edge[got - 1])
			edge[got++] = v;
	}
	return got;
}

static void cut_ranges(const struct slicer *s, const uint64_t *sorted, size_t n,
		       struct slice_column *out)
{
	size_t most = s->each ? SLICER_VALUES : SLICER_DISTINCT;
	size_t room = s->bins > most ? s->bins : most, n_edge;
	uint64_t *edge = xcalloc(room + 1, sizeof *edge), end = n ? sorted[n - 1] : 0;

	n_edge = s->type == FRAME_INT ? distinct(sorted, n, most, edge) : room + 1;
	out->binned = n_edge > most;
	if (out->binned)
		n_edge = quantiles(sorted, n, s->bins, edge);
	if (out->binned && n && s->type == FRAME_DOUBLE)
		edges_shorten(sorted, n, edge, n_edge, &end);
	for (size_t i = 0; i < n_edge; i++) {
		struct buf b = BUF_INIT;

		if (out->binned) {
			bool last = i + 1 == n_edge;

			add_range(s, edge[i], last ? end : edge[i + 1], last, &out->values);
		} else {
			put_number(s, edge[i], &b);
			strlist_take(&out->values, buf_take(&b));
		}
	}
	set_places(s, edge, n_edge, out);
	free(edge);
}

static int finish_numbers(struct slicer *s, struct slice_column *out)
{
	uint64_t *there = NULL, *sorted = NULL;
	uint32_t *place = NULL;
	size_t n = 0;
	int rc = mem_alloc(s->rows, sizeof *there, &there);

	for (size_t i = 0; !rc && i < s->rows; i++)
		if (!s->missing[i])
			there[n++] = s->key[i];
	if (!rc)
		rc = mem_alloc(n, sizeof *place, &place);
	if (!rc)
		rc = mem_alloc(n, sizeof *sorted, &sorted);
	if (!rc)
		rc = order_by(there, n, place);
	for (size_t i = 0; !rc && i < n; i++)
		sorted[i] = there[place[i]];
	if (!rc)
		cut_ranges(s, sorted, n, out);
	free(there);
	free(place);
	free(sorted);
	return rc;
}

int slicer_finish(struct slicer *s, struct slice_column *out)
{
	int rc;

	*out = (struct slice_column){ .name = xstrdup(s->name), .rows = s->rows };
	rc = mem_alloc(s->rows, sizeof *out->code, &out->code);
	if (!rc)
		rc = s->type == FRAME_STRING || s->type == FRAME_BOOL ? finish_texts(s, out)
								      : finish_numbers(s, out);
	if (rc)
		slice_column_clear(out);
	return rc;
}
