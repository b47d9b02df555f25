/* tarball.c - packing a folder so that the same files always give the same bytes. */
#define _GNU_SOURCE
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/store/archive.h"

enum { BLOCK_BYTES = 1 << 18 };

struct packing {
	struct archive *a;
	const char *file;
};

static int cannot_write(const struct packing *p)
{
	errno = archive_errno(p->a);
	return error_errno("cannot write '%s'", p->file);
}

static int pack_data(struct packing *p, const char *path, int64_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	char *block = xmalloc(BLOCK_BYTES);
	int64_t left = size;
	ssize_t n;

	if (fd < 0)
		rc = error_errno("cannot read '%s'", path);
	while (!rc && left && (n = read(fd, block, BLOCK_BYTES)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			rc = error_errno("cannot read '%s'", path);
		else if (n > left)
			left = -1;
		else if (archive_write_data(p->a, block, (size_t)n) != n)
			rc = cannot_write(p);
		else
			left -= n;
		if (left < 0)
			break;
	}
	if (!rc && left)
		rc = error_set(ERR_IO, "cannot pack '%s': it changed while it was read", path);
	if (fd >= 0)
		close(fd);
	free(block);
	return rc;
}

static int read_link(const char *path, struct archive_entry *e)
{
	char target[4096];
	ssize_t n = readlink(path, target, sizeof target - 1);

	if (n < 0)
		return error_errno("cannot read the link '%s'", path);
	target[n] = '\0';
	archive_entry_set_filetype(e, AE_IFLNK);
	archive_entry_set_perm(e, 0777);
	archive_entry_set_symlink(e, target);
	return 0;
}

/* No owner, no time: only names, modes and bytes are in it. */
static int pack_entry(const char *path, const char *rel, const struct stat *st, void *payload)
{
	struct packing *p = payload;
	struct archive_entry *e = archive_entry_new();
	int rc = 0;

	archive_entry_set_pathname(e, rel);
	if (S_ISDIR(st->st_mode)) {
		archive_entry_set_filetype(e, AE_IFDIR);
		archive_entry_set_perm(e, 0755);
	} else if (S_ISLNK(st->st_mode)) {
		rc = read_link(path, e);
	} else if (S_ISREG(st->st_mode)) {
		archive_entry_set_filetype(e, AE_IFREG);
		archive_entry_set_perm(e, st->st_mode & 0100 ? 0755 : 0644);
		archive_entry_set_size(e, st->st_size);
	} else {
		rc = error_set(ERR_INPUT, "cannot pack '%s': it is no file, folder or link", rel);
	}
	if (!rc && archive_write_header(p->a, e) != ARCHIVE_OK)
		rc = cannot_write(p);
	if (!rc && S_ISREG(st->st_mode))
		rc = pack_data(p, path, st->st_size);
	archive_entry_free(e);
	return rc;
}

int archive_pack(const char *dir, const char *file)
{
	struct file_whole whole;
	struct packing p = { .file = file };
	int rc = file_whole_open(file, &whole);

	if (rc)
		return rc;
	p.a = archive_write_new();
	archive_write_set_format_pax_restricted(p.a);
	archive_write_set_bytes_in_last_block(p.a, 1);
	if (archive_write_open_fd(p.a, whole.fd) != ARCHIVE_OK)
		rc = cannot_write(&p);
	if (!rc)
		rc = file_walk(dir, pack_entry, &p);
	if (!rc && archive_write_close(p.a) != ARCHIVE_OK)
		rc = cannot_write(&p);
	archive_write_free(p.a);
	return file_whole_end(&whole, rc);
}
