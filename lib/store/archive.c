/* archive.c - unpacking archives that somebody else made. */
#define _GNU_SOURCE
#include "lib/store/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"

struct unpack {
	struct archive *a;
	const char *file;
	int dir; /* every path is opened below it, component by component */
	int64_t bytes, files;
	struct archive_limits limits;
};

static int refuse(const struct unpack *u, const char *name, const char *why)
{
	return error_set(ERR_INPUT, "cannot unpack '%s': '%.200s' %s", u->file, name, why);
}

/* A relative path without empty, '.' or '..' components; "./" in front is cut off. */
static int check_name(const struct unpack *u, const char **name)
{
	const char *p = *name;
	size_t n;

	while (p[0] == '.' && p[1] == '/')
		for (p += 2; *p == '/'; p++)
			continue;
	*name = p;
	if (*p == '/' || strchr(p, '\\'))
		return refuse(u, p, "is no relative path");
	if (strlen(p) >= 4096)
		return refuse(u, p, "is too long a path");
	for (; *p; p += n) {
		n = strcspn(p, "/");
		if (n == 2 && p[0] == '.' && p[1] == '.')
			return refuse(u, *name, "leads out of the folder by '..'");
		if (n > 255)
			return refuse(u, *name, "has too long a part");
		n += strspn(p + n, "/");
	}
	return 0;
}

/*
 * The folder that name lies in, made where it is missing; never through a link. *leaf_out is the
 * last component, NULL for the top itself. The answer is a descriptor to close.
 */
