/* lineup.c - the answers of several models, column beside column. */
#define _GNU_SOURCE
#include "lib/make/score/lineup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/frame.h"
#include "lib/base/mem.h"
#include "lib/model/rows/csvrows.h"
#include "lib/model/rows/jsonrows.h"
#include "lib/model/model.h"

enum { CHUNK_ROWS = 4096, READ_BYTES = 1 << 16 };

/* A column that grows. */
struct stored {
	char *name;
	enum frame_type type;
	void *values; /* (cap) of the type's width; strings are owned */
	uint8_t *valid;
	int64_t rows, cap;
};

struct lineup {
	const struct predict_plan *plan;
	struct stored *cols; /* kept columns, then the outputs of each model */
	size_t n;
	/* of the model that answers */
	const struct lineup_model *model;
	size_t first; /* of its columns */
	size_t skip;  /* columns of the rows that are there already */
	bool began;
};

static size_t width(enum frame_type type)
{
	return type == FRAME_BOOL ? 1 : 8;
}

static int grow(struct stored *s, int64_t more)
{
	int64_t cap = s->cap * 2 > s->rows + more ? s->cap * 2 : s->rows + more;
	void *values, *valid;

	if (s->rows + more <= s->cap)
		return 0;
	values = realloc(s->values, (size_t)cap * width(s->type));
	s->values = values ? values : s->values;
	valid = realloc(s->valid, (size_t)cap);
	s->valid = valid ? valid : s->valid;
	if (!values || !valid)
		return error_set(ERR_FAIL, "cannot get memory for %lld rows", (long long)cap);
	s->cap = cap;
	return 0;
}

static int store(struct stored *s, const struct frame_column *c, int64_t rows)
{
	size_t w = width(s->type);
	int rc = grow(s, rows);

	if (rc)
		return rc;
	for (int64_t i = 0; i < rows; i++)
		s->valid[s->rows + i] = frame_valid(c, i);
	if (s->type != FRAME_STRING && rows)
		memcpy((char *)s->values + (size_t)s->rows * w, c->b, (size_t)rows * w);
	for (int64_t i = 0; s->type == FRAME_STRING && i < rows; i++)
		((char **)s->values)[s->rows + i] = c->s[i] ? xstrdup(c->s[i]) : NULL;
	s->rows += rows;
	return 0;
}

static void stored_clear(struct stored *s)
{
	for (int64_t i = 0; s->type == FRAME_STRING && i < s->rows; i++)
		free(((char **)s->values)[i]);
	free(s->values);
	free(s->valid);
	free(s->name);
}

/* The first rows of a model say which columns it has. */
static void begin(struct lineup *l, const struct frame *f)
{
	l->began = true;
	l->first = l->n;
	l->cols = xrealloc(l->cols, (l->n + f->n) * sizeof *l->cols);
	for (size_t i = l->skip; i < f->n; i++) {
		bool output = i >= l->plan->n_keep;

		l->cols[l->n++] = (struct stored){
			.name = output ? xasprintf("%s.%s", l->model->name, f->cols[i].name)
				       : xstrdup(f->cols[i].name),
			.type = f->cols[i].type,
		};
	}
}

static int on_rows(const struct frame *f, void *payload)
{
	struct lineup *l = payload;
	int rc = 0;

	if (!l->began)
		begin(l, f);
	for (size_t i = l->skip; i < f->n && !rc; i++)
		rc = store(&l->cols[l->first + i - l->skip], &f->cols[i], f->rows);
	return rc;
}

/* Columns to keep come with the first model alone. */
static int answer(struct lineup *l, struct lineup_model *m, bool keep)
{
	int rc;

	l->model = m;
	l->began = false;
	l->skip = keep ? 0 : l->plan->n_keep;
	rc = predict_each(m->m, l->plan, on_rows, l, &m->result);
	return rc ? error_wrap(rc, "model %s", m->name) : 0;
}

/* Rows from `first` on as a frame. */
static void cut(const struct lineup *l, int64_t first, int64_t rows, struct frame_column *cols,
		struct frame *out)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct stored *s = &l->cols[i];

		cols[i] = (struct frame_column){ .name = s->name, .type = s->type };
		cols[i].b = (const uint8_t *)s->values + (size_t)first * width(s->type);
		cols[i].valid = s->valid + first;
	}
	*out = (struct frame){ .rows = rows, .n = l->n, .cols = cols };
}

static int write_rows(const struct lineup *l)
{
	struct frame_column *cols = xcalloc(l->n + 1, sizeof *cols);
	int64_t rows = l->n ? l->cols[0].rows : 0, i = 0;
	bool csv = !l->plan->json_lines;
	struct buf text = BUF_INIT;
	struct frame f;
	int rc = 0;

	cut(l, 0, 0, cols, &f);
	if (csv && l->n)
		csvrows_put_names(&f, &text);
	do {
		cut(l, i, rows - i < CHUNK_ROWS ? rows - i : CHUNK_ROWS, cols, &f);
		if (csv)
			csvrows_put(&f, l->plan->n_keep, &text);
		else
			jsonrows_put(&f, l->plan->n_keep, &text);
		rc = file_write_fd(l->plan->out_fd, text.data, text.len);
		buf_reset(&text);
		i += f.rows;
	} while (!rc && i < rows);
	buf_clear(&text);
	free(cols);
	return rc ? error_wrap(rc, "predictions") : 0;
}

int lineup_predict(struct lineup_model *v, size_t n, const struct predict_plan *plan)
{
	struct lineup l = { .plan = plan };
	int rc = 0;

	for (size_t i = 0; i < n && !rc; i++)
		rc = answer(&l, &v[i], i == 0);
	for (size_t i = 1; i < l.n && !rc; i++)
		if (l.cols[i].rows != l.cols[0].rows)
			rc = error_set(ERR_FAIL, "'%s' has %lld rows, '%s' %lld", l.cols[i].name,
				       (long long)l.cols[i].rows, l.cols[0].name,
				       (long long)l.cols[0].rows);
	if (!rc)
		rc = write_rows(&l);
	for (size_t i = 0; i < l.n; i++)
		stored_clear(&l.cols[i]);
	free(l.cols);
	return rc;
}

static int copy_all(int from, int to, char *block, size_t n)
{
	int rc = 0;

	while (n && !rc) {
		ssize_t got;

		rc = file_write_fd(to, block, n);
		do
			got = read(from, block, READ_BYTES);
		while (got < 0 && errno == EINTR);
		if (got < 0)
			return error_errno("cannot read the rows");
		n = (size_t)got;
	}
	return rc;
}

int lineup_spool(int in_fd, const char *dir, char **path_out)
{
	char *block = xmalloc(READ_BYTES);
	ssize_t n;
	int fd = -1, rc = 0;

	*path_out = NULL;
	do
		n = read(in_fd, block, READ_BYTES);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		rc = error_errno("cannot read the rows");
	if (n > 0) {
		*path_out = path_join(dir, block[0] == '{' ? "rows.jsonl" : "rows.csv");
		fd = open(*path_out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		rc = fd < 0 ? error_errno("cannot write '%s'", *path_out)
			    : copy_all(in_fd, fd, block, (size_t)n);
	}
	if (fd >= 0)
		close(fd);
	free(block);
	return rc;
}
