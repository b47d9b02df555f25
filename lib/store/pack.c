/*
 * pack.c - write a pack file: entries without deltas (git makes them when it repacks), then its
 * index of version 2. Pack: "PACK" 2 count, entries, SHA-1 of all. An entry: type and size in a
 * variable-length head, then deflated bytes.
 */
#define _GNU_SOURCE
#define OPENSSL_SUPPRESS_DEPRECATED
#include "lib/store/pack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/store/lock.h"
#include "lib/store/packfile.h"
#include "lib/store/store.h"

enum { OUT_BYTES = 1 << 16, TABLE_MIN = 64 };

struct pack {
	struct store *s;
	char *scratch, *temp; /* temp: the pack while it is being written */
	int fd, keep_fd;      /* keep_fd holds the lock on the .keep */
	char *keep, *name;    /* once finished */
	struct pack_entry *v;
	size_t n, cap;
	struct oid *have; /* open addressing, zero is free */
	size_t n_have, table;
	uint64_t offset;
	struct buf out; /* not written yet */
	z_stream z;
	bool deflating; /* z was started */
};

int pack_begin(struct store *s, const char *scratch_dir, struct pack **out)
{
	struct pack *p;
	int rc = file_make_dirs(scratch_dir);

	*out = NULL;
	if (rc < 0)
		return rc;
	p = xcalloc(1, sizeof(*p));
	p->s = s;
	p->scratch = xstrdup(scratch_dir);
	p->keep_fd = p->fd = -1;
	p->out = (struct buf)BUF_INIT;
	p->offset = PACK_HEAD_BYTES;
	*out = p;
	return 0;
}

/* Where id is in the table, or the free place for it. */
static size_t table_place(const struct pack *p, const struct oid *id)
{
	size_t at;

	memcpy(&at, id->b, sizeof at);
	for (at &= p->table - 1; !oid_is_zero(&p->have[at]); at = (at + 1) & (p->table - 1))
		if (oid_equal(&p->have[at], id))
			break;
	return at;
}

static void table_grow(struct pack *p)
{
	struct oid *old = p->have;
	size_t n = p->table;

	p->table = n ? n * 2 : TABLE_MIN;
	p->have = xcalloc(p->table, sizeof(*p->have));
	for (size_t i = 0; i < n; i++)
		if (!oid_is_zero(&old[i]))
			p->have[table_place(p, &old[i])] = old[i];
	free(old);
}

static bool table_add(struct pack *p, const struct oid *id)
{
	size_t at;

	if (p->n_have * 2 >= p->table)
		table_grow(p);
	at = table_place(p, id);
	if (!oid_is_zero(&p->have[at]))
		return false;
	p->have[at] = *id;
	p->n_have++;
	return true;
}

void pack_have(struct pack *p, const struct oid *id)
{
	table_add(p, id);
}

static int pack_flush(struct pack *p)
{
	int rc = 0;

	if (p->fd < 0) {
		p->temp = xasprintf("%s/pack-XXXXXX", p->scratch);
		p->fd = mkostemp(p->temp, O_CLOEXEC);
		if (p->fd < 0)
			return error_errno("cannot create '%s'", p->temp);
		if (lseek(p->fd, PACK_HEAD_BYTES, SEEK_SET) < 0)
			return error_errno("cannot write '%s'", p->temp);
	}
	if (file_write_fd(p->fd, p->out.data, p->out.len) < 0)
		rc = error_wrap(ERR_IO, "new git objects");
	buf_reset(&p->out);
	return rc;
}

static void add_head(struct buf *out, enum object_type type, size_t n)
{
	unsigned char c = (unsigned char)(type << 4 | (n & 15));

	for (n >>= 4; n; n >>= 7) {
		buf_addch(out, (char)(c | 0x80));
		c = n & 0x7f;
	}
	buf_addch(out, (char)c);
}

static int add_deflated(struct pack *p, const void *data, size_t n)
{
	z_stream *z = &p->z;
	struct buf *out = &p->out;
	int rc;

	if (p->deflating ? deflateReset(z) : deflateInit(z, Z_DEFAULT_COMPRESSION))
		return error_set(ERR_FAIL, "cannot start zlib");
	p->deflating = true;
	buf_grow(out, deflateBound(z, n) + 1);
	z->next_in = (void *)(uintptr_t)data;
	z->avail_in = (uInt)n;
	z->next_out = (unsigned char *)out->data + out->len;
	z->avail_out = (uInt)(out->cap - out->len - 1);
	rc = deflate(z, Z_FINISH);
	out->len += z->total_out;
	out->data[out->len] = '\0';
	return rc == Z_STREAM_END ? 0 : error_set(ERR_FAIL, "zlib failed");
}

/* Note the entry that begins at start of what is not written yet. */
static int add_entry(struct pack *p, const struct oid *id, size_t start)
{
	const unsigned char *bytes = (unsigned char *)p->out.data + start;
	size_t n = p->out.len - start;

	ARRAY_GROW(p->v, p->n, p->cap);
	p->v[p->n++] = (struct pack_entry){ *id, p->offset, (uint32_t)crc32(0, bytes, (uInt)n) };
	p->offset += n;
	return p->out.len >= OUT_BYTES ? pack_flush(p) : 0;
}

