/* team_common.c - a memory file that goes from hand to hand. */
#define _GNU_SOURCE
#include "lib/learn/team/team_common.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/huge.h"
#include "lib/base/mem.h"
#include "lib/base/memory_room.h"

/* Where a rank is, and where its file: what it tells the others. */
struct place {
	char boot[40];	       /* the machine, since it was started */
	uint64_t pids;	       /* whose numbers of processes it has */
	uint64_t device, file; /* of fd */
	int32_t pid, fd;       /* -1: it has made none */
};

static void find_place(struct place *p)
{
	FILE *in = fopen("/proc/sys/kernel/random/boot_id", "re");
	struct stat st;

	*p = (struct place){ .pid = getpid(), .fd = -1 };
	if (in && !fgets(p->boot, sizeof p->boot, in))
		p->boot[0] = '\0';
	if (in)
		fclose(in);
	if (stat("/proc/self/ns/pid", &st) == 0)
		p->pids = st.st_ino;
}

/* Everybody's place, of which v (ranks) holds our own. */
static int gather(struct team *t, struct place *v)
{
	int ranks = team_ranks(t), rc;
	size_t *at = xcalloc((size_t)ranks + 1, sizeof *at);

	for (int i = 0; i <= ranks; i++)
		at[i] = (size_t)i * sizeof *v;
	rc = team_gather(t, v, at);
	free(at);
	return rc;
}

static bool are_on_one_machine(const struct place *a, const struct place *b)
{
	return !memcmp(a->boot, b->boot, sizeof a->boot);
}

/* Of one machine, and they see each other there: in containers of their own they do not. */
static bool are_neighbours(const struct place *a, const struct place *b)
{
	return a->boot[0] && a->pids && a->pids == b->pids && are_on_one_machine(a, b);
}

/* How many files a machine may come to hold: one for us and, for all we know, one for each rank that is none. */
static int files_most(const struct place *v, int rank, int ranks)
{
	int n = 1;

	for (int i = 0; i < ranks; i++)
		n += i != rank && are_on_one_machine(&v[i], &v[rank]) &&
		     !are_neighbours(&v[i], &v[rank]);
	return n;
}

/* The rank's place among its neighbours; returns the first of them. */
static int find_part(const struct place *v, int rank, int ranks, struct team_common *out)
{
	int first = rank;

	for (int i = ranks; i-- > 0;)
		if (i == rank || are_neighbours(&v[i], &v[rank])) {
			out->part += i < rank;
			out->parts++;
			first = i;
		}
	return first;
}

/* A file of memory that is there to be had and that may be so long; -1: there is none. */
static int make(uint64_t bytes, uint64_t spare)
{
	struct rlimit longest;
	int fd;

	/* who makes a longer one than the limit is killed */
	if (memory_room() / spare < bytes ||
	    (getrlimit(RLIMIT_FSIZE, &longest) == 0 && longest.rlim_cur < bytes))
		return -1;
	fd = memfd_create("mich-rows", MFD_CLOEXEC);
	if (fd >= 0 && ftruncate(fd, (off_t)bytes) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void tell_file(struct place *p, int fd)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	p->fd = fd;
	p->device = st.st_dev;
	p->file = st.st_ino;
}

/* Another rank's file, if that is still the one that it spoke of. */
static int take(const struct place *p)
{
	char path[64];
	struct stat st;
	int fd;

	if (p->fd < 0)
		return -1;
	snprintf(path, sizeof path, "/proc/%d/fd/%d", p->pid, p->fd);
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd >= 0 && (fstat(fd, &st) < 0 || st.st_dev != p->device || st.st_ino != p->file)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* fd is given: the first neighbour keeps its own until all have it. */
static int map(struct team *t, int fd, struct team_common *out)
{
	float missing;
	int rc;

	out->memory = fd >= 0 ? huge_map(out->bytes, fd) : NULL;
	missing = !out->memory;
	rc = team_sum(t, &missing, 1);
	if (fd >= 0)
		close(fd);
	if (rc || missing > 0)
		team_common_close(out);
	return rc;
}

int team_common_open(struct team *t, size_t bytes, int spare, struct team_common *out)
{
	int rank = team_rank(t), ranks = team_ranks(t), first, fd = -1, rc;
	struct place *v = xcalloc((size_t)ranks, sizeof *v);

	*out = (struct team_common){ .bytes = huge_round(bytes) };
	find_place(&v[rank]);
	if ((rc = gather(t, v)))
		goto out;
	first = find_part(v, rank, ranks, out);
	if (first == rank)
		fd = make(out->bytes, (uint64_t)spare * (uint64_t)files_most(v, rank, ranks));
	tell_file(&v[rank], fd);
	if ((rc = gather(t, v)))
		goto out;
	if (first != rank)
		fd = take(&v[first]);
	rc = map(t, fd, out);
	fd = -1;
out:
	if (fd >= 0)
		close(fd);
	free(v);
	return rc;
}

void team_common_close(struct team_common *c)
{
	if (c->memory)
		munmap(c->memory, c->bytes);
	*c = (struct team_common){ 0 };
}
