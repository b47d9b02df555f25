/*
 * net_weights.h - the numbers of a net: two flat buffers as net_shape.h lays them out, and the
 * .safetensors file that holds them.
 */
#ifndef MICH_MODEL_NET_NET_WEIGHTS_H
#define MICH_MODEL_NET_NET_WEIGHTS_H

#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/model/net/net_shape.h"

struct net_weights {
	float *params; /* net_shape_params */
	float *stats;  /* net_shape_stats */
	size_t n_params, n_stats;
};

#define NET_WEIGHTS_INIT \
	{                \
		0        \
	}

/* Zeroes, but 1 for input.scale, target.scale, norm.L.var and norm.L.weight. ERR_FAIL: no memory. */
int net_weights_init(const struct net_shape *s, struct net_weights *out);
void net_weights_clear(struct net_weights *w);

/*
 * The tensors of a file; further ones are passed over. ERR_CORRUPT: one is missing or of another
 * shape. out is cleared on failure.
 */
int net_weights_parse(const struct net_shape *s, const void *data, size_t n,
		      struct net_weights *out);
int net_weights_read(const struct net_shape *s, const char *path, struct net_weights *out);

/* Params, then stats, atomically; the bytes depend on the arguments alone. */
int net_weights_write(const struct net_shape *s, const struct net_weights *w, const char *path);

/* The same bytes, appended. */
void net_weights_put(const struct net_shape *s, const struct net_weights *w, struct buf *out);

#endif