int pack_add(struct pack *p, enum object_type type, const void *data, size_t n, struct oid *out)
{
	size_t start = p->out.len;
	int rc;

	if (n > INT32_MAX)
		return error_set(ERR_INPUT, "too large for a git object: %zu bytes", n);
	object_name(type, data, n, out);
	if (!table_add(p, out))
		return 0;
	add_head(&p->out, type, n);
	if ((rc = add_deflated(p, data, n)) < 0)
		return rc;
	return add_entry(p, out, start);
}

int pack_add_raw(struct pack *p, const struct oid *id, const void *entry, size_t n)
{
	size_t start = p->out.len;

	if (!table_add(p, id))
		return 0;
	buf_add(&p->out, entry, n);
	return add_entry(p, id, start);
}

int pack_add_commit(struct pack *p, const struct commit_plan *c, struct oid *out)
{
	struct buf b = BUF_INIT;
	char hex[OID_HEX + 1];
	int rc;

	oid_hex(&c->tree, hex);
	buf_addf(&b, "tree %s\n", hex);
	for (size_t i = 0; i < c->n_parents; i++) {
		oid_hex(&c->parents[i], hex);
		buf_addf(&b, "parent %s\n", hex);
	}
	buf_addf(&b, "author %s\ncommitter %s\n\n%s", c->author, c->committer, c->message);
	rc = pack_add(p, OBJECT_COMMIT, b.data, b.len, out);
	buf_clear(&b);
	return rc;
}

/* The .keep is made and locked where nobody looks, then moved to its place. */
static int keep_make(struct pack *p, const char *base)
{
	char *temp = xasprintf("%s/keep-XXXXXX", p->scratch);
	int fd = mkostemp(temp, O_CLOEXEC), rc = 0;
	char text[64];

	if (fd < 0) {
		rc = error_errno("cannot create '%s'", temp);
		goto out;
	}
	snprintf(text, sizeof text, PACK_KEEP_TEXT " %ld\n", (long)getpid());
	p->keep = xasprintf("%s.keep", base);
	if ((rc = file_write_fd(fd, text, strlen(text))) == 0)
		rc = lock_try(fd);
	if (!rc && rename(temp, p->keep) < 0)
		rc = error_errno("cannot create '%s'", p->keep);
	if (rc < 0) {
		unlink(temp);
		close(fd);
		free(p->keep);
		p->keep = NULL;
	} else {
		p->keep_fd = fd;
	}
out:
	free(temp);
	return rc;
}

int pack_finish(struct pack *p)
{
	unsigned char sum[SHA_DIGEST_LENGTH];
	char *base = NULL;
	int rc;

	if (!p->n)
		return 0;
	if ((rc = pack_flush(p)) < 0)
		return rc;
	if ((rc = packfile_seal(p->fd, p->n, p->offset, sum)) < 0)
		return error_wrap(rc, "new git objects");
	base = packfile_base(p->s, sum);
	rc = keep_make(p, base);
	if (!rc)
		rc = packfile_install(p->temp, base, p->v, p->n, sum, p->scratch);
	if (!rc) {
		free(p->temp);
		p->temp = NULL;
		p->name = xstrdup(path_base(base));
		packfile_list_add(p->scratch, p->name);
	}
	free(base);
	return rc;
}

const char *pack_name(const struct pack *p)
{
	return p->name ? p->name : "";
}

void pack_release(struct pack *p)
{
	if (!p)
		return;
	if (p->temp)
		unlink(p->temp);
	if (p->keep)
		unlink(p->keep);
	if (p->keep_fd >= 0)
		close(p->keep_fd);
	if (p->fd >= 0)
		close(p->fd);
	if (p->deflating)
		deflateEnd(&p->z);
	buf_clear(&p->out);
	free(p->temp);
	free(p->keep);
	free(p->name);
	free(p->scratch);
	free(p->v);
	free(p->have);
	free(p);
}

/* A .keep of ours whose lock is free belongs to nobody any more. */
static int keep_drop_dead(const char *path)
{
	char text[sizeof PACK_KEEP_TEXT] = "";
	int fd = open(path, O_RDWR | O_CLOEXEC), dropped = 0;

	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof text - 1) == (ssize_t)sizeof text - 1 &&
	    !strcmp(text, PACK_KEEP_TEXT) && lock_try(fd) == 0)
		dropped = unlink(path) == 0;
	close(fd);
	return dropped;
}

int pack_sweep(struct store *s)
{
	char *dir = path_join(store_objects_dir(s), "pack");
	DIR *d = opendir(dir);
	struct dirent *e;
	int n = 0;

	while (d && (e = readdir(d))) {
		size_t len = strlen(e->d_name);
		char *path;

		if (len < 5 || strcmp(e->d_name + len - 5, ".keep"))
			continue;
		path = path_join(dir, e->d_name);
		n += keep_drop_dead(path);
		free(path);
	}
	if (d)
		closedir(d);
	free(dir);
	return n;
}
