/* folds.c - keys of rows, keys dealt out, and the files of a part. */
#include "lib/table/split/folds.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/table/rows/scan.h"
#include "lib/table/rows/table_sink.h"
#include "lib/table/split/sip.h"

void table_folds_clear(struct table_folds *f)
{
	free(f->key);
	free(f->of);
	*f = (struct table_folds)TABLE_FOLDS_INIT;
}

/* One value as bytes, a letter for its kind before it: no two values are written alike. */
static void add_value(const struct frame_column *c, int64_t row, struct buf *b)
{
	double d;
	size_t n;

	if (!frame_valid(c, row) || (c->type == FRAME_STRING && !c->s[row])) {
		buf_addch(b, 'n');
		return;
	}
	switch (c->type) {
	case FRAME_BOOL:
		buf_addch(b, 'b');
		buf_addch(b, (char)(c->b[row] != 0));
		break;
	case FRAME_DOUBLE:
		d = isnan(c->d[row]) ? (double)NAN : c->d[row] == 0 ? 0 : c->d[row];
		buf_addch(b, 'd');
		buf_add(b, &d, sizeof d);
		break;
	case FRAME_STRING:
		n = strlen(c->s[row]);
		buf_addch(b, 's');
		buf_add(b, &n, sizeof n);
		buf_add(b, c->s[row], n);
		break;
	default:
		buf_addch(b, 'i');
		buf_add(b, &c->i[row], sizeof c->i[row]);
	}
}

/* A time, or any number, so that unsigned numbers are in its order; what is missing comes first. */
static uint64_t time_key(const struct frame_column *c, int64_t row)
{
	const uint64_t top = UINT64_C(1) << 63;
	uint64_t bits;

	if (!frame_valid(c, row))
		return 0;
	if (c->type != FRAME_DOUBLE)
		return (uint64_t)c->i[row] ^ top;
	memcpy(&bits, &c->d[row], sizeof bits);
	return bits & top ? ~bits : bits | top;
}

static int add_keys(const struct frame *rows, const struct table_split *how, struct table_folds *f)
{
	struct buf b = BUF_INIT;
	uint64_t *key = realloc(f->key, (size_t)(f->rows + rows->rows + 1) * sizeof *key);

	if (!key)
		return error_set(ERR_FAIL, "cannot get memory for %lld rows",
				 (long long)(f->rows + rows->rows));
	f->key = key;
	for (int64_t i = 0; i < rows->rows; i++) {
		if (f->timed) {
			f->key[f->rows++] = time_key(&rows->cols[0], i);
			continue;
		}
		buf_reset(&b);
		for (size_t c = 0; c < rows->n; c++)
			add_value(&rows->cols[c], i, &b);
		f->key[f->rows++] = sip_hash((uint64_t)how->seed, SIP_KEY, b.data, b.len);
	}
	buf_clear(&b);
	return 0;
}

static int read_keys(const char *path, const struct table_split *how, struct table_folds *f)
{
	const char *const *columns = (const char *const *)how->columns.v;
	bool named = how->how != SPLIT_ROW && how->columns.n;
	struct table_scan *scan = NULL;
	struct frame rows;
	int rc = table_scan_open(&path, 1, named ? columns : NULL, named ? how->columns.n : 0, 1,
				 &scan);

	if (!rc && how->how == SPLIT_TIME) {
		enum frame_type type = table_scan_head(scan)->cols[0].type;

		f->timed = type == FRAME_TIME || type == FRAME_INT || type == FRAME_DOUBLE;
	}
	while (!rc && (rc = table_scan_next(scan, &rows)) > 0)
		rc = add_keys(&rows, how, f);
	table_scan_close(scan);
	return rc;
}

/* Keys in the order in which they are dealt, each once. */
struct deck {
	struct card {
		uint64_t order, key;
		int64_t rows;
	} * v;
	size_t n;
};

static uint64_t mix(uint64_t key, uint64_t salt)
{
	return sip_hash(salt, SIP_KEY, &key, sizeof key);
}

static int by_order(const void *a, const void *b)
{
	const struct card *x = a, *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return (x->key > y->key) - (x->key < y->key);
}

/* The keys of all rows but those of one part (-1: of all). */
static int deck_init(const struct table_folds *f, int without, uint64_t salt, struct deck *out)
{
	size_t n = 0;

	*out = (struct deck){ 0 };
	if (mem_alloc((size_t)f->rows + 1, sizeof *out->v, &out->v) < 0)
		return ERR_FAIL;
	for (int64_t i = 0; i < f->rows; i++)
		if (without < 0 || f->of[i] != without)
			out->v[n++] = (struct card){ f->timed ? f->key[i] : mix(f->key[i], salt),
						     f->key[i], 1 };
	qsort(out->v, n, sizeof *out->v, by_order);
	for (size_t i = 0; i < n; i++)
		if (out->n && out->v[out->n - 1].key == out->v[i].key)
			out->v[out->n - 1].rows++;
		else
			out->v[out->n++] = out->v[i];
	return 0;
}

static size_t deck_find(const struct table_folds *f, const struct deck *d, uint64_t salt,
			uint64_t key)
{
	struct card want = { f->timed ? key : mix(key, salt), key, 0 };
	const struct card *at = bsearch(&want, d->v, d->n, sizeof *d->v, by_order);

	return (size_t)(at - d->v);
}

static int refuse_few(const struct table_folds *f, size_t n)
{
	error_set(ERR_INPUT, "%zu %s of rows cannot be dealt out to %d parts", n,
		  f->timed ? "times" : "groups", f->n);
	return error_hint(ERR_INPUT, "take fewer folds");
}

