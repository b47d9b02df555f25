/*
 * gemm-blocks.h - a product by blocks of ROWS rows by two vectors of columns, whose sums stay in registers. For
 * inclusion by a kernel, which gives before it
 *
 *	TARGET, INLINE, UNROLL    attributes of its functions, of those inside them, and of a loop over ROWS
 *	ROWS, LANES               a multiple of 3; floats of a vector
 *	vec, mask                 a vector; which of its floats there are
 *	vec_zero, vec_spread, vec_load, vec_load_some, vec_store, vec_store_some, vec_madd,
 *	vec_relu (NaN stays), vec_where_positive (v where a float of `live` is above 0, else 0)
 *	mask_first (n)            the first n
 *
 * and takes blocks_gemm() from it.
 */
enum {
	WIDE = 2 * LANES,
	DEPTH = 256,	/* of k at a time: a panel that stays in the first cache */
	PACK_FROM = 48, /* rows from which laying a panel side by side pays */
};

/* Columns [j, j + LANES) and [j + LANES, j + WIDE) of a block, as far as there are any. */
struct cut {
	const float *a, *b; /* b: whole vectors, with what nobody needs behind its columns */
	float *c;
	const float *live;
	size_t j, k, ldb;
	mask low, high;
	bool wide;	  /* there are more than LANES columns */
	bool whole;	  /* no vector of c has less than LANES columns */
	bool first, last; /* of the stretches of k */
};

/*
 * Without a mask where there is no need of one: masks take turns from the ports that multiply, or make a store
 * slow.
 */
INLINE vec load(const float *from, const bool whole, mask some)
{
	return whole ? vec_load(from) : vec_load_some(from, some);
}

INLINE void store(float *to, const bool whole, mask some, vec v)
{
	if (whole)
		vec_store(to, v);
	else
		vec_store_some(to, some, v);
}

/* The sums of a block: of its rows, each two vectors, or where it is narrow one. */
struct sums {
	vec low[ROWS], high[ROWS];
};

INLINE void begin(const struct gemm *g, const struct cut *t, const int rows, const bool wide,
		  const bool whole, struct sums *s)
{
	bool add = !t->first || g->start == GEMM_ADD, bias = g->start == GEMM_BIAS && !add;
	vec left = bias ? load(g->bias + t->j, whole, t->low) : vec_zero();
	vec right = bias && wide ? load(g->bias + t->j + LANES, whole, t->high) : vec_zero();

	UNROLL
	for (int i = 0; i < rows; i++) {
		s->low[i] = left;
		s->high[i] = right;
	}
	if (!add)
		return;
	UNROLL
	for (int i = 0; i < rows; i++) {
		const float *c = t->c + (size_t)i * g->ldc;

		s->low[i] = load(c, whole, t->low);
		if (wide)
			s->high[i] = load(c + LANES, whole, t->high);
	}
}

INLINE void multiply(const struct gemm *g, const struct cut *t, const int rows, const bool wide,
		     struct sums *s)
{
	const float *a = t->a, *b = t->b;
	size_t a_row = g->a_row, a_step = g->a_step, ldb = t->ldb;

	for (size_t p = t->k; p; p--, a += a_step, b += ldb) {
		vec left = vec_load(b), right = wide ? vec_load(b + LANES) : left;

		UNROLL
		for (int i = 0; i < rows; i++) {
			vec x = vec_spread(a[(size_t)i * a_row]);

			s->low[i] = vec_madd(x, left, s->low[i]);
			if (wide)
				s->high[i] = vec_madd(x, right, s->high[i]);
		}
	}
}

/* What the last stretch of k has to do besides. */
INLINE void finish(const struct gemm *g, const struct cut *t, const int rows, const bool wide,
		   const bool whole, struct sums *s)
{
	if (g->relu) {
		UNROLL
		for (int i = 0; i < rows; i++) {
			s->low[i] = vec_relu(s->low[i]);
			if (wide)
				s->high[i] = vec_relu(s->high[i]);
		}
	}
	if (!t->live)
		return;
	UNROLL
	for (int i = 0; i < rows; i++) {
		const float *live = t->live + (size_t)i * g->ld_live;

		s->low[i] = vec_where_positive(load(live, whole, t->low), s->low[i]);
		if (wide)
			s->high[i] =
				vec_where_positive(load(live + LANES, whole, t->high), s->high[i]);
	}
}

