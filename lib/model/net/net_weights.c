/* net_weights.c - a net's weights in memory and in a file. */
#include "lib/model/net/net_weights.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/model/net/safetensors.h"

static bool begins_as_one(const char *name)
{
	return path_ends_with(name, ".scale") || path_ends_with(name, ".var") ||
	       (!strncmp(name, "norm.", 5) && path_ends_with(name, ".weight"));
}

static void fill_ones(const struct net_tensors *t, float *v)
{
	for (size_t i = 0; i < t->n; i++)
		for (size_t j = 0; begins_as_one(t->v[i].name) && j < t->v[i].count; j++)
			v[t->v[i].offset + j] = 1;
}

int net_weights_init(const struct net_shape *s, struct net_weights *out)
{
	struct net_tensors params, stats;
	int rc;

	*out = (struct net_weights)NET_WEIGHTS_INIT;
	net_shape_params(s, &params);
	net_shape_stats(s, &stats);
	out->n_params = params.count;
	out->n_stats = stats.count;
	if (!(rc = mem_alloc(params.count, sizeof(float), &out->params)) &&
	    !(rc = mem_alloc(stats.count + 1, sizeof(float), &out->stats))) {
		fill_ones(&params, out->params);
		fill_ones(&stats, out->stats);
	} else {
		net_weights_clear(out);
	}
	net_tensors_clear(&params);
	net_tensors_clear(&stats);
	return rc;
}

void net_weights_clear(struct net_weights *w)
{
	free(w->params);
	free(w->stats);
	*w = (struct net_weights)NET_WEIGHTS_INIT;
}

static int fill(const struct safetensors *file, const struct net_tensors *t, float *v)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct net_tensor *e = &t->v[i];
		int rc = safetensors_floats(file, e->name, e->dims, e->n_dims, v + e->offset);

		if (rc < 0)
			return rc;
	}
	return 0;
}

int net_weights_parse(const struct net_shape *s, const void *data, size_t n,
		      struct net_weights *out)
{
	struct net_tensors params, stats;
	struct safetensors file;
	int rc = safetensors_parse(data, n, &file);

	*out = (struct net_weights)NET_WEIGHTS_INIT;
	net_shape_params(s, &params);
	net_shape_stats(s, &stats);
	/* A file that is too short for the shape takes no memory for it. */
	if (!rc && n / sizeof(float) < params.count + stats.count)
		rc = error_set(ERR_CORRUPT, "it has %zu bytes, the net has %zu weights", n,
			       params.count + stats.count);
	if (!rc)
		rc = net_weights_init(s, out);
	if (!rc && ((rc = fill(&file, &params, out->params)) < 0 ||
		    (rc = fill(&file, &stats, out->stats)) < 0))
		net_weights_clear(out);
	net_tensors_clear(&params);
	net_tensors_clear(&stats);
	safetensors_clear(&file);
	return rc;
}

int net_weights_read(const struct net_shape *s, const char *path, struct net_weights *out)
{
	struct buf b = BUF_INIT;
	int rc = file_read(path, &b);

	*out = (struct net_weights)NET_WEIGHTS_INIT;
	if (!rc && (rc = net_weights_parse(s, b.data, b.len, out)) < 0)
		error_wrap(rc, "'%s'", path);
	buf_clear(&b);
	return rc;
}

static size_t put(const struct net_tensors *t, const float *values, struct safetensor *out)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct net_tensor *e = &t->v[i];

		out[i] = (struct safetensor){ .name = e->name,
					      .type = SAFETENSORS_F32,
					      .dims = { e->dims[0], e->dims[1] },
					      .n_dims = e->n_dims,
					      .bytes = e->count * sizeof(float),
					      .data = values + e->offset };
	}
	return t->n;
}

/* Params, then stats, in one list; to be freed. */
static struct safetensor *tensors_of(const struct net_shape *s, const struct net_weights *w,
				     struct net_tensors *params, struct net_tensors *stats,
				     size_t *n_out)
{
	struct safetensor *v;

	net_shape_params(s, params);
	net_shape_stats(s, stats);
	v = xcalloc(params->n + stats->n, sizeof(*v));
	*n_out = put(params, w->params, v);
	*n_out += put(stats, w->stats, v + *n_out);
	return v;
}

int net_weights_write(const struct net_shape *s, const struct net_weights *w, const char *path)
{
	json_t *metadata = json_pack("{s:s}", "format", "pt");
	struct net_tensors params, stats;
	size_t n;
	struct safetensor *v = tensors_of(s, w, &params, &stats, &n);
	int rc = safetensors_write(path, v, n, metadata);

	free(v);
	net_tensors_clear(&params);
	net_tensors_clear(&stats);
	json_decref(metadata);
	return rc;
}

void net_weights_put(const struct net_shape *s, const struct net_weights *w, struct buf *out)
{
	json_t *metadata = json_pack("{s:s}", "format", "pt");
	struct net_tensors params, stats;
	size_t n;
	struct safetensor *v = tensors_of(s, w, &params, &stats, &n);

	safetensors_put(v, n, metadata, out);
	free(v);
	net_tensors_clear(&params);
	net_tensors_clear(&stats);
	json_decref(metadata);
}
