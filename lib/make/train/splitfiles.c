/* splitfiles.c - a table's rows into NumPy files, in its order or partition by partition. */
#include "lib/make/train/splitfiles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/npy.h"
#include "lib/make/train/groups.h"
#include "lib/make/train/partitioning.h"
#include "lib/model/transform.h"
#include "lib/table/rows/scan.h"

/* The files of one split while they are written. */
struct writing {
	const struct splitfiles *of;
	struct npy_writer x, y, w, group;
	struct placing place; /* with partitions: where each row goes in what follows */
	struct npy_room room_x, room_y, room_w;
	int64_t *at;  /* of the frame at hand: the row that each becomes */
	int64_t read; /* rows so far */
	struct groups groups;
	float *rows; /* (cap) scratch */
	size_t cap;
	struct counts counts;
};

/* Of partitions: all sizes are known before the first row is read. */
static int create_rooms(const char *dir, struct writing *p)
{
	struct npy_writer counts = { 0 };
	char *path = path_join(dir, "x.npy");
	int rc = npy_room_open(path, NPY_F4, p->place.read, (int64_t)p->of->width, &p->room_x),
	    ended;

	free(path);
	path = path_join(dir, "y.npy");
	if (!rc)
		rc = npy_room_open(path, NPY_F4, p->place.read, 0, &p->room_y);
	free(path);
	path = path_join(dir, "w.npy");
	if (!rc && p->of->weight)
		rc = npy_room_open(path, NPY_F4, p->place.read, 0, &p->room_w);
	free(path);
	path = path_join(dir, "partition.npy");
	if (!rc)
		rc = npy_create(path, NPY_I4, 0, &counts);
	if (!rc)
		rc = npy_append(&counts, p->place.rows, (int64_t)p->of->partitions->n + 1);
	ended = npy_finish(&counts);
	free(path);
	return rc ? rc : ended;
}

static int create_files(const char *dir, struct writing *p)
{
	char *path = path_join(dir, "x.npy");
	int rc;

	rc = npy_create(path, NPY_F4, (int64_t)p->of->contract->inputs, &p->x);
	free(path);
	path = path_join(dir, "y.npy");
	if (!rc)
		rc = npy_create(path, NPY_F4, 0, &p->y);
	free(path);
	path = path_join(dir, "w.npy");
	if (!rc && p->of->weight)
		rc = npy_create(path, NPY_F4, 0, &p->w);
	free(path);
	path = path_join(dir, "group.npy");
	if (!rc && p->of->group)
		rc = npy_create(path, NPY_I4, 0, &p->group);
	free(path);
	return rc;
}

static int create(struct writing *p)
{
	const struct splitfiles *of = p->of;
	int rc = file_make_dirs(of->dir);

	if (rc || !of->partitions)
		return rc ? rc : create_files(of->dir, p);
	rc = partitioning_place(of->partitions, of->table, of->threads, &p->place);
	return rc ? rc : create_rooms(of->dir, p);
}

static int add_weights(const struct frame *f, struct writing *p)
{
	const struct frame_column *c = frame_find(f, p->of->weight);

	if (!c || (c->type != FRAME_DOUBLE && c->type != FRAME_INT))
		return error_set(ERR_INPUT, "its weight '%s' is not a column of numbers",
				 p->of->weight);
	for (int64_t i = 0; i < f->rows; i++) {
		double w = c->type == FRAME_INT ? (double)c->i[i] : c->d[i];

		if (!frame_valid(c, i) || !(w >= 0) || isinf(w))
			return error_set(ERR_INPUT,
					 "its weight '%s' is missing or negative in row %lld",
					 p->of->weight, (long long)(p->read + i + 1));
		p->rows[i] = (float)w;
	}
	return 0;
}

/* Rows of a frame, `stride` floats from one to the next, of which the first `width` are kept. */
static int put(struct writing *p, struct npy_writer *w, struct npy_room *room, int64_t rows,
	       size_t stride, size_t width)
{
	float *to = room->data;

	if (!p->of->partitions)
		return npy_append(w, p->rows, rows);
	for (int64_t i = 0; i < rows; i++)
		memcpy(to + (size_t)p->at[i] * width, p->rows + (size_t)i * stride,
		       width * sizeof *to);
	return 0;
}

/* Where the rows of a frame go. */
static int find_places(struct writing *p, int64_t rows)
{
	if (!p->of->partitions)
		return 0;
	if (p->read + rows > p->place.read)
		return error_set(ERR_CORRUPT, "the table grew while it was read");
	p->at = xrealloc(p->at, (size_t)rows * sizeof *p->at);
	for (int64_t i = 0; i < rows; i++)
		p->at[i] = p->place.next[p->place.of[p->read + i]]++;
	return 0;
}

static int add_rows(const struct frame *f, struct writing *p)
{
	size_t inputs = p->of->contract->inputs, need = (size_t)f->rows * (inputs + 1);
	int rc;

	if (need > p->cap) {
		free(p->rows);
		p->rows = NULL;
		rc = mem_alloc(need, sizeof *p->rows, &p->rows);
		if (rc)
			return rc;
		p->cap = need;
	}
	rc = find_places(p, f->rows);
	if (!rc)
		rc = transform_apply(p->of->contract, f, p->rows, &p->counts);
	if (!rc)
		rc = put(p, &p->x, &p->room_x, f->rows, inputs, p->of->width);
	if (!rc)
		rc = transform_label(p->of->contract, f, p->read + 1, p->rows);
	if (!rc)
		rc = put(p, &p->y, &p->room_y, f->rows, 1, 1);
	if (!rc && p->of->weight)
		rc = add_weights(f, p);
	if (!rc && p->of->weight)
		rc = put(p, &p->w, &p->room_w, f->rows, 1, 1);
	if (!rc && p->of->group)
		rc = groups_add(&p->groups, p->of->group, f);
	p->read += f->rows;
	return rc;
}

static int finish(struct writing *p)
{
	int rc = 0, one;

	if (p->of->group && p->groups.n)
		rc = npy_append(&p->group, p->groups.rows, (int64_t)p->groups.n);
	npy_room_close(&p->room_x);
	npy_room_close(&p->room_y);
	npy_room_close(&p->room_w);
	one = npy_finish(&p->x);
	rc = rc ? rc : one;
	one = npy_finish(&p->y);
	rc = rc ? rc : one;
	one = npy_finish(&p->w);
	rc = rc ? rc : one;
	one = npy_finish(&p->group);
	return rc ? rc : one;
}

static int write_rows(struct writing *p, struct table_scan *scan)
{
	struct frame rows;
	int rc = create(p), ended;

	while (!rc && (rc = table_scan_next(scan, &rows)) > 0)
		rc = add_rows(&rows, p);
	ended = finish(p);
	return rc ? rc : ended;
}

int splitfiles_write(const struct splitfiles *s, int64_t *rows_out)
{
	const char *const paths[] = { s->table };
	struct writing p = { .of = s, .groups = GROUPS_INIT };
	struct table_scan *scan = NULL;
	int rc = table_scan_open(paths, 1, (const char *const *)s->columns->v, s->columns->n,
				 s->threads, &scan);

	counts_init(&p.counts, s->contract->n);
	if (!rc)
		rc = write_rows(&p, scan);
	*rows_out = p.read;
	table_scan_close(scan);
	counts_clear(&p.counts);
	groups_clear(&p.groups);
	placing_clear(&p.place);
	free(p.rows);
	free(p.at);
	return rc;
}
