/* checkpoints.c - folders that move between runs. */
#define _GNU_SOURCE
#include "lib/record/run/checkpoints.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/record/inside.h"

enum { KEPT_S = 30 * 24 * 3600 };

static const char *const PARTS[] = { "checkpoint", "events.jsonl" };

static char *kept_dir(struct repo *r, const char *fingerprint)
{
	return xasprintf("%s/checkpoints/%s", r->mich_dir, fingerprint);
}

/* Of one folder to another, as far as there are any; false: no first part. */
static bool move(const char *from, const char *to)
{
	bool moved = false;

	for (size_t i = 0; i < ARRAY_LEN(PARTS) && (!i || moved); i++) {
		char *a = path_join(from, PARTS[i]), *b = path_join(to, PARTS[i]);

		moved = rename(a, b) == 0 || moved;
		free(a);
		free(b);
	}
	return moved;
}

static bool has_entries(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	bool some = false;

	while (d && !some && (e = readdir(d)))
		some = e->d_name[0] != '.';
	if (d)
		closedir(d);
	return some;
}

bool checkpoints_keep(struct repo *r, const char *fingerprint, const char *run_dir)
{
	char *from = path_join(run_dir, PARTS[0]), *to = kept_dir(r, fingerprint);
	bool kept = false;

	if (*fingerprint && has_entries(from)) {
		file_remove_tree(to);
		kept = file_make_dirs(to) == 0 && move(run_dir, to);
	}
	error_clear();
	free(from);
	free(to);
	return kept;
}

static void throw_old_away(struct repo *r)
{
	char *dir = path_join(r->mich_dir, "checkpoints");
	DIR *d = opendir(dir);
	struct dirent *e;
	struct stat st;

	while (d && (e = readdir(d))) {
		char *path = path_join(dir, e->d_name);

		if (e->d_name[0] != '.' && stat(path, &st) == 0 &&
		    st.st_mtime < time(NULL) - KEPT_S)
			file_remove_tree(path);
		free(path);
	}
	if (d)
		closedir(d);
	free(dir);
}

bool checkpoints_take(struct repo *r, const char *fingerprint, const char *run_dir)
{
	char *from = kept_dir(r, fingerprint);
	bool taken = *fingerprint && move(from, run_dir);

	if (taken)
		file_remove_tree(from);
	throw_old_away(r);
	error_clear();
	free(from);
	return taken;
}
