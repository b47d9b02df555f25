/* partition_log.c - "michprt1", whose it is, then records: a head with a CRC32C of all, and weights; little-endian. */
#define _GNU_SOURCE
#include "lib/learn/partition_log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/crc32c.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"

static const char MAGIC[8] = "michprt1";

enum { FRONT = sizeof MAGIC + PARTITION_LOG_OF };

struct record {
	uint32_t check; /* of the rest of this, and the weights */
	uint32_t number;
	int64_t rounds;
	uint64_t bytes;
};

static uint32_t check_of(const struct record *r, const char *data)
{
	enum { AT = offsetof(struct record, number) };

	return crc32c(crc32c(0, (const char *)r + AT, sizeof *r - AT), data, r->bytes);
}

int partition_log_parse(const char *data, size_t n, const char *of, partition_log_fn fn,
			void *payload, size_t *used)
{
	struct record r;
	int rc = 0;

	*used = 0;
	if (n < FRONT || memcmp(data, MAGIC, sizeof MAGIC) ||
	    memcmp(data + sizeof MAGIC, of, PARTITION_LOG_OF))
		return error_set(ERR_CORRUPT, "the partitions that were kept are of another "
					      "training");
	*used = FRONT;
	while (!rc && n - *used >= sizeof r) {
		const char *weights = data + *used + sizeof r;

		memcpy(&r, data + *used, sizeof r);
		if (!r.bytes || r.bytes > n - *used - sizeof r || r.check != check_of(&r, weights))
			break;
		rc = fn(payload, r.number, r.rounds, weights, r.bytes);
		*used += sizeof r + r.bytes;
	}
	return rc;
}

/* What the file holds, to fn; *used: how much of it stays. */
static int read_back(int fd, const char *of, partition_log_fn fn, void *payload, size_t *used)
{
	struct stat st;
	char *map;
	int rc;

	*used = 0;
	if (fstat(fd, &st) < 0)
		return error_errno("cannot read the partitions that were kept");
	if (!st.st_size)
		return 0;
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return error_errno("cannot read the partitions that were kept");
	rc = partition_log_parse(map, (size_t)st.st_size, of, fn, payload, used);
	munmap(map, (size_t)st.st_size);
	if (rc != ERR_CORRUPT)
		return rc;
	error_clear();
	return 0;
}

static int begin(int fd, const char *of, size_t used)
{
	int rc = 0;

	if (ftruncate(fd, (off_t)used) < 0 || lseek(fd, 0, SEEK_END) < 0)
		return error_errno("cannot keep partitions");
	if (!used)
		rc = file_write_fd(fd, MAGIC, sizeof MAGIC);
	return rc || used ? rc : file_write_fd(fd, of, PARTITION_LOG_OF);
}

int partition_log_open(const char *dir, const char *of, partition_log_fn fn, void *payload,
		       struct partition_log *out)
{
	char *path;
	size_t used = 0;
	int rc;

	*out = (struct partition_log)PARTITION_LOG_INIT;
	if (!dir)
		return 0;
	path = path_join(dir, "partitions");
	rc = file_make_dirs(dir);
	if (!rc && (out->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666)) < 0)
		rc = error_errno("cannot open '%s'", path);
	if (!rc)
		rc = read_back(out->fd, of, fn, payload, &used);
	if (!rc)
		rc = begin(out->fd, of, used);
	if (rc)
		partition_log_close(out);
	free(path);
	return rc;
}

int partition_log_add(struct partition_log *l, uint32_t number, int64_t rounds, const char *data,
		      size_t n)
{
	struct record r = { .number = number, .rounds = rounds, .bytes = n };
	int rc;

	if (l->fd < 0)
		return 0;
	r.check = check_of(&r, data);
	rc = file_write_fd(l->fd, &r, sizeof r);
	if (!rc)
		rc = file_write_fd(l->fd, data, n);
	return rc ? error_wrap(rc, "cannot keep a partition") : 0;
}

void partition_log_close(struct partition_log *l)
{
	if (l->fd >= 0)
		close(l->fd);
	*l = (struct partition_log)PARTITION_LOG_INIT;
}
