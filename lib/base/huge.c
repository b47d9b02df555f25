/* huge.c - maps at whole pages, and MADV_COLLAPSE. */
#define _GNU_SOURCE
#include "lib/base/huge.h"

#include <stdint.h>
#include <sys/mman.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif

size_t huge_round(size_t bytes)
{
	return (bytes + HUGE_BYTES - 1) / HUGE_BYTES * HUGE_BYTES;
}

/* Room for so many bytes and a page more, cut so that it begins at a page: only there a huge one can be mapped. */
static void *reserve(size_t bytes)
{
	char *at = mmap(NULL, bytes + HUGE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t before;

	if (at == MAP_FAILED)
		return NULL;
	before = huge_round((uintptr_t)at) - (uintptr_t)at;
	if (before)
		munmap(at, before);
	munmap(at + before + bytes, HUGE_BYTES - before);
	return at + before;
}

void *huge_map(size_t bytes, int fd)
{
	int kind = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
	void *at = reserve(bytes);

	if (!at)
		return NULL;
	if (mmap(at, bytes, PROT_READ | PROT_WRITE, kind | MAP_FIXED, fd, 0) == MAP_FAILED) {
		munmap(at, bytes);
		return NULL;
	}
	madvise(at, bytes, MADV_HUGEPAGE);
	return at;
}

/*
 * The kernel gives shared memory huge pages by itself only where its settings say so, and they seldom do; but whoever
 * asks for the very pages gets them. It refuses a page of which nothing is there yet, so each is looked at first.
 */
void huge_claim(void *memory, size_t from, size_t end)
{
	char *v = memory;

	from = huge_round(from);
	end = huge_round(end);
	for (size_t at = from; at < end; at += HUGE_BYTES)
		(void)*(volatile const char *)(v + at);
	if (from < end)
		madvise(v + from, end - from, MADV_COLLAPSE);
}
