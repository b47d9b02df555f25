/* file.c - whole files and folders. */
#define _GNU_SOURCE
#include "lib/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/base/strlist.h"

enum { BLOCK_BYTES = 1 << 18 };

char *path_join(const char *dir, const char *name)
{
	size_t n = strlen(dir);

	return xasprintf("%s%s%s", dir, n && dir[n - 1] == '/' ? "" : "/", name);
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool path_ends_with(const char *path, const char *end)
{
	size_t n = strlen(path), m = strlen(end);

	return n > m && !strcmp(path + n - m, end);
}

int file_read(const char *path, struct buf *out)
{
	struct stat st;
	ssize_t n = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return error_errno("cannot open '%s'", path);
	if (fstat(fd, &st) == 0 && st.st_size > 0)
		buf_grow(out, (size_t)st.st_size + 1);
	for (;;) {
		buf_grow(out, BLOCK_BYTES / 8);
		n = read(fd, out->data + out->len, out->cap - out->len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		out->len += (size_t)n;
	}
	out->data[out->len] = '\0';
	if (n < 0) {
		error_errno("cannot read '%s'", path);
		close(fd);
		return ERR_IO;
	}
	close(fd);
	return 0;
}

int file_write_fd(int fd, const void *data, size_t n)
{
	const char *p = data;

	while (n) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return error_errno("cannot write");
		p += w;
		n -= (size_t)w;
	}
	return 0;
}

/* A device, a pipe or a link is somebody's: it is written to, and no file is put into its place. */
static bool is_special(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

int file_whole_open(const char *path, struct file_whole *w)
{
	mode_t mask = umask(0);

	umask(mask);
	if (is_special(path)) {
		*w = (struct file_whole){ .path = xstrdup(path) };
		w->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
		return w->fd >= 0 ? 0
				  : file_whole_end(w, error_errno("cannot write to '%s'", path));
	}
	*w = (struct file_whole){ .temp = xasprintf("%s.tmp-XXXXXX", path), .path = xstrdup(path) };
	w->fd = mkostemp(w->temp, O_CLOEXEC);
	if (w->fd >= 0 && fchmod(w->fd, 0666 & ~mask) == 0)
		return 0;
	return file_whole_end(w, error_errno("cannot create '%s'", path));
}

int file_whole_end(struct file_whole *w, int rc)
{
	if (!rc && fsync(w->fd) < 0 && w->temp)
		rc = error_errno("cannot write '%s'", w->path);
	if (w->fd >= 0 && close(w->fd) < 0 && !rc)
		rc = error_errno("cannot write '%s'", w->path);
	if (!rc && w->temp && rename(w->temp, w->path) < 0)
		rc = error_errno("cannot replace '%s'", w->path);
	if (rc && w->temp)
		unlink(w->temp);
	free(w->temp);
	free(w->path);
	*w = (struct file_whole){ .fd = -1 };
	return rc;
}

int file_write(const char *path, const void *data, size_t n)
{
	struct file_whole w;
	int rc = file_whole_open(path, &w);

	if (rc)
		return rc;
	rc = file_write_fd(w.fd, data, n);
	return file_whole_end(&w, rc ? error_wrap(rc, "'%s'", path) : 0);
}

int file_make_dirs(const char *path)
{
	char *p = xstrdup(path);
	int rc = 0;

	for (char *s = p + 1; !rc; s++) {
		char c = *s;

		if (c && c != '/')
			continue;
		*s = '\0';
		if (mkdir(p, 0777) < 0 && errno != EEXIST)
			rc = error_errno("cannot make folder '%s'", p);
		*s = c;
		if (!c)
			break;
	}
	if (!rc && !file_is_dir(path))
		rc = error_set(ERR_IO, "cannot make folder '%s': a file is in the way", path);
	free(p);
	return rc;
}

int file_make_parents(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir;
	int rc;

	if (!slash || slash == path)
		return 0;
	dir = xstrndup(path, (size_t)(slash - path));
	rc = file_make_dirs(dir);
	free(dir);
	return rc;
}

static int remove_at(int parent, const char *name, const char *path)
{
	struct dirent *e;
	DIR *d;
	int fd, rc = 0;

	if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
		return 0;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return error_errno("cannot remove '%s'", path);
	fchmod(fd, 0700);
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return error_errno("cannot remove '%s'", path);
	}
	while (!rc && (e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			rc = remove_at(fd, e->d_name, path);
	closedir(d);
	if (!rc && unlinkat(parent, name, AT_REMOVEDIR) < 0)
		rc = error_errno("cannot remove '%s'", path);
	return rc;
}

int file_remove_tree(const char *path)
{
	return remove_at(AT_FDCWD, path, path);
}

static int copy_bytes(int in, int out)
{
	char *block;
	ssize_t n;
	int rc = 0;

	if (ioctl(out, FICLONE, in) == 0)
		return 0;
	while ((n = copy_file_range(in, NULL, out, NULL, 1 << 30, 0)) > 0)
		;
	if (n == 0)
		return 0;
	if (errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP &&
	    errno != EBADF)
		return -1;
	block = xmalloc(BLOCK_BYTES);
	while (!rc && (n = read(in, block, BLOCK_BYTES)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		rc = n < 0 || file_write_fd(out, block, (size_t)n) < 0 ? -1 : 0;
	}
	free(block);
	return rc;
}

int file_copy(const char *from, const char *to, int mode)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out, rc = 0;

	if (in < 0)
		return error_errno("cannot open '%s'", from);
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (out < 0) {
		rc = error_errno("cannot create '%s'", to);
		close(in);
		return rc;
	}
	if (copy_bytes(in, out) < 0)
		rc = error_errno("cannot copy '%s' to '%s'", from, to);
	if (close(out) < 0 && !rc)
		rc = error_errno("cannot write '%s'", to);
	close(in);
	return rc;
}

int file_sync_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;

	if (fd < 0)
		return error_errno("cannot open '%s'", path);
	if (fsync(fd) < 0 && errno != EINVAL)
		rc = error_errno("cannot sync '%s'", path);
	close(fd);
	return rc;
}

bool file_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

bool file_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int walk_in(const char *dir, const char *rel, file_walk_fn fn, void *payload)
{
	struct strlist names = STRLIST_INIT;
	struct dirent *e;
	DIR *d = opendir(dir);
	int rc = 0;

	if (!d)
		return error_errno("cannot open folder '%s'", dir);
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			strlist_add(&names, e->d_name);
	closedir(d);
	strlist_sort(&names);
	for (size_t i = 0; !rc && i < names.n; i++) {
		char *path = path_join(dir, names.v[i]);
		char *below = *rel ? path_join(rel, names.v[i]) : xstrdup(names.v[i]);
		struct stat st;

		if (lstat(path, &st) < 0)
			rc = error_errno("cannot read '%s'", path);
		else
			rc = fn(path, below, &st, payload);
		if (!rc && S_ISDIR(st.st_mode))
			rc = walk_in(path, below, fn, payload);
		free(path);
		free(below);
	}
	strlist_clear(&names);
	return rc;
}

int file_walk(const char *dir, file_walk_fn fn, void *payload)
{
	return walk_in(dir, "", fn, payload);
}
