/* rails.c - lanes stay where they are; a lane that ended is used again by the next that opens. */
#include "lib/cli/rails.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

static size_t lane_find(const struct rails *r, size_t item)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->lanes[i] == item)
			return i;
	return r->n;
}

/* Let a free lane lead to item, or a new one. */
static size_t lane_open(struct rails *r, size_t item)
{
	size_t i = lane_find(r, RAILS_FREE);

	if (i == r->n) {
		ARRAY_GROW(r->lanes, r->n, r->cap);
		r->n++;
	}
	r->lanes[i] = item;
	return i;
}

static void trim(struct rails *r)
{
	while (r->n && r->lanes[r->n - 1] == RAILS_FREE)
		r->n--;
}

/* The lanes, with mark in the one at. */
static void add_lanes(const struct rails *r, size_t at, char mark, struct buf *out)
{
	for (size_t i = 0; i < r->n; i++) {
		buf_addch(out, i == at ? mark : r->lanes[i] == RAILS_FREE ? ' ' : '|');
		buf_addch(out, ' ');
	}
}

static void add_text(const struct rails *r, size_t at, const char *text, struct buf *out)
{
	for (bool first = true; *text; first = false) {
		const char *end = strchr(text, '\n');
		size_t n = end ? (size_t)(end - text) + 1 : strlen(text);

		add_lanes(r, at, first ? '*' : '|', out);
		buf_add(out, text, n);
		text += n;
	}
}

static void end_line(struct buf *out)
{
	while (out->len && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
	buf_addch(out, '\n');
}

static void add_gap(const struct rails *r, size_t at, struct buf *out)
{
	add_lanes(r, at, ' ', out);
	end_line(out);
}

/* The row from lane at to the lanes marked in row: marks[i] is '.', '+', or 0. */
static void add_row(const struct rails *r, size_t at, char *marks, struct buf *out)
{
	size_t left = at, right = at;

	for (size_t i = 0; i < r->n; i++)
		if (marks[i]) {
			left = i < left ? i : left;
			right = i > right ? i : right;
		}
	if (left == right)
		return;
	if (!marks[at])
		marks[at] = r->lanes[at] == RAILS_FREE ? '\'' : '|';
	for (size_t i = 0; i < r->n; i++) {
		bool inside = i >= left && i < right;
		char empty = i > left && i < right ? '-' : ' ';

		buf_addch(out, marks[i] ? marks[i] : r->lanes[i] == RAILS_FREE ? empty : '|');
		buf_addch(out, inside ? '-' : ' ');
	}
	end_line(out);
}

void rails_item(struct rails *r, size_t item, const size_t *parents, size_t n, const char *text,
		struct buf *out)
{
	size_t at = lane_find(r, item);
	char *marks = xcalloc(r->n + n + 1, 1);

	if (at == r->n)
		at = lane_open(r, item);
	if (r->ended == at + 1) /* or it would look like what the item above came from */
		add_gap(r, at, out);
	add_text(r, at, text, out);
	r->lanes[at] = RAILS_FREE;
	for (size_t i = 0; i < n; i++) {
		size_t lane = lane_find(r, parents[i]);

		if (lane < r->n)
			marks[lane] = '+';
		else if (r->lanes[at] == RAILS_FREE)
			r->lanes[at] = parents[i]; /* straight below */
		else
			marks[lane_open(r, parents[i])] = '.';
	}
	add_row(r, at, marks, out);
	free(marks);
	r->ended = n ? 0 : at + 1;
	trim(r);
}

void rails_clear(struct rails *r)
{
	free(r->lanes);
	*r = (struct rails)RAILS_INIT;
}