static int open_parent(const struct unpack *u, const char *name, char **leaf_out)
{
	int fd = fcntl(u->dir, F_DUPFD_CLOEXEC, 3), next;
	const char *p = name;

	*leaf_out = NULL;
	while (fd >= 0 && *p) {
		size_t n = strcspn(p, "/"), gap = strspn(p + n, "/");
		char *part = xstrndup(p, n);

		p += n + gap;
		if (strcmp(part, ".") == 0) {
			free(part);
			continue;
		}
		if (!*p) {
			*leaf_out = part;
			return fd;
		}
		if (mkdirat(fd, part, 0755) < 0 && errno != EEXIST)
			next = -1;
		else
			next = openat(fd, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		free(part);
		close(fd);
		fd = next;
	}
	if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
		return refuse(u, name, "passes through something that is no folder");
	return fd < 0 ? error_errno("cannot unpack '%s': '%.200s'", u->file, name) : fd;
}

static int damaged(const struct unpack *u)
{
	const char *why = archive_error_string(u->a);

	return error_set(ERR_CORRUPT, "cannot unpack '%s': %s", u->file,
			 why ? why : "it is damaged");
}

static int copy_data(struct unpack *u, int fd)
{
	const void *block;
	size_t n;
	la_int64_t at;
	int rc;

	while ((rc = archive_read_data_block(u->a, &block, &n, &at)) == ARCHIVE_OK) {
		if ((int64_t)n > u->limits.bytes - u->bytes || at < 0 || at > u->limits.bytes)
			return error_set(ERR_INPUT,
					 "cannot unpack '%s': it holds more than %lld bytes",
					 u->file, (long long)u->limits.bytes);
		u->bytes += (int64_t)n;
		while (n) {
			ssize_t w = pwrite(fd, block, n, at);

			if (w < 0 && errno == EINTR)
				continue;
			if (w < 0)
				return error_errno("cannot unpack '%s'", u->file);
			block = (const char *)block + w;
			at += w;
			n -= (size_t)w;
		}
	}
	return rc == ARCHIVE_EOF ? 0 : damaged(u);
}

static int unpack_file(struct unpack *u, struct archive_entry *e, int parent, const char *leaf,
		       const char *name)
{
	mode_t mode = archive_entry_mode(e) & 0100 ? 0755 : 0644;
	int fd = openat(parent, leaf, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode),
	    rc;

	if (fd < 0 && errno == EEXIST)
		return refuse(u, name, "is in it twice");
	if (fd < 0)
		return error_errno("cannot unpack '%s': '%.200s'", u->file, name);
	rc = copy_data(u, fd);
	if (close(fd) < 0 && !rc)
		rc = error_errno("cannot unpack '%s': '%.200s'", u->file, name);
	return rc;
}

/* How deep below the top a relative target leads from name, negative once it leaves it. */
static int link_depth(const char *name, const char *target)
{
	int depth = 0;
	size_t n;

	for (const char *p = name; (p = strchr(p, '/')); p++)
		depth++;
	for (const char *p = target; *p && depth >= 0; p += n + strspn(p + n, "/")) {
		n = strcspn(p, "/");
		if (n == 2 && p[0] == '.' && p[1] == '.')
			depth--;
		else if (!(n == 1 && *p == '.') && n)
			depth++;
	}
	return depth;
}

static int unpack_link(struct unpack *u, struct archive_entry *e, int parent, const char *leaf,
		       const char *name)
{
	const char *target = archive_entry_symlink(e);

	if (!target || *target == '/' || link_depth(name, target) < 0 || strlen(target) >= 4096)
		return refuse(u, name, "is a link that leads out of the folder");
	/* A target with a link on its way could still lead out, so '..' may only stand in front. */
	while (strncmp(target, "../", 3) == 0)
		target += 3;
	if (strstr(target, ".."))
		return refuse(u, name, "is a link that leads out of the folder");
	if (symlinkat(archive_entry_symlink(e), parent, leaf) < 0)
		return errno == EEXIST ? refuse(u, name, "is in it twice")
				       : error_errno("cannot unpack '%s': '%.200s'", u->file, name);
	return 0;
}

static int unpack_entry(struct unpack *u, struct archive_entry *e)
{
	const char *name = archive_entry_pathname(e);
	char *leaf = NULL;
	int parent, rc;

	if (!name)
		return error_set(ERR_CORRUPT,
				 "cannot unpack '%s': it holds a file whose name is no text",
				 u->file);
	if (++u->files > u->limits.files)
		return error_set(ERR_INPUT, "cannot unpack '%s': it holds more than %lld files",
				 u->file, (long long)u->limits.files);
	if ((rc = check_name(u, &name)))
		return rc;
	if (archive_entry_hardlink(e))
		return refuse(u, name, "is a hard link");
	parent = open_parent(u, name, &leaf);
	if (parent < 0)
		return parent;
	if (!leaf)
		rc = 0;
	else if (archive_entry_filetype(e) == AE_IFDIR)
		rc = mkdirat(parent, leaf, 0755) < 0 && errno != EEXIST
			     ? error_errno("cannot unpack '%s': '%.200s'", u->file, name)
			     : 0;
	else if (archive_entry_filetype(e) == AE_IFLNK)
		rc = unpack_link(u, e, parent, leaf, name);
	else if (archive_entry_filetype(e) == AE_IFREG)
		rc = unpack_file(u, e, parent, leaf, name);
	else
		rc = refuse(u, name, "is neither a file nor a folder");
	free(leaf);
	close(parent);
	return rc;
}

static int unpack_all(struct unpack *u)
{
	struct archive_entry *e;
	int rc;

	archive_read_support_filter_all(u->a);
	archive_read_support_format_tar(u->a);
	archive_read_support_format_gnutar(u->a);
	archive_read_support_format_zip(u->a);
	archive_read_support_format_cpio(u->a);
	archive_read_support_format_7zip(u->a);
	if (archive_read_open_filename(u->a, u->file, 1 << 16) != ARCHIVE_OK)
		return damaged(u);
	while ((rc = archive_read_next_header(u->a, &e)) == ARCHIVE_OK || rc == ARCHIVE_WARN)
		if ((rc = unpack_entry(u, e)))
			return rc;
	if (rc != ARCHIVE_EOF)
		return damaged(u);
	return u->files ? 0
			: error_set(ERR_INPUT, "cannot unpack '%s': there is nothing in it",
				    u->file);
}

int archive_unpack(const char *file, const char *dir, const struct archive_limits *limits)
{
	struct unpack u = { .file = file,
			    .limits = limits ? *limits : (struct archive_limits){ 0 } };
	int rc;

	if (!u.limits.bytes)
		u.limits.bytes = INT64_C(256) << 30;
	if (!u.limits.files)
		u.limits.files = 1000000;
	u.dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (u.dir < 0)
		return error_errno("cannot unpack into '%s'", dir);
	u.a = archive_read_new();
	rc = u.a ? unpack_all(&u) : error_set(ERR_FAIL, "cannot start libarchive");
	archive_read_free(u.a);
	close(u.dir);
	return rc;
}
