/* cache.c - folders by key, the oldest forgotten first. */
#define _GNU_SOURCE
#include "lib/make/cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/step/options.h"
#include "lib/record/repo.h"

static int link_file(const char *path, const char *rel, const struct stat *st, void *payload)
{
	char *to = path_join(payload, rel);
	int rc = 0;

	if (S_ISDIR(st->st_mode))
		rc = file_make_dirs(to);
	else if (link(path, to) < 0)
		rc = errno == ENOENT ? ERR_NOT_FOUND : file_copy(path, to, 0644);
	free(to);
	return rc;
}

int cache_get(struct repo *r, const char *what, const char *key, const char *dir)
{
	char *entry = xasprintf("%s/cache/%s/%s", repo_mich_dir(r), what, key);
	int rc = file_is_dir(entry) ? file_make_dirs(dir) : ERR_NOT_FOUND;

	if (!rc)
		rc = file_walk(entry, link_file, (void *)dir);
	if (rc == ERR_NOT_FOUND)
		file_remove_tree(dir); /* forgotten while it was linked */
	else if (!rc)
		utimensat(AT_FDCWD, entry, NULL, 0);
	free(entry);
	return rc;
}

static int add_size(const char *path, const char *rel, const struct stat *st, void *payload)
{
	(void)path;
	(void)rel;
	if (S_ISREG(st->st_mode))
		*(int64_t *)payload += st->st_size;
	return 0;
}

struct entry {
	char *path;
	int64_t bytes, used_ns;
};

static int by_use(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->used_ns > y->used_ns) - (x->used_ns < y->used_ns);
}

/* Forget entries until the rest fits. Whoever linked one keeps its bytes. */
static void shrink(struct repo *r, const char *what, int64_t limit)
{
	char *dir = xasprintf("%s/cache/%s", repo_mich_dir(r), what);
	struct entry *v = NULL;
	size_t n = 0, cap = 0;
	int64_t total = 0;
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d && (e = readdir(d))) {
		struct stat st;

		if (e->d_name[0] == '.')
			continue;
		ARRAY_GROW(v, n, cap);
		v[n] = (struct entry){ .path = path_join(dir, e->d_name) };
		if (stat(v[n].path, &st) == 0)
			v[n].used_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
		file_walk(v[n].path, add_size, &v[n].bytes);
		total += v[n++].bytes;
	}
	if (d)
		closedir(d);
	if (n)
		qsort(v, n, sizeof *v, by_use);
	for (size_t i = 0; i < n; i++) {
		if (total > limit && file_remove_tree(v[i].path) == 0)
			total -= v[i].bytes;
		free(v[i].path);
	}
	free(v);
	free(dir);
	error_clear();
}

int cache_put(struct repo *r, const char *what, const char *key, const char *fresh, const char *dir)
{
	char *entry = xasprintf("%s/cache/%s/%s", repo_mich_dir(r), what, key);
	struct settings settings;
	int rc = options_read(r, &settings);

	if (!rc)
		rc = file_make_parents(entry);
	if (!rc)
		rc = file_make_dirs(dir);
	if (!rc)
		rc = file_walk(fresh, link_file, (void *)dir);
	if (!rc && rename(fresh, entry) < 0 && errno != EEXIST && errno != ENOTEMPTY)
		rc = error_errno("cannot keep '%s' in the cache", key);
	if (!rc)
		shrink(r, what, settings.cache_bytes);
	settings_clear(&settings);
	free(entry);
	return rc;
}
