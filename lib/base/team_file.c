/* team_file.c - make and map the memory that ranks share. */
#define _GNU_SOURCE
#include "lib/base/team_file.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/error.h"

enum { PAGE = 4096 };

static uint64_t whole_pages(uint64_t n)
{
	return (n + PAGE - 1) / PAGE * PAGE;
}

static uint64_t head_bytes(uint32_t ranks)
{
	return whole_pages(sizeof(struct team_file) + ranks * sizeof(struct team_file_cell));
}

static int map(int fd, uint64_t bytes, struct team_file **out)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		return error_errno("cannot map the memory of the ranks");
	*out = p;
	return 0;
}

int team_file_make(uint32_t ranks, uint64_t slot_bytes, int *fd_out, struct team_file **out)
{
	uint64_t slot = whole_pages(slot_bytes), at, bytes;
	int rc, fd;

	*out = NULL;
	if (!ranks || ranks > TEAM_FILE_RANKS_MAX || slot > (uint64_t)1 << 40)
		return error_set(ERR_INPUT, "%u is no number of ranks: want 1 to %d", ranks,
				 TEAM_FILE_RANKS_MAX);
	at = head_bytes(ranks);
	bytes = at + ranks * slot;
	fd = memfd_create("mich-team", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)bytes) < 0) {
		rc = error_errno("cannot make the memory of the ranks");
		if (fd >= 0)
			close(fd);
		return rc;
	}
	if ((rc = map(fd, bytes, out)) < 0) {
		close(fd);
		return rc;
	}
	memcpy((*out)->magic, TEAM_FILE_MAGIC, sizeof(*out)->magic);
	(*out)->version = TEAM_FILE_VERSION;
	(*out)->ranks = ranks;
	(*out)->bytes = bytes;
	(*out)->data_at = at;
	(*out)->slot_bytes = slot;
	*fd_out = fd;
	return 0;
}

/* Is what was mapped such a file, with every number in it as its size says? */
static int check(const struct team_file *t, uint64_t bytes, const char *path)
{
	if (memcmp(t->magic, TEAM_FILE_MAGIC, sizeof t->magic) != 0 ||
	    t->version != TEAM_FILE_VERSION || t->bytes != bytes || !t->ranks ||
	    t->ranks > TEAM_FILE_RANKS_MAX || t->data_at != head_bytes(t->ranks) ||
	    t->slot_bytes != (bytes - t->data_at) / t->ranks || t->slot_bytes % PAGE)
		return error_set(ERR_CORRUPT, "'%s' is not the memory of this version's ranks",
				 path);
	return 0;
}

int team_file_open(const char *path, struct team_file **out)
{
	int fd = open(path, O_RDWR | O_CLOEXEC), rc;
	struct stat st;

	*out = NULL;
	if (fd < 0)
		return error_errno("cannot open the memory of the ranks, '%s'", path);
	if (fstat(fd, &st) < 0 || st.st_size < (off_t)head_bytes(1))
		rc = error_set(ERR_CORRUPT, "'%s' is not the memory of ranks", path);
	else if ((rc = map(fd, (uint64_t)st.st_size, out)) == 0 &&
		 (rc = check(*out, (uint64_t)st.st_size, path)) < 0) {
		munmap(*out, (size_t)st.st_size);
		*out = NULL;
	}
	close(fd);
	return rc;
}

void team_file_close(struct team_file *t)
{
	if (t)
		munmap(t, t->bytes);
}

static void wake(_Atomic uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

void team_file_abort(struct team_file *t, uint32_t rank)
{
	uint32_t none = 0;

	atomic_compare_exchange_strong(&t->abort, &none, rank + 1);
	for (uint32_t i = 0; i < t->ranks; i++) {
		wake(&t->cell[i].ticket);
		wake(&t->cell[i].left);
	}
}

int64_t team_file_aborter(const struct team_file *t)
{
	return (int64_t)atomic_load(&t->abort) - 1;
}

void *team_file_slot(struct team_file *t, uint32_t rank)
{
	return (char *)t + t->data_at + rank * t->slot_bytes;
}