INLINE void block(const struct gemm *g, const struct cut *t, const int rows, const bool wide,
		  const bool whole)
{
	struct sums s;

	begin(g, t, rows, wide, whole, &s);
	multiply(g, t, rows, wide, &s);
	if (t->last)
		finish(g, t, rows, wide, whole, &s);
	UNROLL
	for (int i = 0; i < rows; i++) {
		float *c = t->c + (size_t)i * g->ldc;

		store(c, whole, t->low, s.low[i]);
		if (wide)
			store(c + LANES, whole, t->high, s.high[i]);
	}
}

/* A function a number of rows, each with a loop for every kind of block. */
#define BLOCK(name, rows)                                                  \
	TARGET static void name(const struct gemm *g, const struct cut *t) \
	{                                                                  \
		if (t->wide && t->whole)                                   \
			block(g, t, rows, true, true);                     \
		else if (t->wide)                                          \
			block(g, t, rows, true, false);                    \
		else if (t->whole)                                         \
			block(g, t, rows, false, true);                    \
		else                                                       \
			block(g, t, rows, false, false);                   \
	}

BLOCK(block_full, ROWS)
BLOCK(block_most, ROWS / 3 * 2)
BLOCK(block_some, ROWS / 3)
BLOCK(block_one, 1)

/* The next rows of `left`; returns how many they were. */
TARGET static size_t next_block(const struct gemm *g, const struct cut *t, size_t left)
{
	if (left >= ROWS)
		return block_full(g, t), ROWS;
	if (left >= ROWS / 3 * 2)
		return block_most(g, t), ROWS / 3 * 2;
	if (left >= ROWS / 3)
		return block_some(g, t), ROWS / 3;
	return block_one(g, t), 1;
}

/*
 * A panel of columns side by side, 0 where there are fewer. Where rows are a power of two of bytes apart, its lines
 * share few sets of the first cache and drive each other out before the next block of rows reads them again.
 */
TARGET static void pack(struct cut *t, float *panel)
{
	for (size_t p = 0; p < t->k; p++) {
		const float *b = t->b + p * t->ldb;

		vec_store(panel + p * WIDE, vec_load_some(b, t->low));
		vec_store(panel + p * WIDE + LANES,
			  t->wide ? vec_load_some(b + LANES, t->high) : vec_zero());
	}
	t->b = panel;
	t->ldb = WIDE;
}

/* Terms p to p + k - 1 of every sum. */
TARGET static void stretch(const struct gemm *g, size_t p, size_t k)
{
	float panel[DEPTH * WIDE] __attribute__((aligned(64)));

	for (size_t j = 0; j < g->n; j += WIDE) {
		size_t left = g->n - j;
		struct cut t = { .b = g->b + p * g->ldb + j,
				 .j = j,
				 .k = k,
				 .ldb = g->ldb,
				 .low = mask_first(left),
				 .high = mask_first(left > LANES ? left - LANES : 0),
				 .wide = left > LANES,
				 .whole = left >= WIDE || left == LANES,
				 .first = p == 0,
				 .last = p + k == g->k };

		if (g->m >= PACK_FROM || !t.whole)
			pack(&t, panel);
		for (size_t i = 0; i < g->m;) {
			t.a = g->a + i * g->a_row + p * g->a_step;
			t.c = g->c + i * g->ldc + j;
			t.live = g->live ? g->live + i * g->ld_live + j : NULL;
			i += next_block(g, &t, g->m - i);
		}
	}
}

static void blocks_gemm(const struct gemm *g)
{
	size_t p = 0;

	do {
		size_t k = g->k - p < DEPTH ? g->k - p : DEPTH;

		stretch(g, p, k);
		p += k;
	} while (p < g->k);
}
