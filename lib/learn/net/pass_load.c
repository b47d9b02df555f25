/* pass_load.c - rows of the data become first activations. */
#include <string.h>

#include "lib/learn/net/clones.h"
#include "lib/learn/net/pass.h"

enum {
	AHEAD = 4, /* rows drawn into the first cache before they are wanted */
	LINE = 64,
};

/* Where the first cache line of a row begins, and where the row ends. */
struct stretch {
	const char *from, *end;
};

static struct stretch row_lines(const struct resident *d, uint64_t row)
{
	const char *at = (const char *)(d->x + row * d->ld);

	return (struct stretch){ at - (uintptr_t)at % LINE, at + d->of.inputs * sizeof(float) };
}

static void fetch_near(const struct resident *d, uint64_t row)
{
	struct stretch s = row_lines(d, row);

	for (; s.from < s.end; s.from += LINE)
		__builtin_prefetch(s.from);
}

void pass_fetch(const struct pass *p, const struct resident *d)
{
	for (size_t i = 0; i < p->n_next; i++) {
		struct stretch s = row_lines(d, p->next[i]);

		for (; s.from < s.end; s.from += LINE)
			__builtin_prefetch(s.from, 0, 2);
		if (d->y)
			__builtin_prefetch(d->y + p->next[i] * d->step, 0, 2);
		if (d->w)
			__builtin_prefetch(d->w + p->next[i] * d->step, 0, 2);
	}
}

static bool is_plain(const struct net_shape *s)
{
	for (size_t i = 0; i < s->n_numeric; i++)
		if (s->numeric[i] != i)
			return false;
	return true;
}

CLONED(scaled_row,
       (const float *restrict row, const float *restrict mean, const float *restrict scale,
	float *restrict x, size_t n),
       (row, mean, scale, x, n))
{
	for (size_t k = 0; k < n; k++)
		x[k] = net_scaled(row[k], mean[k], scale[k]);
}

static void load_numeric(const struct wiring *wiring, const float *row, bool plain, float *x)
{
	const struct net_shape *s = wiring->shape;
	const float *mean = wiring->mean, *scale = wiring->scale;

	if (plain)
		scaled_row(row, mean, scale, x, s->n_numeric);
	else
		for (size_t k = 0; k < s->n_numeric; k++)
			x[k] = net_scaled(row[s->numeric[k]], mean[k], scale[k]);
}

static void load_embedded(const struct wiring *wiring, const float *row, size_t *codes, float *x)
{
	const struct net_shape *s = wiring->shape;

	for (size_t e = 0; e < s->n_embedded; e++) {
		const struct net_embedding *of = &s->embedded[e];

		codes[e] = net_category(row[of->input], of->categories);
		memcpy(x, wiring->weights->params + wiring->embeds[e] + codes[e] * of->dim,
		       of->dim * sizeof(float));
		x += of->dim;
	}
}

static void load_labels(struct pass *p, const struct resident *d)
{
	const float *target = p->wiring->target;

	p->w_given = d->w != NULL;
	for (size_t i = 0; i < p->rows; i++) {
		float y = d->y[p->ids[i] * d->step];

		p->y[i] = target ? (y - target[0]) / target[1] : y;
		if (d->w)
			p->w[i] = d->w[p->ids[i] * d->step];
	}
}

void pass_load(struct pass *p, const struct resident *d, size_t rows)
{
	const struct wiring *wiring = p->wiring;
	const struct net_shape *s = wiring->shape;
	bool plain = is_plain(s);

	p->rows = rows;
	for (size_t i = 0; i < rows && i < AHEAD; i++)
		fetch_near(d, p->ids[i]);
	for (size_t i = 0; i < rows; i++) {
		const float *row = d->x + p->ids[i] * d->ld;
		float *x = p->x + i * wiring->ld;

		if (i + AHEAD < rows)
			fetch_near(d, p->ids[i + AHEAD]);
		load_numeric(wiring, row, plain, x);
		load_embedded(wiring, row, p->codes + i * s->n_embedded, x + s->n_numeric);
	}
	if (d->y)
		load_labels(p, d);
}
