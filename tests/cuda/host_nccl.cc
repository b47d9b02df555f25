/*
 * host_nccl.cc - as much of NCCL as lib/learn/cuda/nccl.c asks for, between processes of this machine, for
 * the device of host_device.cc: a library of its own that MICH_NCCL names. Sums are work in the stream,
 * so they are captured with a step, and wait as NCCL's kernels do: until all have come, or whoever waits for the
 * stream is told that a rank has failed.
 */
#include <atomic>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/cuda/host_work.h"

namespace
{

const size_t SLOT = (size_t)1 << 22; /* floats that a rank may give at once */
const int SPINS = 1000;

/* One mapped file, named by the id. */
struct shared {
	std::atomic<uint64_t> come; /* how often all ranks together have come to a meeting */
};

struct comm {
	struct shared *s;
	float *slots; /* (ranks, SLOT) */
	size_t bytes;
	int rank, ranks;
	uint64_t meetings;
	std::atomic<bool> aborted;
};

/* False: the stream is given up. */
bool meet(comm *c)
{
	uint64_t all = ++c->meetings * (uint64_t)c->ranks;

	c->s->come++;
	for (int spins = 0; c->s->come < all; spins++) {
		if (spins < SPINS)
			continue;
		if (c->aborted || host_watched())
			return false;
		usleep(100);
	}
	return true;
}

void sum(comm *c, float *v, size_t n)
{
	memcpy(c->slots + (size_t)c->rank * SLOT, v, n * sizeof *v);
	if (!meet(c))
		return;
	for (size_t k = 0; k < n; k++) {
		v[k] = c->slots[k];
		for (int i = 1; i < c->ranks; i++)
			v[k] += c->slots[(size_t)i * SLOT + k];
	}
	meet(c);
}

void gather(comm *c, const float *from, float *to, size_t n)
{
	memcpy(c->slots + (size_t)c->rank * SLOT, from, n * sizeof *from);
	if (!meet(c))
		return;
	for (int i = 0; i < c->ranks; i++)
		memcpy(to + (size_t)i * n, c->slots + (size_t)i * SLOT, n * sizeof *to);
	meet(c);
}

} // namespace

struct id {
	char path[128];
};

extern "C" int ncclGetVersion(int *version)
{
	*version = 21800;
	return 0;
}

extern "C" int ncclGetUniqueId(struct id *out)
{
	const char *dir = getenv("TMPDIR");
	int fd;

	snprintf(out->path, sizeof out->path, "%s/mich-host-nccl-XXXXXX", dir ? dir : "/tmp");
	fd = mkstemp(out->path);
	if (fd < 0)
		return 2;
	close(fd);
	return 0;
}

extern "C" int ncclCommInitRankConfig(void **out, int ranks, struct id id, int rank, void *)
{
	size_t bytes = 4096 + (size_t)ranks * SLOT * sizeof(float);
	int fd = open(id.path, O_RDWR | O_CLOEXEC);
	void *map = MAP_FAILED;
	comm *c;

	if (fd >= 0 && ftruncate(fd, (off_t)bytes) == 0)
		map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	if (map == MAP_FAILED)
		return 2;
	c = new comm();
	c->s = (struct shared *)map;
	c->slots = (float *)((char *)map + 4096);
	c->bytes = bytes;
	c->rank = rank;
	c->ranks = ranks;
	*out = c;
	meet(c);
	if (rank == 0)
		unlink(id.path);
	return 0;
}

extern "C" int ncclCommGetAsyncError(void *, int *error)
{
	*error = 0;
	return 0;
}

extern "C" int ncclAllReduce(const void *from, void *to, size_t n, int, int, void *comm_,
			     void *stream)
{
	comm *c = (comm *)comm_;

	if (from != to || n > SLOT)
		return 4;
	host_do({ NULL, dim3(), dim3(), [=] { sum(c, (float *)to, n); } }, stream);
	return 0;
}

extern "C" int ncclAllGather(const void *from, void *to, size_t n, int, void *comm_, void *stream)
{
	comm *c = (comm *)comm_;

	if (n > SLOT)
		return 4;
	host_do({ NULL, dim3(), dim3(), [=] { gather(c, (const float *)from, (float *)to, n); } },
		stream);
	return 0;
}

extern "C" int ncclCommFinalize(void *)
{
	return 0;
}

extern "C" int ncclCommDestroy(void *comm_)
{
	comm *c = (comm *)comm_;

	munmap(c->s, c->bytes);
	delete c;
	return 0;
}

/* Work that waits sees it; the rest goes with the process. */
extern "C" int ncclCommAbort(void *comm_)
{
	((comm *)comm_)->aborted = true;
	return 0;
}

extern "C" const char *ncclGetErrorString(int)
{
	return "an error of the host's NCCL";
}

extern "C" const char *ncclGetLastError(void *)
{
	return "";
}
