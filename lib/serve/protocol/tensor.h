/*
 * tensor.h - tensors of the Open Inference Protocol: their types, and their bytes as they lie behind
 * a request's JSON (little-endian, row-major; of BYTES each with its length in four bytes before).
 */
#ifndef MICH_SERVE_PROTOCOL_TENSOR_H
#define MICH_SERVE_PROTOCOL_TENSOR_H

#include <stddef.h>
#include <stdint.h>

#include "lib/serve/desk/sheet.h"

enum tensor_type {
	TENSOR_BOOL,
	TENSOR_UINT8,
	TENSOR_UINT16,
	TENSOR_UINT32,
	TENSOR_UINT64,
	TENSOR_INT8,
	TENSOR_INT16,
	TENSOR_INT32,
	TENSOR_INT64,
	TENSOR_FP16,
	TENSOR_BF16,
	TENSOR_FP32,
	TENSOR_FP64,
	TENSOR_BYTES,
	TENSOR_TYPES,
};

int tensor_type_parse(const char *name, size_t n, enum tensor_type *out); /* ERR_INPUT */

/* Where elements go: element i to row i / width, column first + i % width. */
struct tensor_place {
	size_t column;
	size_t width;
	int64_t rows;
};

/*
 * Put rows x width elements of n bytes into columns that are open. ERR_NO: n is not what they
 * take; ERR_INPUT as sheet_put_number.
 */
int tensor_bytes_put(enum tensor_type type, const char *data, size_t n,
		     const struct tensor_place *to, struct sheet *s);
/* The same from a list of JSON, flat or nested in any way that has as many elements. */
int tensor_json_put(enum tensor_type type, struct jsonscan *scan, const struct tensor_place *to,
		    struct sheet *s);

#endif