/* By turns; by time the part in whose stretch of rows a time begins. */
static int deal(struct table_folds *f)
{
	struct deck d;
	uint8_t *part = NULL;
	int64_t before = 0;
	int used = 0, rc = deck_init(f, -1, 0, &d);

	if (!rc)
		rc = mem_alloc(d.n + 1, 1, &part);
	if (!rc)
		rc = mem_alloc((size_t)f->rows + 1, 1, &f->of);
	for (size_t i = 0; !rc && i < d.n; i++) {
		part[i] = (uint8_t)(f->timed ? before * f->n / f->rows : (int64_t)i % f->n);
		before += d.v[i].rows;
		used += !i || part[i] > part[i - 1];
	}
	if (!rc && (d.n < (size_t)f->n || (f->timed && used < f->n)))
		rc = refuse_few(f, d.n);
	for (int64_t i = 0; !rc && i < f->rows; i++)
		f->of[i] = part[deck_find(f, &d, 0, f->key[i])];
	free(part);
	free(d.v);
	return rc;
}

int table_folds_deal(const char *path, const struct table_split *how, int n,
		     struct table_folds *out)
{
	int rc;

	*out = (struct table_folds){ .n = n };
	rc = read_keys(path, how, out);
	if (!rc)
		rc = deal(out);
	if (rc)
		table_folds_clear(out);
	return rc;
}

enum place { TRAIN, HELD, APART, PLACES };

/* Where each row goes, (rows). */
static int choose(const struct table_folds *f, int part, const struct table_folds_files *files,
		  uint8_t **out)
{
	const uint64_t salt = (uint64_t)part + 1;
	struct deck d = { 0 };
	size_t take = 0;
	int rc = mem_alloc((size_t)f->rows + 1, 1, out);

	if (!rc && files->apart)
		rc = deck_init(f, part, salt, &d);
	if (files->apart) {
		take = (size_t)ceil(files->share * (double)d.n);
		take = take ? take : 1;
	}
	if (!rc && files->apart && take >= d.n)
		rc = error_set(ERR_INPUT, "nothing is left to train on without the part %d",
			       part + 1);
	for (int64_t i = 0; !rc && i < f->rows; i++) {
		size_t at;

		(*out)[i] = f->of[i] == part ? HELD : TRAIN;
		if ((*out)[i] == HELD || !files->apart)
			continue;
		at = deck_find(f, &d, salt, f->key[i]);
		if (f->timed ? at >= d.n - take : at < take)
			(*out)[i] = APART;
	}
	free(d.v);
	return rc;
}

static size_t cell_bytes(enum frame_type type)
{
	return type == FRAME_BOOL ? 1 : 8;
}

/* The rows of a frame that go to one place, (n) of them, as a frame of their own. */
static struct frame pick(const struct frame *rows, const uint8_t *where, enum place place,
			 int64_t n)
{
	struct frame_column *cols = xcalloc(rows->n + 1, sizeof *cols);

	for (size_t c = 0; c < rows->n; c++) {
		const struct frame_column *from = &rows->cols[c];
		size_t size = cell_bytes(from->type), at = 0;
		char *cells = xcalloc((size_t)n + 1, size);
		uint8_t *valid = from->valid ? xcalloc((size_t)n + 1, 1) : NULL;

		for (int64_t i = 0; i < rows->rows; i++) {
			if (where[i] != place)
				continue;
			memcpy(cells + at * size, (const char *)from->b + (size_t)i * size, size);
			if (valid)
				valid[at] = from->valid[i];
			at++;
		}
		cols[c] = (struct frame_column){ .name = from->name,
						 .type = from->type,
						 .b = (const uint8_t *)cells,
						 .valid = valid };
	}
	return (struct frame){ n, rows->n, cols };
}

static void picked_clear(struct frame *f)
{
	for (size_t c = 0; c < f->n; c++) {
		free((void *)f->cols[c].b);
		free((void *)f->cols[c].valid);
	}
	free((void *)f->cols);
}

static int spread(const struct frame *rows, const uint8_t *where, struct table_sink **sinks)
{
	int rc = 0;

	for (int p = 0; !rc && p < PLACES; p++) {
		struct frame part;
		int64_t n = 0;

		for (int64_t i = 0; i < rows->rows; i++)
			n += where[i] == p;
		if (!n)
			continue;
		part = pick(rows, where, (enum place)p, n);
		rc = table_sink_add(sinks[p], &part);
		picked_clear(&part);
	}
	return rc;
}

int table_folds_write(const struct table_folds *f, const char *path, int part,
		      const struct table_folds_files *files)
{
	const char *const names[PLACES] = { files->train, files->held, files->apart };
	struct table_sink *sinks[PLACES] = { NULL };
	struct table_scan *scan = NULL;
	uint8_t *where = NULL;
	struct frame rows;
	int64_t at = 0;
	int rc = choose(f, part, files, &where);

	if (!rc)
		rc = table_scan_open(&path, 1, NULL, 0, 1, &scan);
	for (int p = 0; !rc && p < PLACES; p++)
		if (names[p])
			rc = table_sink_open(names[p], table_scan_head(scan), NULL, &sinks[p]);
	while (!rc && (rc = table_scan_next(scan, &rows)) > 0) {
		rc = at + rows.rows > f->rows ? error_set(ERR_CORRUPT, "'%s' has changed", path)
					      : spread(&rows, where + at, sinks);
		at += rows.rows;
	}
	for (int p = 0; p < PLACES; p++)
		if (!rc && sinks[p])
			rc = table_sink_finish(sinks[p]);
		else
			table_sink_abort(sinks[p]);
	table_scan_close(scan);
	free(where);
	return rc;
}
