/*
 * scratch.c - folders that are made to be removed: tmp/WHAT-PID-START-XXXXXX, so that what a killed
 * process left behind can be told from what is in use. START is when the process began, in the
 * kernel's clock ticks, since a number of a process comes again.
 */
#define _GNU_SOURCE
#include "lib/record/run/scratch.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/record/repo.h"
#include "lib/record/run/holder.h"

/* A process of another container cannot be seen: what is younger than this is left alone. */
enum { GRACE_S = 3600 };

static int make_at(char *template, char **out)
{
	int rc = 0;

	if (!mkdtemp(template)) {
		rc = error_errno("cannot make the folder '%s'", template);
		free(template);
		template = NULL;
	}
	*out = template;
	return rc;
}

int scratch_make(const struct repo *r, const char *what, char **out)
{
	const char *tmp = getenv("TMPDIR");
	long pid = (long)getpid();

	*out = NULL;
	if (r && make_at(xasprintf("%s/tmp/%s-%ld-%llu-XXXXXX", repo_mich_dir(r), what, pid,
				   holder_start(pid)),
			 out) == 0)
		return 0;
	error_clear();
	return make_at(xasprintf("%s/mich-%s-XXXXXX", tmp && *tmp ? tmp : "/tmp", what), out);
}

/* The process in WHAT-PID-START-XXXXXX; false: the name has none. */
static bool owner_of(const char *name, long *pid, unsigned long long *start)
{
	const char *dash = strchr(name, '-');

	return dash && sscanf(dash, "-%ld-%llu-", pid, start) == 2 && *pid > 0;
}

bool scratch_is_used(const char *name)
{
	unsigned long long start;
	long pid;

	return owner_of(name, &pid, &start) && holder_start(pid) == start;
}

static bool is_left(const char *name)
{
	unsigned long long start;
	long pid;

	return owner_of(name, &pid, &start) && holder_start(pid) != start;
}

void scratch_sweep(const struct repo *r)
{
	char *tmp = path_join(repo_mich_dir(r), "tmp"), *path;
	DIR *d = opendir(tmp);
	struct dirent *e;
	struct stat st;

	while (d && (e = readdir(d))) {
		if (!is_left(e->d_name))
			continue;
		path = path_join(tmp, e->d_name);
		if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
		    time(NULL) - st.st_mtime > GRACE_S && file_remove_tree(path) < 0)
			error_clear(); /* the next command tries again */
		free(path);
	}
	if (d)
		closedir(d);
	free(tmp);
}
