/* outputs.h - the tensors of a server's answer in JSON, as columns. The server is not trusted. */
#ifndef MICH_SERVE_CLIENT_OUTPUTS_H
#define MICH_SERVE_CLIENT_OUTPUTS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/frame.h"

struct outputs {
	json_t *answer; /* owns the names and the text of the columns */
	struct frame_column *cols;
	void **cells; /* (n) */
	uint8_t **valid;
	size_t n;
};

/* INT8 to UINT64 are ints, FP16 to FP64 doubles, BOOL, BYTES text. ERR_CORRUPT: another name. */
int outputs_type(const char *name, enum frame_type *out);

/*
 * Read an answer to a request of so many rows into a cleared *out, which is to be cleared either
 * way. ERR_CORRUPT, ERR_INPUT: it is no such answer.
 */
int outputs_read(struct outputs *out, const char *text, size_t n, int64_t rows);
void outputs_clear(struct outputs *o);

#endif
