/* touched.c - gradients of large embeddings, by the rows that a batch touches. */
#include "lib/learn/net/touched.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

enum { BATCHES = 2 }; /* a table goes by rows where it has more than so many batches have */

void touched_plan_init(const struct wiring *wiring, size_t count, size_t batch,
		       struct touched_plan *out)
{
	const struct net_shape *s = wiring->shape;
	size_t at = 0;

	*out = (struct touched_plan){ .whole = xcalloc(s->n_embedded + 1, sizeof(*out->whole)),
				      .tables = xcalloc(s->n_embedded + 1, sizeof(*out->tables)),
				      .by_rows =
					      xcalloc(s->n_embedded + 1, sizeof(*out->by_rows)) };
	for (size_t e = 0; e < s->n_embedded; e++) {
		size_t from = wiring->embeds[e], rows = s->embedded[e].categories + 1;

		out->by_rows[e] = rows / BATCHES > batch;
		if (!out->by_rows[e])
			continue;
		if (at < from)
			out->whole[out->n_whole++] = (struct touched_range){ at, from };
		at = from + rows * s->embedded[e].dim;
		out->tables[out->n_tables++] = (struct touched_range){ from, at };
	}
	out->whole[out->n_whole++] = (struct touched_range){ at, count };
}

void touched_plan_clear(struct touched_plan *p)
{
	free(p->whole);
	free(p->tables);
	free(p->by_rows);
	*p = (struct touched_plan){ 0 };
}

void touched_push(struct touched *t, struct touched_range row)
{
	if (t->n == t->most) {
		t->most = t->most ? 2 * t->most : 1024;
		t->rows = xrealloc(t->rows, t->most * sizeof(*t->rows));
	}
	t->rows[t->n++] = row;
}

void touched_note(const struct touched_plan *p, const struct pass *pass, struct touched *t)
{
	const struct net_shape *s = pass->wiring->shape;

	for (size_t e = 0; p->n_tables && e < s->n_embedded; e++) {
		size_t dim = s->embedded[e].dim;

		for (size_t i = 0; p->by_rows[e] && i < pass->rows; i++) {
			size_t from =
				pass->wiring->embeds[e] + pass->codes[i * s->n_embedded + e] * dim;

			touched_push(t, (struct touched_range){ from, from + dim });
		}
	}
}

void touched_clear(struct touched *t)
{
	free(t->rows);
	*t = (struct touched){ 0 };
}

void touched_add(const struct touched_range *rows, size_t n, struct touched_range range, float *a,
		 float *b)
{
	for (size_t i = 0; i < n; i++) {
		struct touched_range r = touched_within(rows[i], range);

		for (size_t k = r.from; k < r.end; k++) {
			a[k] += b[k];
			b[k] = 0;
		}
	}
}

void touched_zero(const struct touched_range *rows, size_t n, struct touched_range range, float *g)
{
	for (size_t i = 0; i < n; i++) {
		struct touched_range r = touched_within(rows[i], range);

		if (r.from < r.end)
			memset(g + r.from, 0, (r.end - r.from) * sizeof(*g));
	}
}
