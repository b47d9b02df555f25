/* resident.c - a copy on huge pages. */
#include "lib/learn/net/resident.h"

#include <string.h>
#include <sys/mman.h>

#include "lib/base/deal.h"
#include "lib/base/huge.h"
#include "lib/base/memory_room.h"
#include "lib/learn/team/team_common.h"

enum {
	LINE = 16,	 /* floats of a cache line */
	LEAST = 4 << 20, /* bytes that a core's own cache does not hold */
	BLOCK = 8 << 20, /* bytes that a thread copies at a time */
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

/* Blocks first to end - 1 of the rows, each so many rows. */
struct stretch {
	const struct resident *to;
	size_t rows, first, end;
	bool shared;
};

static int copy_block(void *payload, size_t block)
{
	const struct stretch *s = payload;
	const struct resident *r = s->to;
	const struct net_data *d = &r->of;
	size_t from = (s->first + block) * s->rows, row_bytes = r->ld * sizeof(float);
	size_t end = from + s->rows < d->rows ? from + s->rows : d->rows;

	if (s->shared)
		huge_claim(r->memory, from * row_bytes, end * row_bytes);
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

/* What `part` of so many is to copy. */
static struct stretch stretch_of(const struct resident *r, size_t part, size_t parts)
{
	size_t rows = BLOCK / (r->ld * sizeof(float)) + 1;
	size_t blocks = (r->of.rows + rows - 1) / rows;

	return (struct stretch){ .to = r,
				 .rows = rows,
				 .first = blocks * part / parts,
				 .end = blocks * (part + 1) / parts };
}

/* Each rank of the machine copies a part of the rows, once they have the memory in common. */
static int copy_together(struct resident *r, int threads, const struct net_team *team)
{
	struct team_common c;
	struct stretch s;
	int rc = team->common(team->payload, r->bytes, SHARE, &c);

	if (rc || !c.memory)
		return rc;
	r->memory = c.memory;
	s = stretch_of(r, (size_t)c.part, (size_t)c.parts);
	s.shared = true;
	deal(threads, s.end - s.first, copy_block, &s);
	return team->meet(team->payload);
}

static void copy_alone(struct resident *r, int threads, const struct net_team *team)
{
	struct stretch s = stretch_of(r, 0, 1);

	if (r->bytes > memory_room() / (uint64_t)team->ranks / SHARE ||
	    !(r->memory = huge_map(r->bytes, -1)))
		return;
	deal(threads, s.end, copy_block, &s);
}

int resident_open(const struct net_data *d, int threads, const struct net_team *team,
		  struct resident *out)
{
	size_t ld = row_floats(d);
	const float *rows;
	int rc = 0;

	*out = resident_borrow(d);
	if (d->rows * d->inputs * sizeof(float) < LEAST)
		return 0;
	out->ld = ld;
	out->bytes = huge_round(d->rows * ld * sizeof(float));
	if (team->ranks > 1 && team->common)
		rc = copy_together(out, threads, team);
	if (!rc && !out->memory)
		copy_alone(out, threads, team);
	if (!(rows = out->memory)) {
		*out = resident_borrow(d);
		return rc;
	}
	out->x = rows;
	out->y = d->y ? rows + d->inputs : NULL;
	out->w = d->w ? rows + d->inputs + (d->y != NULL) : NULL;
	out->step = ld;
	return rc;
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
