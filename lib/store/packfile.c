/* packfile.c - the files of a pack. */
#define _GNU_SOURCE
#define OPENSSL_SUPPRESS_DEPRECATED
#include "lib/store/packfile.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/store/store.h"

enum { READ_BYTES = 1 << 17, FANOUT = 256 };
_Static_assert(PACK_SUM_BYTES == SHA_DIGEST_LENGTH, "SHA-1");

static int sum_file(int fd, uint64_t size, unsigned char sum[PACK_SUM_BYTES])
{
	char *block = xmalloc(READ_BYTES);
	uint64_t at = 0;
	SHA_CTX c;

	SHA1_Init(&c);
	while (at < size) {
		size_t want = size - at < READ_BYTES ? (size_t)(size - at) : READ_BYTES;
		ssize_t n = pread(fd, block, want, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		SHA1_Update(&c, block, (size_t)n);
		at += (uint64_t)n;
	}
	SHA1_Final(sum, &c);
	free(block);
	return at == size ? 0 : error_errno("cannot read what was written");
}

int packfile_seal(int fd, size_t count, uint64_t offset, unsigned char sum[PACK_SUM_BYTES])
{
	uint32_t head[3] = { htonl(0x5041434b), htonl(2), htonl((uint32_t)count) };
	int rc;

	if (pwrite(fd, head, sizeof head, 0) != sizeof head)
		return error_errno("cannot write");
	if ((rc = sum_file(fd, offset, sum)) < 0)
		return rc;
	if (pwrite(fd, sum, PACK_SUM_BYTES, (off_t)offset) != PACK_SUM_BYTES ||
	    fchmod(fd, 0444) < 0 || fsync(fd) < 0)
		return error_errno("cannot write");
	return 0;
}

char *packfile_base(struct store *s, const unsigned char sum[PACK_SUM_BYTES])
{
	struct oid id;
	char hex[OID_HEX + 1];

	memcpy(id.b, sum, OID_BYTES);
	oid_hex(&id, hex);
	return xasprintf("%s/pack/pack-%s", store_objects_dir(s), hex);
}

static int entry_compare(const void *a, const void *b)
{
	return oid_compare(&((const struct pack_entry *)a)->id,
			   &((const struct pack_entry *)b)->id);
}

static void add_word(struct buf *b, uint32_t v)
{
	v = htonl(v);
	buf_add(b, &v, sizeof v);
}

/* Version 2: magic, 256 running counts, names, checksums, offsets, offsets past 2 GiB, two sums. */
static void index_bytes(const struct pack_entry *v, size_t n,
			const unsigned char sum[PACK_SUM_BYTES], struct buf *b)
{
	unsigned char own[PACK_SUM_BYTES];
	uint32_t count = 0, large = 0;

	add_word(b, 0xff744f63);
	add_word(b, 2);
	for (unsigned i = 0; i < FANOUT; i++) {
		while (count < n && v[count].id.b[0] <= i)
			count++;
		add_word(b, count);
	}
	for (size_t i = 0; i < n; i++)
		buf_add(b, v[i].id.b, OID_BYTES);
	for (size_t i = 0; i < n; i++)
		add_word(b, v[i].crc);
	for (size_t i = 0; i < n; i++)
		add_word(b,
			 v[i].offset < 0x80000000u ? (uint32_t)v[i].offset : 0x80000000u | large++);
	for (size_t i = 0; i < n; i++)
		if (v[i].offset >= 0x80000000u) {
			add_word(b, (uint32_t)(v[i].offset >> 32));
			add_word(b, (uint32_t)v[i].offset);
		}
	buf_add(b, sum, PACK_SUM_BYTES);
	SHA1((unsigned char *)b->data, b->len, own);
	buf_add(b, own, PACK_SUM_BYTES);
}

static int write_index(const char *scratch_dir, const struct buf *b, char **temp_out)
{
	char *temp = xasprintf("%s/idx-XXXXXX", scratch_dir);
	int fd = mkostemp(temp, O_CLOEXEC), rc = 0;

	if (fd < 0) {
		rc = error_errno("cannot create '%s'", temp);
		free(temp);
		return rc;
	}
	rc = file_write_fd(fd, b->data, b->len);
	if (!rc && (fchmod(fd, 0444) < 0 || fsync(fd) < 0))
		rc = error_errno("cannot write '%s'", temp);
	close(fd);
	if (rc < 0) {
		unlink(temp);
		free(temp);
		return rc;
	}
	*temp_out = temp;
	return 0;
}

int packfile_install(const char *temp, const char *base, struct pack_entry *v, size_t n,
		     const unsigned char sum[PACK_SUM_BYTES], const char *scratch_dir)
{
	char *pack = xasprintf("%s.pack", base), *idx = xasprintf("%s.idx", base), *idx_temp = NULL;
	char *dir = xstrndup(base, (size_t)(path_base(base) - base - 1));
	struct buf b = BUF_INIT;
	int rc;

	qsort(v, n, sizeof(*v), entry_compare);
	index_bytes(v, n, sum, &b);
	if ((rc = write_index(scratch_dir, &b, &idx_temp)) < 0)
		goto out;
	if (rename(temp, pack) < 0 || rename(idx_temp, idx) < 0) {
		rc = error_errno("cannot put new git objects into '%s'", dir);
		unlink(idx_temp);
		goto out;
	}
	rc = file_sync_dir(dir);
out:
	buf_clear(&b);
	free(pack);
	free(idx);
	free(idx_temp);
	free(dir);
	return rc;
}

static char *list_path(const char *scratch_dir)
{
	return xasprintf("%s/../packs", scratch_dir);
}

void packfile_list_add(const char *scratch_dir, const char *name)
{
	char *path = list_path(scratch_dir), *line = xasprintf("%s\n", name);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);

	if (fd >= 0) {
		if (file_write_fd(fd, line, strlen(line)) < 0)
			error_clear();
		close(fd);
	}
	free(path);
	free(line);
}

void packfile_list_read(const char *scratch_dir, struct strlist *out)
{
	char *path = list_path(scratch_dir);
	struct buf b = BUF_INIT;

	if (file_read(path, &b) == 0)
		strlist_split(out, b.data, "\n");
	else
		error_clear();
	buf_clear(&b);
	free(path);
}

int packfile_list_write(const char *scratch_dir, const struct strlist *names)
{
	char *path = list_path(scratch_dir);
	struct buf b = BUF_INIT;
	int rc;

	for (size_t i = 0; i < names->n; i++)
		buf_addf(&b, "%s\n", names->v[i]);
	rc = file_write(path, b.data, b.len);
	buf_clear(&b);
	free(path);
	return rc;
}
