/* sieve-avx512.c - 64 rows a register. */
#include "lib/model/trees/sieve.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,popcnt,bmi")))

static bool usable(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
	       __builtin_cpu_supports("avx512vbmi");
}

/* Of sorted cuts, the whole sixteens below x by the pivots, then within one sixteen. NaN gives 0.
 */
TARGET static void bins(const struct sieve_column *c, uint32_t n_cuts, const float *x,
			size_t stride, int n, uint8_t *side0, uint8_t *side1)
{
	__m512 pivots = _mm512_loadu_ps(c->pivots), first = _mm512_loadu_ps(c->cuts);
	uint64_t nan = 0;
	__m512i all;

	for (int i = 0; i < n; i++) {
		float f = x[(size_t)i * stride];
		__m512 v = _mm512_set1_ps(f), cuts = first;
		uint32_t whole = 0;

		if (n_cuts > 16) {
			whole = (uint32_t)__builtin_popcount(
				_mm512_cmp_ps_mask(v, pivots, _CMP_GE_OQ));
			cuts = _mm512_loadu_ps(c->cuts + 16 * whole);
		}
		side0[i] = (uint8_t)(16 * whole + (uint32_t)__builtin_popcount(
							  _mm512_cmp_ps_mask(v, cuts, _CMP_GE_OQ)));
		nan |= (uint64_t)(f != f) << i;
	}
	all = _mm512_load_si512(side0);
	_mm512_store_si512(side1, _mm512_mask_set1_epi8(all, nan, -1));
}

TARGET static inline __mmask64 in_table(const uint8_t *table, const uint8_t *cell)
{
	__m512i bytes = _mm512_permutexvar_epi8(_mm512_load_si512(cell), _mm512_load_si512(table));

	return _mm512_test_epi8_mask(bytes, _mm512_load_si512(cell + SIEVE_ROWS));
}

TARGET static inline __mmask64 above_key(uint32_t cut, const uint8_t *cell)
{
	__mmask64 m = 0;

	for (int i = 0; i < 4; i++)
		m |= (__mmask64)_mm512_cmpge_epi32_mask(_mm512_load_si512(cell + 64 * i),
							_mm512_set1_epi32((int)cut))
		     << 16 * i;
	return m;
}

TARGET static inline __mmask64 in_set(const uint32_t *set, const uint8_t *cell)
{
	__mmask64 m = 0;

	for (int i = 0; i < 4; i++) {
		__m512i code = _mm512_load_si512(cell + 64 * i);
		__m512i words = _mm512_i32gather_epi32(_mm512_srli_epi32(code, 5), set, 4);
		__m512i bit = _mm512_sllv_epi32(_mm512_set1_epi32(1),
						_mm512_and_si512(code, _mm512_set1_epi32(31)));

		m |= (__mmask64)_mm512_test_epi32_mask(words, bit) << 16 * i;
	}
	return m;
}

TARGET static inline __attribute__((always_inline)) __mmask64
goes_right(const struct forest *f, int kind, const struct sieve_node *n, const uint8_t *cell)
{
	switch (kind) {
	case SIEVE_BIN:
		return _mm512_cmpge_epu8_mask(_mm512_load_si512(cell),
					      _mm512_set1_epi32((int)n->cut));
	case SIEVE_CAT:
		return in_table(f->sieve->tables + 64 * (size_t)n->cut, cell);
	case SIEVE_KEY:
		return above_key(n->cut, cell);
	default:
		return in_set(f->sets + n->cut, cell);
	}
}

/* Nodes of one kind; a constant there makes a loop of its own. */
TARGET static inline __attribute__((always_inline)) __m512i
sift_run(const struct forest *f, int kind, const struct sieve_node *n, uint32_t count,
	 const uint8_t *cells, uint64_t *reach, __m512i ids)
{
	for (const struct sieve_node *end = n + count; n < end; n++) {
		uint64_t here = reach[n->slot];
		__mmask64 right = goes_right(f, kind, n, cells + n->at) & here;

		reach[n->left] = here & ~right;
		reach[n->left + 1] = right;
		ids = _mm512_mask_add_epi8(ids, right, ids, _mm512_set1_epi32((int)n->step));
	}
	return ids;
}

TARGET static inline __m512i sift(const struct forest *f, const struct sieve_tree *tree,
				  const uint8_t *cells, uint64_t *reach)
{
	const struct sieve_node *n = tree->nodes;
	__m512i ids = _mm512_setzero_si512();

	reach[0] = ~0ull;
	for (uint32_t i = 0; i < tree->n_runs; n += tree->runs[i++].n)
		switch (tree->runs[i].kind) {
		case SIEVE_BIN:
			ids = sift_run(f, SIEVE_BIN, n, tree->runs[i].n, cells, reach, ids);
			break;
		case SIEVE_CAT:
			ids = sift_run(f, SIEVE_CAT, n, tree->runs[i].n, cells, reach, ids);
			break;
		case SIEVE_KEY:
			ids = sift_run(f, SIEVE_KEY, n, tree->runs[i].n, cells, reach, ids);
			break;
		default:
			ids = sift_run(f, SIEVE_CODE, n, tree->runs[i].n, cells, reach, ids);
		}
	return ids;
}

TARGET static inline __m512 values_at(const float *v, uint32_t leaves, __m512i id)
{
	if (leaves <= 16)
		return _mm512_permutexvar_ps(id, _mm512_loadu_ps(v));
	if (leaves <= 32)
		return _mm512_permutex2var_ps(_mm512_loadu_ps(v), id, _mm512_loadu_ps(v + 16));
	if (leaves <= 64) {
		__m512 low =
			_mm512_permutex2var_ps(_mm512_loadu_ps(v), id, _mm512_loadu_ps(v + 16));
		__m512 high = _mm512_permutex2var_ps(_mm512_loadu_ps(v + 32), id,
						     _mm512_loadu_ps(v + 48));

		return _mm512_mask_blend_ps(_mm512_test_epi32_mask(id, _mm512_set1_epi32(32)), low,
					    high);
	}
	return _mm512_i32gather_ps(id, v, 4);
}

TARGET static void tree(const struct forest *f, const struct sieve_tree *tree, struct tile *t,
			float *sums)
{
	__m512i ids = sift(f, tree, t->cells, t->reach);
	__m128i quarter[4] = { _mm512_castsi512_si128(ids), _mm512_extracti32x4_epi32(ids, 1),
			       _mm512_extracti32x4_epi32(ids, 2),
			       _mm512_extracti32x4_epi32(ids, 3) };

	for (int i = 0; i < 4; i++) {
		__m512 v = values_at(tree->values, tree->leaves, _mm512_cvtepu8_epi32(quarter[i]));

		_mm512_store_ps(sums + 16 * i, _mm512_add_ps(_mm512_load_ps(sums + 16 * i), v));
	}
}

static int score(const struct forest *f, const float *x, int64_t rows, float *out)
{
	static const struct sieve_ops ops = { bins, tree };

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

const struct kernel kernel_avx512 = { "avx512", usable, score };
