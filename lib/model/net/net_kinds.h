/*
 * net_kinds.h - the words of a net, and how a row becomes its first activations. Includes nothing, so that
 * code for other devices may include it.
 */
#ifndef MICH_MODEL_NET_NET_KINDS_H
#define MICH_MODEL_NET_NET_KINDS_H

#include <stddef.h>

/* A function that is the same on every device, to the last bit where nothing is contracted. */
#ifdef __CUDACC__
#define NET_INLINE static __host__ __device__ __forceinline__
#else
#define NET_INLINE static inline __attribute__((always_inline))
#endif

#define NET_EPSILON 1e-5f
#define NET_FAR 3.402823466e+38f /* FLT_MAX */

enum net_activation { NET_RELU, NET_GELU, NET_TANH };
enum net_norm { NET_NORM_NONE, NET_NORM_BATCH, NET_NORM_LAYER };
enum net_head { NET_IDENTITY, NET_LOGISTIC, NET_SOFTMAX, NET_EXP };

/*
 * A numeric input as the first layer sees it: 0 where it is missing, and where it is further out than a
 * float goes, which the matrix holds as +-FLT_MAX: one of those would be all that a layer sees.
 */
NET_INLINE float net_scaled(float x, float mean, float scale)
{
	float v = (x - mean) * scale;

	return v == v && x < NET_FAR && x > -NET_FAR ? v : 0;
}

/* The row of an embedding's table for a code: the last one for NaN and what is no code. */
NET_INLINE size_t net_category(float x, size_t categories)
{
	return x >= 0 && x < (float)categories ? (size_t)x : categories;
}

#endif
