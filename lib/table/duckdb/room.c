/* room.c - memory for one column of a frame. */
#include "lib/table/duckdb/room.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/table/duckdb/duckdb.h"

void room_init(struct room *r, enum frame_type type, size_t rows)
{
	static const size_t size[] = { [FRAME_BOOL] = 1,
				       [FRAME_INT] = 8,
				       [FRAME_DOUBLE] = 8,
				       [FRAME_STRING] = sizeof(char *),
				       [FRAME_TIME] = 8 };

	memset(r, 0, sizeof *r);
	r->type = type;
	r->data = xcalloc(rows, size[type]);
	r->valid = xcalloc(rows, 1);
}

void room_clear(struct room *r)
{
	free(r->data);
	free(r->valid);
	free(r->text);
	memset(r, 0, sizeof *r);
}

void room_reset(struct room *r)
{
	r->missing = false;
	r->len = 0;
}

static void copy_valid(struct room *r, size_t at, const uint64_t *valid, size_t n)
{
	if (!valid) {
		memset(r->valid + at, 1, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		r->valid[at + i] = duck_valid(valid, i);
	r->missing |= memchr(r->valid + at, 0, n) != NULL;
}

/* Strings move when text grows, so rows hold offsets until the frame is complete. */
static void copy_strings(struct room *r, size_t at, const struct duck_string *s, size_t n)
{
	uintptr_t *offset = r->data;
	size_t total = 0;

	for (size_t i = 0; i < n; i++)
		if (r->valid[at + i])
			total += s[i].length + 1;
	if (r->len + total > r->cap) {
		r->cap = (r->len + total) * 2;
		r->text = xrealloc(r->text, r->cap);
	}
	for (size_t i = 0; i < n; i++) {
		if (!r->valid[at + i])
			continue;
		offset[at + i] = r->len;
		memcpy(r->text + r->len, duck_string_data(&s[i]), s[i].length);
		r->text[r->len + s[i].length] = '\0';
		r->len += s[i].length + 1;
	}
}

void room_add(struct room *r, size_t at, void *vector, size_t n)
{
	const void *data = duck.vector_get_data(vector);

	copy_valid(r, at, duck.vector_get_validity(vector), n);
	if (r->type == FRAME_STRING)
		copy_strings(r, at, data, n);
	else if (r->type == FRAME_BOOL)
		memcpy((uint8_t *)r->data + at, data, n);
	else
		memcpy((int64_t *)r->data + at, data, n * sizeof(int64_t));
}

void room_finish(struct room *r, size_t n)
{
	uintptr_t *offset = r->data;
	const char **out = r->data;

	for (size_t i = 0; r->type == FRAME_STRING && i < n; i++)
		out[i] = r->valid[i] ? r->text + offset[i] : NULL;
}
