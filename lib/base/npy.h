/*
 * npy.h - NumPy's array files, mapped for reading and streamed for writing.
 * Format: numpy.org/doc/stable/reference/generated/numpy.lib.format.html, version 1.0.
 */
#ifndef MICH_BASE_NPY_H
#define MICH_BASE_NPY_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum npy_type { NPY_F4, NPY_F8, NPY_I4, NPY_I8, NPY_U1 };

struct npy {
	enum npy_type type;
	int64_t rows, cols; /* cols is 1 for a vector */
	const void *data;   /* (rows, cols) row-major, read-only, mapped */
	void *map;
	size_t map_bytes;
};

/* Map a file. Refuses what is not little-endian, C order, 1 or 2 dimensions, or too short. */
int npy_open(const char *path, struct npy *a);
void npy_close(struct npy *a);

/* Write rows one block after the other; the header is written again when the count is known. */
struct npy_writer {
	FILE *f;
	char *path;
	enum npy_type type;
	int64_t rows, cols; /* cols 0: a vector */
};
int npy_create(const char *path, enum npy_type type, int64_t cols, struct npy_writer *w);
int npy_append(struct npy_writer *w, const void *data, int64_t rows);
int npy_finish(struct npy_writer *w); /* closes; on any failure the file is removed */

/*
 * A new file of so many rows, mapped to be filled in any order; cols 0: a vector. Its place on the disk
 * is taken at once. data (rows, cols) is zero; NULL where there are no rows. ERR_IO.
 */
struct npy_room {
	void *data, *map;
	size_t map_bytes;
};
int npy_room_open(const char *path, enum npy_type type, int64_t rows, int64_t cols,
		  struct npy_room *out);
void npy_room_close(struct npy_room *r);

#endif
