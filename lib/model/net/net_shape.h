/*
 * net_shape.h - what a net is, without its weights: the member "net" of model.json, and where each
 * tensor lies in one flat buffer. Training and scoring are held to the order of operations here.
 *
 * A row of the matrix (inputs floats) becomes the first activations: each numeric input scaled
 * (net_scaled), then each embedded one's row of its table (net_category). Every hidden layer is
 *
 *	z = W a + b;  z = norm(z) * weight + bias;  a = activation(z);  dropout, in training alone
 *
 * and the output is head(W a + b); an identity head's is then target.mean + target.scale * that.
 * Batch norm: (z - mean) / sqrt(var + NET_EPSILON), mean and var over the batch in training, the
 * running ones else. Layer norm: the same over the units of the row. Activations are PyTorch's:
 * gelu by erf.
 */
#ifndef MICH_MODEL_NET_NET_SHAPE_H
#define MICH_MODEL_NET_NET_SHAPE_H

#include <stddef.h>

#include "lib/base/json.h"
#include "lib/model/net/net_kinds.h"

enum {
	NET_INPUTS_MAX = 1 << 17,
	NET_HIDDEN_MAX = 64,
	NET_UNITS_MAX = 1 << 16,
	NET_CATEGORIES_MAX = 1 << 24, /* codes are floats: whole ones up to here */
	NET_FLOATS_MAX = 1 << 30,     /* of all tensors together */
};

struct net_embedding {
	size_t input;
	size_t categories; /* codes 0 to categories - 1; the table has one row more, the last: missing or unknown */
	size_t dim;
};

struct net_hidden {
	size_t units;
	enum net_activation activation;
	enum net_norm norm;
	double dropout; /* share of units, 0 to below 1 */
};

struct net_shape {
	size_t inputs;	 /* floats a row of the matrix */
	size_t *numeric; /* (n_numeric) inputs */
	size_t n_numeric;
	struct net_embedding *embedded; /* (n_embedded) */
	size_t n_embedded;
	struct net_hidden *hidden; /* (n_hidden) none: a linear model */
	size_t n_hidden;
	size_t outputs; /* 1, or one a class with NET_SOFTMAX */
	enum net_head head;
};

#define NET_SHAPE_INIT \
	{              \
		0      \
	}

void net_shape_clear(struct net_shape *s);
void net_shape_copy(const struct net_shape *s, struct net_shape *out);
bool net_shape_equal(const struct net_shape *a, const struct net_shape *b);

/* Put one more behind the others. */
void net_shape_numeric(struct net_shape *s, size_t input);
void net_shape_embedded(struct net_shape *s, struct net_embedding e);
void net_shape_hidden(struct net_shape *s, struct net_hidden h);

/*
 * ERR_INPUT says what is impossible: an input that the matrix does not have or that is used twice,
 * no units, a softmax of one output, a net too large. What net_shape_parse gives has passed.
 */
int net_shape_check(const struct net_shape *s);

/*
 * {"inputs":{"numeric":[0,2],"embedded":[{"input":1,"categories":9,"dim":4}]},
 *  "hidden":[{"units":128,"activation":"relu","norm":"none","dropout":0.0}],
 *  "outputs":1,"head":"logistic"}
 * A new reference.
 */
json_t *net_shape_json(const struct net_shape *s);
/* For a matrix of so many inputs. ERR_CORRUPT names what is wrong; out is then cleared. */
int net_shape_parse(const json_t *v, size_t inputs, struct net_shape *out);

/* Names as in the JSON; NULL: not known. ERR_INPUT lists the names there are. */
int net_activation_parse(const char *name, enum net_activation *out);
int net_norm_parse(const char *name, enum net_norm *out);
int net_head_parse(const char *name, enum net_head *out);
const char *net_activation_name(enum net_activation a);
const char *net_norm_name(enum net_norm n);
const char *net_head_name(enum net_head h);

/* The first activations: numeric inputs and dims of the embedded ones. */
size_t net_shape_width(const struct net_shape *s);

struct net_tensor {
	char name[32]; /* "layer.0.weight" */
	size_t dims[2], n_dims;
	size_t offset, count; /* floats */
};

struct net_tensors {
	struct net_tensor *v; /* (n) one behind the other, without a gap */
	size_t n;
	size_t count; /* floats of all */
};

/*
 * What is trained, in this order: embed.I.weight (categories + 1, dim) for the I-th embedded input;
 * for the L-th hidden layer layer.L.weight (units, width below), layer.L.bias (units) and, where it
 * has a norm, norm.L.weight, norm.L.bias (units); output.weight (outputs, width below), output.bias.
 */
void net_shape_params(const struct net_shape *s, struct net_tensors *out);
/*
 * What is measured, not trained: input.mean, input.scale (numeric inputs, where there are any);
 * norm.L.mean, norm.L.var (units) of batch norms; target.mean, target.scale (1) of an identity head.
 */
void net_shape_stats(const struct net_shape *s, struct net_tensors *out);
void net_tensors_clear(struct net_tensors *t);
const struct net_tensor *net_tensors_find(const struct net_tensors *t, const char *name);

#endif
