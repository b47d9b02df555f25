/* sieve-avx2.c - 64 rows in two registers; masks are bytes of ones. */
#include "lib/model/trees/sieve.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx2,popcnt,bmi")))

static bool usable(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt") &&
	       __builtin_cpu_supports("bmi");
}

/* How many of 16 cuts lie at or below v. */
TARGET static inline uint32_t below(__m256 v, const float *cuts)
{
	int low = _mm256_movemask_ps(_mm256_cmp_ps(v, _mm256_loadu_ps(cuts), _CMP_GE_OQ));
	int high = _mm256_movemask_ps(_mm256_cmp_ps(v, _mm256_loadu_ps(cuts + 8), _CMP_GE_OQ));

	return (uint32_t)__builtin_popcount((unsigned)(low | high << 8));
}

TARGET static void bins(const struct sieve_column *c, uint32_t n_cuts, const float *x,
			size_t stride, int n, uint8_t *side0, uint8_t *side1)
{
	for (int i = 0; i < n; i++) {
		float f = x[(size_t)i * stride];
		__m256 v = _mm256_set1_ps(f);
		uint32_t whole = n_cuts > 16 ? below(v, c->pivots) : 0;

		side0[i] = (uint8_t)(16 * whole + below(v, c->cuts + 16 * whole));
		side1[i] = f != f ? 255 : side0[i];
	}
}

/* Ones where a row's bin is not below the cut. */
TARGET static inline __m256i above(const uint8_t *cell, uint32_t cut)
{
	__m256i v = _mm256_load_si256((const __m256i *)cell);

	return _mm256_cmpeq_epi8(_mm256_max_epu8(v, _mm256_set1_epi32((int)cut)), v);
}

/* Bytes of ones for the bits of a mask of 32 rows. */
TARGET static inline __m256i bytes_of(uint32_t mask)
{
	__m256i spread =
		_mm256_set_epi64x(0x0303030303030303, 0x0202020202020202, 0x0101010101010101, 0);
	__m256i bit = _mm256_set1_epi64x((long long)0x8040201008040201);
	__m256i v = _mm256_shuffle_epi8(_mm256_set1_epi32((int)mask), spread);

	return _mm256_cmpeq_epi8(_mm256_and_si256(v, bit), bit);
}

/* A shuffle looks up 16 bytes; bits 4 and 5 of the place choose among four of them. */
TARGET static inline __m256i in_table(const uint8_t *table, const uint8_t *cell)
{
	__m256i hi = _mm256_load_si256((const __m256i *)cell), got[4];
	__m256i bit = _mm256_load_si256((const __m256i *)(cell + SIEVE_ROWS));
	__m256i by4 = _mm256_slli_epi16(hi, 3), by5 = _mm256_slli_epi16(hi, 2);

	for (int i = 0; i < 4; i++)
		got[i] = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(_mm_load_si128(
						     (const __m128i *)(table + 16 * i))),
					     hi);
	got[0] = _mm256_blendv_epi8(_mm256_blendv_epi8(got[0], got[1], by4),
				    _mm256_blendv_epi8(got[2], got[3], by4), by5);
	return _mm256_cmpeq_epi8(_mm256_and_si256(got[0], bit), bit);
}

TARGET static inline uint32_t above_key(uint32_t cut, const uint8_t *cell)
{
	__m256i least = _mm256_set1_epi32((int)cut);
	uint32_t mask = 0;

	for (int i = 0; i < 4; i++) {
		__m256i v = _mm256_load_si256((const __m256i *)(cell + 32 * i));
		__m256i under = _mm256_cmpgt_epi32(least, v);

		mask |= (uint32_t)(~_mm256_movemask_ps(_mm256_castsi256_ps(under)) & 255) << 8 * i;
	}
	return mask;
}

TARGET static inline uint32_t in_set(const uint32_t *set, const uint8_t *cell)
{
	uint32_t mask = 0;

	for (int i = 0; i < 4; i++) {
		__m256i code = _mm256_load_si256((const __m256i *)(cell + 32 * i));
		__m256i words =
			_mm256_i32gather_epi32((const int *)set, _mm256_srli_epi32(code, 5), 4);
		__m256i up = _mm256_sub_epi32(_mm256_set1_epi32(31),
					      _mm256_and_si256(code, _mm256_set1_epi32(31)));

		mask |= (uint32_t)_mm256_movemask_ps(
				_mm256_castsi256_ps(_mm256_sllv_epi32(words, up)))
			<< 8 * i;
	}
	return mask;
}

