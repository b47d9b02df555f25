/* resume.c - look through a folder of checkpoints. */
#define _GNU_SOURCE
#include "lib/launch/ranks/resume.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"

static bool is_complete(const char *name)
{
	return name[0] != '.' && !path_ends_with(name, ".tmp") && !path_ends_with(name, ".partial");
}

static bool is_newer(const struct stat *a, const struct stat *b)
{
	if (a->st_mtim.tv_sec != b->st_mtim.tv_sec)
		return a->st_mtim.tv_sec > b->st_mtim.tv_sec;
	return a->st_mtim.tv_nsec > b->st_mtim.tv_nsec;
}

char *resume_find(const char *dir)
{
	DIR *d = opendir(dir);
	struct stat best = { 0 }, st;
	char *found = NULL;
	struct dirent *e;

	while (d && (e = readdir(d))) {
		char *path;

		if (!is_complete(e->d_name))
			continue;
		path = path_join(dir, e->d_name);
		if (stat(path, &st) == 0 && (!found || is_newer(&st, &best))) {
			free(found);
			found = path;
			best = st;
		} else {
			free(path);
		}
	}
	if (d)
		closedir(d);
	return found;
}
