/* benchrows.h - rows held in memory to be scored again and again, in pieces of any size. */
#ifndef MICH_MAKE_BENCH_BENCHROWS_H
#define MICH_MAKE_BENCH_BENCHROWS_H

#include <stdint.h>

#include "lib/base/frame.h"
#include "lib/model/contract.h"

struct benchrows {
	struct frame_column *cols; /* (n) of own memory, n as the contract has columns */
	size_t n;
	int64_t rows; /* that are held; repeated ones too */
	int64_t real; /* different ones: rows of the source */
	int64_t cap;
};

#define BENCHROWS_INIT \
	{              \
		0      \
	}

/*
 * The first `rows` rows of a table's file, the contract's columns of them; repeated until there are at
 * least `least`. A file that ends in .jsonl is read without DuckDB. ERR_INPUT: no rows, a column is
 * missing.
 */
int benchrows_read(const struct contract *c, const char *path, int64_t rows, int64_t least,
		   struct benchrows *out);

/* Rows made up out of the contract's ranges and categories, the same for one contract everywhere. */
int benchrows_make(const struct contract *c, int64_t rows, int64_t least, struct benchrows *out);

/* The rows as JSON lines, which benchrows_read takes wherever mich is. */
int benchrows_write(const struct benchrows *b, const char *path);

void benchrows_clear(struct benchrows *b);

/* Rows [at, at + n), borrowed; cols is room for b->n columns. */
void benchrows_slice(const struct benchrows *b, int64_t at, int64_t n, struct frame_column *cols,
		     struct frame *out);

#endif
