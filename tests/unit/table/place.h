/* place.h - where the table tests find the engine, and a folder of their own. */
#ifndef MICH_TEST_TABLE_PLACE_H
#define MICH_TEST_TABLE_PLACE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"

static char place_dir[] = "/tmp/mich-table.XXXXXX";

/* build/tests/unit/table/x -> build/engines; a variable that is set wins. */
static inline int place_make(void **state)
{
	char exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	char *path;

	(void)state;
	if (n < 0 || !mkdtemp(place_dir))
		return -1;
	exe[n] = '\0';
	for (int up = 0; up < 4; up++)
		*strrchr(exe, '/') = '\0';
	path = path_join(exe, "engines/libduckdb.so");
	setenv("MICH_DUCKDB", path, 0);
	free(path);
	return 0;
}

static inline int place_remove(void **state)
{
	(void)state;
	return file_remove_tree(place_dir);
}

/* A path in the folder; for the length of the test. */
static inline char *place_path(const char *name)
{
	static char paths[1024][512];
	static int at;
	char *out = paths[at++ % 1024];

	snprintf(out, sizeof paths[0], "%s/%s", place_dir, name);
	return out;
}

static inline char *place_write(const char *name, const char *text)
{
	char *path = place_path(name);

	if (file_make_parents(path) || file_write(path, text, strlen(text)))
		abort();
	return path;
}

#endif
