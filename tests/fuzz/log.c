/* log.c - fuzz the end of a program's log: any bytes, any number of lines; no control code comes out. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/launch/process.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	int fd = memfd_create("log", MFD_CLOEXEC), lines = n ? data[0] % 8 : 0, seen = 1;
	char path[64], *tail;

	if (fd < 0 || file_write_fd(fd, data, n) < 0)
		abort();
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	tail = process_log_tail(path, lines);
	for (const char *p = tail; *p; p++) {
		if ((unsigned char)*p < ' ' && *p != '\n' && *p != '\t')
			abort();
		seen += *p == '\n';
	}
	if (*tail && seen > lines)
		abort();
	free(tail);
	close(fd);
	return 0;
}
