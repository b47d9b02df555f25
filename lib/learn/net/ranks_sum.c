/* ranks_sum.c - rows that somebody has touched, from all to all. */
#include "lib/learn/net/ranks_sum.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/net/training.h"

enum {
	LEAST = 1 << 16
}; /* floats of tables that are sent sooner than said which rows of them count */

#define NO_ROW UINT32_MAX

/* Tables that go by rows; returns how many rows they have. */
static size_t list_tables(const struct trainer *t, struct ranks_sum *s)
{
	const struct net_shape *shape = t->wiring.shape;
	size_t rows = 0;

	s->tables = xcalloc(t->plan.n_tables + 1, sizeof(*s->tables));
	for (size_t e = 0; e < shape->n_embedded; e++) {
		struct ranks_table *table = &s->tables[s->n_tables];

		if (!t->plan.by_rows[e])
			continue;
		*table = (struct ranks_table){ .from = t->wiring.embeds[e],
					       .dim = shape->embedded[e].dim,
					       .first = rows,
					       .rows = shape->embedded[e].categories + 1 };
		rows += table->rows;
		s->n_tables++;
	}
	return rows;
}

int ranks_sum_open(struct trainer *t)
{
	struct ranks_sum *s = &t->over;
	size_t ranks = (size_t)t->o.team.ranks, floats = 0, rows;
	int rc;

	if (ranks < 2 || !t->o.team.gather)
		return 0;
	rows = list_tables(t, s);
	for (size_t i = 0; i < s->n_tables; i++)
		floats += s->tables[i].rows * s->tables[i].dim;
	if (floats < LEAST || rows >= NO_ROW)
		return 0;
	s->by_rows = true;
	s->most = (t->o.batch / ranks + 1) * s->n_tables;
	s->n_seen = rows / 64 + 1;
	s->at = xcalloc(ranks + 1, sizeof(*s->at));
	for (size_t i = 0; i <= ranks; i++)
		s->at[i] = i * s->most * sizeof(*s->ids);
	rc = mem_alloc(ranks * s->most, sizeof(*s->ids), &s->ids);
	return rc ? rc : mem_alloc(s->n_seen, sizeof(*s->seen), &s->seen);
}

void ranks_sum_close(struct ranks_sum *s)
{
	free(s->tables);
	free(s->ids);
	free(s->at);
	free(s->seen);
	free(s->packed);
	touched_clear(&s->all);
	*s = (struct ranks_sum){ 0 };
}

static uint32_t id_of(const struct ranks_sum *s, struct touched_range row)
{
	const struct ranks_table *table = &s->tables[s->n_tables - 1];

	while (row.from < table->from)
		table--;
	return (uint32_t)(table->first + (row.from - table->from) / table->dim);
}

/* What all lanes of this rank have touched. */
static void tell_own(struct trainer *t)
{
	struct ranks_sum *s = &t->over;
	uint32_t *own = s->ids + (size_t)t->o.team.rank * s->most;
	size_t n = 0;

	for (size_t i = 0; i < t->n_lanes; i++)
		for (size_t k = 0; k < t->lanes[i].touched.n; k++)
			own[n++] = id_of(s, t->lanes[i].touched.rows[k]);
	while (n < s->most)
		own[n++] = NO_ROW;
}

/* Everybody's rows, each once and in their order, whoever touched them how often. */
static void unite(struct trainer *t)
{
	struct ranks_sum *s = &t->over;
	const struct ranks_table *table = s->tables;

	for (size_t i = 0; i < (size_t)t->o.team.ranks * s->most; i++)
		if (s->ids[i] != NO_ROW)
			s->seen[s->ids[i] / 64] |= 1ull << s->ids[i] % 64;
	s->all.n = 0;
	for (size_t i = 0; i < s->n_seen; i++)
		for (; s->seen[i]; s->seen[i] &= s->seen[i] - 1) {
			size_t id = i * 64 + (size_t)__builtin_ctzll(s->seen[i]), from;

			while (id >= table->first + table->rows)
				table++;
			from = table->from + (id - table->first) * table->dim;
			touched_push(&s->all, (struct touched_range){ from, from + table->dim });
		}
}

/* The rows of `all` into packed, or back; returns how many floats they are. */
static size_t pack(struct ranks_sum *s, float *gradient, bool back)
{
	size_t at = 0;

	for (size_t i = 0; i < s->all.n; i++) {
		struct touched_range r = s->all.rows[i];
		float *row = gradient + r.from, *packed = s->packed + at;

		memcpy(back ? row : packed, back ? packed : row, (r.end - r.from) * sizeof(*row));
		at += r.end - r.from;
	}
	return at;
}

static int make_room(struct ranks_sum *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->all.n; i++)
		n += s->all.rows[i].end - s->all.rows[i].from;
	if (n <= s->room)
		return 0;
	free(s->packed);
	s->packed = NULL;
	s->room = 0;
	if (mem_alloc(n, sizeof(*s->packed), &s->packed) < 0)
		return ERR_FAIL;
	s->room = n;
	return 0;
}

static int sum_tables(struct trainer *t, float *gradient)
{
	const struct net_team *team = &t->o.team;
	struct ranks_sum *s = &t->over;
	int rc;

	tell_own(t);
	if ((rc = team->gather(team->payload, s->ids, s->at)))
		return rc;
	unite(t);
	if ((rc = make_room(s)) ||
	    (rc = team->sum(team->payload, s->packed, pack(s, gradient, false))))
		return rc;
	pack(s, gradient, true);
	return 0;
}

int ranks_sum(struct trainer *t)
{
	const struct net_team *team = &t->o.team;
	float *gradient = t->lanes[0].gradients[0];
	int rc = 0;

	if (!t->over.by_rows)
		return team->sum(team->payload, gradient, t->n_params + 2);
	for (size_t i = 0; i < t->plan.n_whole && !rc; i++) {
		struct touched_range r = t->plan.whole[i];

		rc = team->sum(team->payload, gradient + r.from, r.end - r.from);
	}
	if (!rc)
		rc = sum_tables(t, gradient);
	if (rc)
		touched_zero(t->plan.tables, t->plan.n_tables,
			     (struct touched_range){ 0, t->n_params }, gradient);
	return rc;
}

void ranks_sum_zero(const struct trainer *t, struct touched_range range)
{
	const struct ranks_sum *s = &t->over;
	float *gradient = t->lanes[0].gradients[0];

	if (s->by_rows)
		touched_zero(s->all.rows, s->all.n, range, gradient);
	else
		touched_zero(t->plan.tables, t->plan.n_tables, range, gradient);
}
