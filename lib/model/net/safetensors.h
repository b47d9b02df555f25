/*
 * safetensors.h - named tensors in one file, as Python's safetensors reads and writes them.
 * Format: github.com/huggingface/safetensors: 8 bytes of length, a JSON header, the numbers.
 */
#ifndef MICH_MODEL_NET_SAFETENSORS_H
#define MICH_MODEL_NET_SAFETENSORS_H

#include <stddef.h>

#include "lib/base/json.h"

enum { SAFETENSORS_DIMS = 8, SAFETENSORS_HEADER_MAX = 100 << 20 };

enum safetensors_type { SAFETENSORS_F32, SAFETENSORS_I64, SAFETENSORS_U8, SAFETENSORS_OTHER };

struct safetensor {
	const char *name;
	enum safetensors_type type; /* OTHER: half floats and the like, known by their size alone */
	size_t dims[SAFETENSORS_DIMS];
	size_t n_dims; /* 0: one number */
	size_t bytes;
	const void *data; /* little-endian, row-major; not aligned in a file of somebody else's */
};

struct safetensors {
	struct safetensor *v; /* (n) in the order of their data; names are owned, data borrowed */
	size_t n;
	json_t *metadata; /* string to string; NULL: none */
};

/*
 * Read n bytes, which out borrows. What Python's reader refuses is refused: holes, overlaps and
 * bytes left over in the data, duplicate names, a size that is not the shape's. ERR_CORRUPT.
 * safetensors_clear in any case.
 */
int safetensors_parse(const void *data, size_t n, struct safetensors *out);
void safetensors_clear(struct safetensors *s);

const struct safetensor *safetensors_find(const struct safetensors *s, const char *name);

/*
 * Copy the F32 tensor of that name and shape to out. ERR_CORRUPT: there is none, or of another type
 * or shape; says which.
 */
int safetensors_floats(const struct safetensors *s, const char *name, const size_t *dims,
		       size_t n_dims, float *out);

/*
 * Write F32, I64 and U8 tensors to path in the order given, atomically. metadata (may be NULL)
 * holds strings. The same arguments give the same bytes; the numbers begin at a multiple of 8.
 * Put the wider types first: readers that map the file want them aligned. ERR_IO.
 */
int safetensors_write(const char *path, const struct safetensor *v, size_t n,
		      const json_t *metadata);

/* The same bytes, appended. */
void safetensors_put(const struct safetensor *v, size_t n, const json_t *metadata, struct buf *out);

#endif
