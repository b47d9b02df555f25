/* litter.c - names before and after, and who still holds what is new. */
#define _GNU_SOURCE
#include "lib/launch/litter.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/stray.h"

void litter_list(const char *dir, struct strlist *out)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (!strncmp(e->d_name, "nccl-", 5))
			strlist_add(out, e->d_name);
	if (d)
		closedir(d);
}

static bool maps(const char *pid, const char *path)
{
	char *name = xasprintf("/proc/%s/maps", pid), *line = NULL;
	FILE *f = fopen(name, "re");
	bool found = false;
	size_t cap = 0;

	while (f && !found && getline(&line, &cap, f) > 0)
		found = strstr(line, path) != NULL;
	if (f)
		fclose(f);
	free(line);
	free(name);
	return found;
}

static bool is_held(const char *path, const struct stat *file)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	bool held = !d; /* nothing is known */

	while (d && !held && (e = readdir(d)))
		held = isdigit((unsigned char)e->d_name[0]) &&
		       (maps(e->d_name, path) || stray_opens(e->d_name, file));
	if (d)
		closedir(d);
	return held;
}

void litter_clear(const char *dir, const struct strlist *before)
{
	struct strlist now = STRLIST_INIT;
	struct stat st;

	litter_list(dir, &now);
	for (size_t i = 0; i < now.n; i++) {
		char *path = path_join(dir, now.v[i]);

		if (!strlist_has(before, now.v[i]) && lstat(path, &st) == 0 &&
		    S_ISREG(st.st_mode) && st.st_uid == geteuid() && !is_held(path, &st))
			unlink(path);
		free(path);
	}
	strlist_clear(&now);
}
