/* sieve-avx512.c - 64 rows a register. */
#include "lib/model/trees/sieve.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET \
	__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,popcnt,bmi,bmi2")))

static bool usable(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
	       __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("bmi2");
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

/* A row as heaps ask for it: bins, and of categories the codes; both sides of each column. */
TARGET static inline void row_bytes(const struct forest *f, const float *x, uint8_t *bytes,
				    int32_t *keys)
{
	for (size_t i = 0; i < f->n_columns; i++) {
		const struct sieve_column *c = &f->sieve->columns[i];
		float v = x[f->columns[i].input];
		__m512 all = _mm512_set1_ps(v);
		uint32_t whole = 0;

		if (f->columns[i].cat) {
			walk_code(v, f->columns[i].bits, keys + 2 * i);
			continue;
		}
		if (f->columns[i].n_cuts > 16)
			whole = (uint32_t)__builtin_popcount(
				_mm512_cmp_ps_mask(all, _mm512_loadu_ps(c->pivots), _CMP_GE_OQ));
		bytes[2 * i] =
			(uint8_t)(16 * whole +
				  (uint32_t)__builtin_popcount(_mm512_cmp_ps_mask(
					  all, _mm512_loadu_ps(c->cuts + 16 * whole), _CMP_GE_OQ)));
		bytes[2 * i + 1] = v != v ? 255 : bytes[2 * i];
	}
}

/* Those splits of tree i that are true by the row's categories. */
static uint64_t heap_cats(const struct forest *f, size_t i, const int32_t *keys)
{
	const struct heaptree *h = f->sieve->heap;
	const struct heaptree_cat *c = h->cats + (i ? h->cats_end[i - 1] : 0);
	uint64_t bits = 0;

	for (const struct heaptree_cat *end = h->cats + h->cats_end[i]; c < end; c++) {
		uint32_t code = (uint32_t)keys[c->key];

		bits |= (uint64_t)(f->sets[c->set + (code >> 5)] >> (code & 31) & 1) << c->slot;
	}
	return bits;
}

enum { HEAPS = 8 }; /* that are gone down together */

/* The answers to all splits of tree i; the row's bins lie in one register or two. */
TARGET static inline __attribute__((always_inline)) uint64_t
heap_answers(const struct forest *f, size_t i, bool two, bool cats, __m512i low, __m512i high,
	     const int32_t *keys)
{
	const struct heaptree *h = f->sieve->heap;
	const uint8_t *at = h->memory + i * h->bytes;
	__m512i key = _mm512_loadu_si512(at), cut = _mm512_loadu_si512(at + h->size);
	__m512i have =
		two ? _mm512_permutex2var_epi8(low, key, high) : _mm512_permutexvar_epi8(key, low);
	uint64_t bits = _mm512_cmpge_epu8_mask(have, cut);

	if (cats) /* where a cut of 0 is no split by bins */
		bits = (bits & _mm512_test_epi8_mask(cut, cut)) | heap_cats(f, i, keys);
	return bits;
}

TARGET static inline __m512i heap_leaves(const struct heaptree *h, __m512i answers)
{
	const __m512i one = _mm512_set1_epi64(1);
	__m512i slot = one;

	for (size_t level = h->levels; level; level--) {
		__m512i right = _mm512_and_si512(_mm512_srlv_epi64(answers, slot), one);

		slot = _mm512_add_epi64(_mm512_add_epi64(slot, slot), right);
	}
	return _mm512_sub_epi64(slot, _mm512_set1_epi64((long long)h->size));
}

/*
 * Eight trees at a time; where fewer are left, one of them fills up. The answers go from register to register: a
 * load of what eight stores wrote would wait until they are done.
 */
TARGET static inline __attribute__((always_inline)) void heap_row(const struct forest *f, bool two,
								  bool cats, const uint8_t *bytes,
								  const int32_t *keys, float *out)
{
	uint64_t leaves[HEAPS] __attribute__((aligned(64)));
	const struct heaptree *h = f->sieve->heap;
	__m512i low = _mm512_load_si512(bytes), high = _mm512_load_si512(bytes + 64);
	float sum = out[0];

	for (size_t i = 0; i < h->n; i += HEAPS) {
		size_t n = h->n - i < HEAPS ? h->n - i : HEAPS;
		const uint8_t *values = h->memory + i * h->bytes + 2 * h->size;
		__m512i answers = _mm512_setzero_si512();

#pragma GCC unroll 8
		for (int k = 0; k < HEAPS; k++)
			answers = _mm512_mask_set1_epi64(
				answers, (__mmask8)(1 << k),
				(long long)heap_answers(f, i + (size_t)k < h->n ? i + (size_t)k : i,
							two, cats, low, high, keys));
		_mm512_store_si512(leaves, heap_leaves(h, answers));
		for (size_t k = 0; k < n; k++, values += h->bytes) {
			float value;

			memcpy(&value, values + sizeof value * leaves[k], sizeof value);
			if (f->trees.groups == 1)
				sum += value;
			else
				out[f->trees.v[i + k].group] += value;
		}
	}
	if (f->trees.groups == 1)
		out[0] = sum;
}

TARGET static void row(const struct forest *f, const float *x, float *out)
{
	uint8_t bytes[2 * HEAPTREE_COLUMNS] __attribute__((aligned(64))) = { 0 };
	int32_t keys[2 * HEAPTREE_COLUMNS];

	row_bytes(f, x, bytes, keys);
	memcpy(out, f->trees.base, f->trees.groups * sizeof *out);
	if (f->sieve->heap->cats)
		heap_row(f, true, true, bytes, keys, out);
	else if (f->n_columns > HEAPTREE_COLUMNS / 2)
		heap_row(f, true, false, bytes, keys, out);
	else
		heap_row(f, false, false, bytes, keys, out);
}

static int score(const struct forest *f, const float *x, int64_t rows, float *out)
{
	static const struct sieve_ops ops = { bins, tree, row };

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
