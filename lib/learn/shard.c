/* shard.c - cut a split into as many stretches as there are ranks. */
#include "lib/learn/shard.h"

/* The first of n things that part `rank` of `ranks` has. */
static int64_t cut(int64_t n, int rank, int ranks)
{
	return n / ranks * rank + n % ranks * rank / ranks;
}

int64_t shard_most(const struct matrix_split *s)
{
	return s->group.data ? s->group.rows : s->rows;
}

struct shard shard_of(const struct matrix_split *s, int rank, int ranks)
{
	const int32_t *sizes = s->group.data;
	int64_t from = cut(shard_most(s), rank, ranks), to = cut(shard_most(s), rank + 1, ranks);
	struct shard out = { .first = from, .rows = to - from };

	if (!sizes)
		return out;
	out = (struct shard){ .first_group = from, .groups = to - from };
	for (int64_t g = 0; g < to; g++)
		*(g < from ? &out.first : &out.rows) += sizes[g];
	return out;
}
