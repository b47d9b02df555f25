/* sqlite.c - any bytes as a SQLite file whose only table is read. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/index/rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void read_all(struct rows *r)
{
	unsigned *seen = calloc(rows_columns(r) + 1, sizeof *seen);
	size_t len, sum = 0;

	if (seen && rows_survey(r, seen) == 0)
		for (int i = 0; i < 10000 && rows_next(r) > 0; i++)
			for (size_t c = 0; c < rows_columns(r); c++)
				if (rows_kind(r, c) == ROWS_TEXT)
					sum += (unsigned char)*rows_text(r, c, &len) + len;
	if (sum == SIZE_MAX)
		abort();
	free(seen);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct rows *r;
	char path[64];

	if (fd < 0)
		return 0;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (file_write_fd(fd, data, n) == 0 && rows_open(path, NULL, &r) == 0) {
		read_all(r);
		rows_close(r);
	}
	close(fd);
	return 0;
}