TARGET static inline __attribute__((always_inline)) __m256i
goes_right(const struct forest *f, int kind, const struct sieve_node *n, const uint8_t *cells,
	   int half)
{
	const uint8_t *bytes = cells + n->at + 32 * half, *wide = cells + n->at + 128 * half;

	switch (kind) {
	case SIEVE_BIN:
		return above(bytes, n->cut);
	case SIEVE_CAT:
		return in_table(f->sieve->tables + 64 * (size_t)n->cut, bytes);
	case SIEVE_KEY:
		return bytes_of(above_key(n->cut, wide));
	default:
		return bytes_of(in_set(f->sets + n->cut, wide));
	}
}

/* Nodes of one kind; a constant there makes a loop of its own. */
TARGET static inline __attribute__((always_inline)) __m256i
sift_run(const struct forest *f, int kind, const struct sieve_node *n, uint32_t count,
	 const uint8_t *cells, int half, __m256i *reach, __m256i ids)
{
	for (const struct sieve_node *end = n + count; n < end; n++) {
		__m256i here = reach[n->slot];
		__m256i right = goes_right(f, kind, n, cells, half);

		reach[n->left] = _mm256_andnot_si256(right, here);
		right = _mm256_and_si256(right, here);
		reach[n->left + 1] = right;
		ids = _mm256_add_epi8(ids,
				      _mm256_and_si256(right, _mm256_set1_epi32((int)n->step)));
	}
	return ids;
}

TARGET static inline __m256i sift(const struct forest *f, const struct sieve_tree *tree,
				  const uint8_t *cells, int half, __m256i *reach)
{
	const struct sieve_node *n = tree->nodes;
	__m256i ids = _mm256_setzero_si256();

	reach[0] = _mm256_set1_epi8(-1);
	for (uint32_t i = 0; i < tree->n_runs; n += tree->runs[i++].n)
		switch (tree->runs[i].kind) {
		case SIEVE_BIN:
			ids = sift_run(f, SIEVE_BIN, n, tree->runs[i].n, cells, half, reach, ids);
			break;
		case SIEVE_CAT:
			ids = sift_run(f, SIEVE_CAT, n, tree->runs[i].n, cells, half, reach, ids);
			break;
		case SIEVE_KEY:
			ids = sift_run(f, SIEVE_KEY, n, tree->runs[i].n, cells, half, reach, ids);
			break;
		default:
			ids = sift_run(f, SIEVE_CODE, n, tree->runs[i].n, cells, half, reach, ids);
		}
	return ids;
}

TARGET static inline void add_values(const float *values, __m256i ids, float *sums)
{
	uint8_t id[32] __attribute__((aligned(32)));

	_mm256_store_si256((__m256i *)id, ids);
	for (int i = 0; i < 4; i++) {
		__m256i at = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(id + 8 * i)));
		__m256 v = _mm256_i32gather_ps(values, at, 4);

		_mm256_store_ps(sums + 8 * i, _mm256_add_ps(_mm256_load_ps(sums + 8 * i), v));
	}
}

TARGET static void tree(const struct forest *f, const struct sieve_tree *tree, struct tile *t,
			float *sums)
{
	for (int half = 0; half < 2; half++) {
		__m256i *reach = (__m256i *)t->reach;

		add_values(tree->values, sift(f, tree, t->cells, half, reach), sums + 32 * half);
	}
}

static int score(const struct forest *f, const float *x, int64_t rows, float *out)
{
	static const struct sieve_ops ops = { bins, tree, NULL };

	return sieve_score(f, &ops, x, rows, out);
}

#else

static bool usable(void)
{
	return false;
}

static int score(const struct forest *f, const float *x, int64_t rows, float *out)
{
	return kernel_scalar.score(f, x, rows, out);
}

#endif

const struct kernel kernel_avx2 = { "avx2", usable, score };
