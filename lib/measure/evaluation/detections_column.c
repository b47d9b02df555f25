/* detections_column.c - a member of all lines as a column to slice by. */
#include "lib/measure/evaluation/detections_column.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/measure/slice/slicer.h"

/* A member of all lines as a column of a frame: the narrowest type that holds all of it. */
struct member {
	struct frame_column col;
	uint8_t *valid, *b;
	int64_t *i;
	double *d;
	char **s;
};

static enum frame_type type_of(const struct detections *d, const char *name, bool *there)
{
	bool whole = true, number = true, boolean = true;

	*there = false;
	for (size_t i = 0; i < d->n; i++) {
		const json_t *v = json_object_get(d->v[i].row, name);

		*there = *there || v;
		if (!v || json_is_null(v))
			continue;
		whole = whole && json_is_integer(v);
		number = number && json_is_number(v);
		boolean = boolean && json_is_boolean(v);
	}
	return boolean ? FRAME_BOOL : whole ? FRAME_INT : number ? FRAME_DOUBLE : FRAME_STRING;
}

static char *text_of(const json_t *v)
{
	struct buf b = BUF_INIT;

	if (json_is_string(v))
		return xstrdup(json_string_value(v));
	json_canonical(v, &b);
	return buf_take(&b);
}

static void put(struct member *m, size_t i, const json_t *v)
{
	m->valid[i] = 1;
	if (m->col.type == FRAME_BOOL)
		m->b[i] = json_is_true(v);
	else if (m->col.type == FRAME_INT)
		m->i[i] = json_integer_value(v);
	else if (m->col.type == FRAME_DOUBLE)
		m->d[i] = json_number_value(v);
	else
		m->s[i] = text_of(v);
}

static int unknown_member(const struct detections *d, const char *name)
{
	struct strlist words = STRLIST_INIT;
	const char *key;
	json_t *v;
	int rc = error_set(ERR_INPUT, "cannot slice by '%s': no line of " DETECTIONS_FILE " has it",
			   name);

	json_object_foreach(d->v[0].row, key, v)
		strlist_add(&words, key);
	strlist_hint(rc, (const char *const *)words.v, words.n, name);
	strlist_clear(&words);
	return rc;
}

static int member_read(const struct detections *d, const char *name, struct member *m)
{
	bool there;
	int rc;

	*m = (struct member){ .col = { .name = name, .type = type_of(d, name, &there) } };
	if (!there)
		return unknown_member(d, name);
	rc = mem_alloc(d->n, 1, &m->valid);
	if (!rc && m->col.type == FRAME_BOOL)
		rc = mem_alloc(d->n, 1, &m->b);
	else if (!rc && m->col.type == FRAME_INT)
		rc = mem_alloc(d->n, sizeof *m->i, &m->i);
	else if (!rc && m->col.type == FRAME_DOUBLE)
		rc = mem_alloc(d->n, sizeof *m->d, &m->d);
	else if (!rc)
		rc = mem_alloc(d->n, sizeof *m->s, &m->s);
	for (size_t i = 0; !rc && i < d->n; i++) {
		const json_t *v = json_object_get(d->v[i].row, name);

		if (v && !json_is_null(v))
			put(m, i, v);
	}
	m->col.valid = m->valid;
	if (m->b)
		m->col.b = m->b;
	else if (m->i)
		m->col.i = m->i;
	else if (m->d)
		m->col.d = m->d;
	else
		m->col.s = (const char *const *)m->s;
	return rc;
}

static void member_clear(struct member *m, size_t n)
{
	for (size_t i = 0; m->s && i < n; i++)
		free(m->s[i]);
	free(m->s);
	free(m->valid);
	free(m->b);
	free(m->i);
	free(m->d);
}

int detections_column(const struct detections *d, const char *name, int bins,
		      struct slice_column *out)
{
	struct slicer *s = slicer_new(name, bins);
	struct member m;
	int rc = member_read(d, name, &m);

	if (!rc)
		rc = slicer_add_column(s, &m.col, (int64_t)d->n);
	if (!rc)
		rc = slicer_finish(s, out);
	member_clear(&m, d->n);
	slicer_free(s);
	return rc;
}
