/* gpu_data.c - rows on the device: put there once, whole, and read from there ever after. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/cuda/gpu_training.h"

enum { RESERVE = 512 << 20 }; /* left free for what libraries take later */

static bool is_same(const struct net_data *a, const struct net_data *b)
{
	return a->x == b->x && a->y == b->y && a->w == b->w && a->rows == b->rows &&
	       a->inputs == b->inputs;
}

static size_t room(const struct gpu_trainer *t)
{
	size_t left = device_free_bytes(t->device);

	if (!t->o.resident_bytes)
		return left > RESERVE ? left - RESERVE : 0;
	left = t->o.resident_bytes > t->resident ? t->o.resident_bytes - t->resident : 0;
	return left;
}

/* Both at once: the part of `to` that the next array has, and its bytes there. */
static int put(struct gpu_trainer *t, struct gpu_data *g, size_t *at, const float *from, size_t n,
	       float **out)
{
	float *to = (float *)g->memory + *at;
	int rc = 0;

	*out = NULL;
	if (!from)
		return 0;
	*out = to;
	*at += n;
	if (g->pinned)
		memcpy(to, from, n * sizeof *from);
	else
		rc = device_put(t->device, to, from, n * sizeof *from);
	t->uploaded += g->pinned || rc ? 0 : n * sizeof *from;
	return rc;
}

static float *seen(const struct gpu_data *g, const char *device, float *host)
{
	return host ? (float *)(device + ((char *)host - (char *)g->memory)) : NULL;
}

static int fill(struct gpu_trainer *t, struct gpu_data *g)
{
	const struct net_data *d = &g->of;
	void *device = NULL;
	size_t at = 0;
	int rc;

	g->pinned = g->bytes > room(t);
	rc = g->pinned ? device_pinned(t->device, g->bytes, &g->memory, &device)
		       : device_alloc(t->device, g->bytes, &g->memory);
	if (!rc)
		rc = put(t, g, &at, d->x, d->rows * d->inputs, &g->x);
	if (!rc)
		rc = put(t, g, &at, d->y, d->rows, &g->y);
	if (!rc)
		rc = put(t, g, &at, d->w, d->rows, &g->w);
	if (rc || !g->pinned)
		return rc;
	g->x = seen(g, device, g->x);
	g->y = seen(g, device, g->y);
	g->w = seen(g, device, g->w);
	return 0;
}

static void data_free(struct gpu_trainer *t, struct gpu_data *g)
{
	if (g->pinned)
		device_pinned_free(t->device, g->memory);
	else
		device_free(t->device, g->memory);
	free(g);
}

int gpu_data_find(struct gpu_trainer *t, const struct net_data *d, struct gpu_data **out)
{
	struct gpu_data *g;
	size_t floats = d->rows * (d->inputs + (d->y != NULL) + (d->w != NULL));
	int rc;

	for (size_t i = 0; i < t->n_data; i++)
		if (is_same(&t->data[i]->of, d)) {
			*out = t->data[i];
			return 0;
		}
	g = xcalloc(1, sizeof *g);
	g->of = *d;
	g->bytes = floats * sizeof(float);
	rc = fill(t, g);
	if (rc) {
		data_free(t, g);
		return rc;
	}
	t->resident += g->pinned ? 0 : g->bytes;
	t->pinned += g->pinned ? g->bytes : 0;
	ARRAY_GROW(t->data, t->n_data, t->cap_data);
	t->data[t->n_data++] = g;
	*out = g;
	return 0;
}

void gpu_data_clear(struct gpu_trainer *t)
{
	for (size_t i = 0; i < t->n_data; i++)
		data_free(t, t->data[i]);
	free(t->data);
	t->data = NULL;
	t->n_data = 0;
}
