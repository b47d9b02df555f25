/* resident.c - a copy on huge pages. */
#define _GNU_SOURCE
#include "lib/learn/net/resident.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/base/deal.h"
#include "lib/base/memory_room.h"

enum {
	LINE = 16,	 /* floats of a cache line */
	LEAST = 4 << 20, /* bytes that a core's own cache does not hold */
	HUGE = 2 << 20,	 /* bytes of a page */
	BLOCK = 1 << 14, /* rows that a thread copies at a time */
	SHARE = 4,	 /* of the room: one in so many */
};

struct resident resident_borrow(const struct net_data *d)
{
	return (struct resident){
		.of = *d, .x = d->x, .y = d->y, .w = d->w, .ld = d->inputs, .step = 1
	};
}

/* Floats of a row: whole lines, or a part of one that divides it. */
static size_t row_floats(const struct net_data *d)
{
	size_t n = d->inputs + (d->y != NULL) + (d->w != NULL), part = 1;

	if (n > LINE)
		return (n + LINE - 1) / LINE * LINE;
	while (part < n)
		part *= 2;
	return part;
}

static int copy_block(void *payload, size_t block)
{
	const struct resident *r = payload;
	const struct net_data *d = &r->of;
	size_t from = block * BLOCK, end = from + BLOCK < d->rows ? from + BLOCK : d->rows;

	for (size_t i = from; i < end; i++) {
		float *to = (float *)r->memory + i * r->ld;

		memcpy(to, d->x + i * d->inputs, d->inputs * sizeof(*to));
		if (d->y)
			to[d->inputs] = d->y[i];
		if (d->w)
			to[d->inputs + (d->y != NULL)] = d->w[i];
	}
	return 0;
}

struct resident resident_open(const struct net_data *d, int threads, int sharers)
{
	struct resident r = resident_borrow(d);
	size_t ld = row_floats(d), bytes = d->rows * ld * sizeof(float);
	float *rows;

	if (d->rows * d->inputs * sizeof(float) < LEAST)
		return r;
	bytes = (bytes + HUGE - 1) / HUGE * HUGE;
	if (bytes > memory_room() / (uint64_t)sharers / SHARE)
		return r;
	rows = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (rows == MAP_FAILED)
		return r;
	madvise(rows, bytes, MADV_HUGEPAGE); /* small ones do as well */
	r.memory = rows;
	r.bytes = bytes;
	r.ld = ld;
	deal(threads, (d->rows + BLOCK - 1) / BLOCK, copy_block, &r);
	r.step = ld;
	r.x = rows;
	r.y = d->y ? rows + d->inputs : NULL;
	r.w = d->w ? rows + d->inputs + (d->y != NULL) : NULL;
	return r;
}

void resident_clear(struct resident *r)
{
	if (r->memory)
		munmap(r->memory, r->bytes);
	*r = (struct resident){ 0 };
}

bool resident_is_of(const struct resident *r, const struct net_data *d)
{
	return r->of.x == d->x && r->of.y == d->y && r->of.w == d->w && r->of.rows == d->rows &&
	       r->of.inputs == d->inputs;
}
