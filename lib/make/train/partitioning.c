/* partitioning.c - a pass over the columns that part the rows, and a counting sort of what they say. */
#include "lib/make/train/partitioning.h"

#include <stdlib.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/model/counts.h"
#include "lib/model/partition.h"
#include "lib/model/transform.h"
#include "lib/table/rows/scan.h"

/* The codes of each row of a table, as one key. */
struct keys {
	uint64_t *v; /* (n) */
	size_t n, cap;
	float *codes; /* (codes_cap) scratch */
	size_t codes_cap;
	struct counts counts;
};

static void keys_clear(struct keys *k)
{
	free(k->v);
	free(k->codes);
	counts_clear(&k->counts);
}

static int keys_room(struct keys *k, size_t rows, size_t columns)
{
	size_t cap = k->n + rows > 2 * k->cap ? k->n + rows : 2 * k->cap;
	uint64_t *v = k->n + rows > k->cap ? realloc(k->v, cap * sizeof *v) : k->v;

	if (!v)
		return error_set(ERR_FAIL, "cannot get memory for the partitions of %zu rows",
				 k->n + rows);
	k->cap = v == k->v ? k->cap : cap;
	k->v = v;
	if (rows * columns <= k->codes_cap)
		return 0;
	free(k->codes);
	k->codes_cap = 0;
	if (mem_alloc(rows * columns, sizeof *k->codes, &k->codes) < 0)
		return ERR_FAIL;
	k->codes_cap = rows * columns;
	return 0;
}

static int keys_add(const struct contract *c, const struct frame *rows, struct keys *k)
{
	int rc = keys_room(k, (size_t)rows->rows, c->inputs);

	if (!rc)
		rc = transform_apply(c, rows, k->codes, &k->counts);
	for (int64_t i = 0; !rc && i < rows->rows; i++)
		k->v[k->n++] = partition_key(k->codes + (size_t)i * c->inputs, c->inputs);
	return rc;
}

static int keys_read(const struct contract *c, const char *path, int threads, struct keys *k)
{
	struct strlist names = STRLIST_INIT;
	struct table_scan *scan = NULL;
	struct frame rows;
	int rc;

	*k = (struct keys){ 0 };
	counts_init(&k->counts, c->n);
	for (size_t i = 0; i < c->n; i++)
		strlist_add(&names, c->cols[i].name);
	rc = table_scan_open(&path, 1, (const char *const *)names.v, names.n, threads, &scan);
	while (!rc && (rc = table_scan_next(scan, &rows)) > 0)
		rc = keys_add(c, &rows, k);
	table_scan_close(scan);
	strlist_clear(&names);
	return rc;
}

/* The columns that part the rows, as a contract that makes nothing but their codes. */
static int take_columns(const struct contract *c, const struct spec_items *by, struct contract *out)
{
	out->cols = xcalloc(by->n, sizeof *out->cols);
	for (size_t i = 0; i < by->n; i++) {
		const struct contract_column *col = contract_find(c, by->v[i].text);

		if (!col || !contract_coded(col))
			return error_set(ERR_FAIL, "column '%s' has no categories", by->v[i].text);
		out->cols[i] = *col;
		out->cols[i].input = i;
	}
	out->n = out->inputs = by->n;
	return 0;
}

struct counted {
	uint64_t key;
	uint32_t number;
	int64_t rows;
};

/* The largest first, then by their codes: no thread and no order of rows can change it. */
static int by_rows(const void *a, const void *b)
{
	const struct counted *x = a, *y = b;

	if (x->rows != y->rows)
		return x->rows < y->rows ? 1 : -1;
	return (x->key > y->key) - (x->key < y->key);
}

static void number_all(struct partitioning *p, struct counted *all)
{
	p->n = p->seen.n;
	p->place = xcalloc(p->n + 1, sizeof *p->place);
	qsort(all, p->n, sizeof *all, by_rows);
	for (size_t i = 0; i < p->n; i++) {
		p->place[all[i].number] = (uint32_t)i;
		for (size_t c = 0; c < p->keys.n; c++) {
			size_t code = partition_key_code(all[i].key, c);

			strlist_add(&p->values, p->keys.cols[c].categories.v[code].s);
		}
	}
}

static int count(struct partitioning *p, const struct keys *k)
{
	struct counted *all;
	int64_t *rows;

	for (size_t i = 0; i < k->n; i++)
		if (k->v[i] != PARTITION_NONE)
			keymap_add(&p->seen, k->v[i]);
	if (!p->seen.n)
		return error_set(ERR_INPUT, "no row of the train split has a value of '%s'",
				 p->keys.cols[0].name);
	rows = xcalloc(p->seen.n, sizeof *rows);
	all = xcalloc(p->seen.n, sizeof *all);
	for (size_t i = 0; i < k->n; i++)
		if (k->v[i] != PARTITION_NONE)
			rows[keymap_find(&p->seen, k->v[i])]++;
	for (size_t i = 0; i < p->seen.n; i++)
		all[i] = (struct counted){ p->seen.keys[i], (uint32_t)i, rows[i] };
	number_all(p, all);
	free(rows);
	free(all);
	return 0;
}

int partitioning_open(const struct contract *c, const struct spec_items *by, const char *path,
		      int threads, struct partitioning *out)
{
	struct keys k = { 0 };
	int rc;

	*out = (struct partitioning)PARTITIONING_INIT;
	rc = take_columns(c, by, &out->keys);
	if (!rc)
		rc = keys_read(&out->keys, path, threads, &k);
	if (!rc)
		rc = count(out, &k);
	keys_clear(&k);
	return rc;
}

void partitioning_close(struct partitioning *p)
{
	free(p->keys.cols); /* what they hold is another contract's */
	free(p->place);
	keymap_clear(&p->seen);
	strlist_clear(&p->values);
	*p = (struct partitioning)PARTITIONING_INIT;
}

static int place_all(const struct partitioning *p, const struct keys *k, struct placing *out)
{
	if (mem_alloc(k->n + 1, sizeof *out->of, &out->of) < 0 ||
	    mem_alloc(p->n + 1, sizeof *out->next, &out->next) < 0 ||
	    mem_alloc(p->n + 1, sizeof *out->rows, &out->rows) < 0)
		return ERR_FAIL;
	out->read = (int64_t)k->n;
	for (size_t i = 0; i < k->n; i++) {
		int64_t number = keymap_find(&p->seen, k->v[i]);
		size_t at = number < 0 ? p->n : p->place[number];

		if (out->rows[at] == INT32_MAX)
			return error_set(ERR_INPUT, "a partition has more than %d rows", INT32_MAX);
		out->of[i] = (int32_t)at;
		out->rows[at]++;
	}
	for (size_t i = 0; i < p->n; i++)
		out->next[i + 1] = out->next[i] + out->rows[i];
	return 0;
}

int partitioning_place(const struct partitioning *p, const char *path, int threads,
		       struct placing *out)
{
	struct keys k = { 0 };
	int rc;

	*out = (struct placing){ 0 };
	rc = keys_read(&p->keys, path, threads, &k);
	if (!rc)
		rc = place_all(p, &k, out);
	keys_clear(&k);
	if (rc)
		placing_clear(out);
	return rc;
}

void placing_clear(struct placing *p)
{
	free(p->of);
	free(p->next);
	free(p->rows);
	*p = (struct placing){ 0 };
}
