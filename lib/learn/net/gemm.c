/* gemm.c - choose a kernel; the one without vectors. */
#include "lib/learn/net/gemm.h"

#include <math.h>
#include <stdatomic.h>

enum { LANES = 16 };

static inline float fused(float a, float b, float c)
{
#ifdef __FP_FAST_FMAF
	return __builtin_fmaf(a, b, c);
#else
	return c + a * b; /* a machine without the instruction: other last digits */
#endif
}

static void plain_rows(const struct gemm *g)
{
	for (size_t i = 0; i < g->m; i++) {
		float *c = g->c + i * g->ldc;

		for (size_t j = 0; j < g->n && g->start != GEMM_ADD; j++)
			c[j] = g->start == GEMM_BIAS ? g->bias[j] : 0;
		for (size_t p = 0; p < g->k; p++) {
			float a = g->a[i * g->a_row + p * g->a_step];
			const float *b = g->b + p * g->ldb;

			for (size_t j = 0; j < g->n; j++)
				c[j] = fused(a, b[j], c[j]);
		}
		for (size_t j = 0; j < g->n && g->relu; j++)
			c[j] = c[j] < 0 ? 0 : c[j];
		for (size_t j = 0; j < g->n && g->live; j++)
			c[j] = g->live[i * g->ld_live + j] > 0 ? c[j] : 0;
	}
}

void gemm_pack_column(const struct gemm *g, float *to)
{
	size_t end = (g->k + LANES - 1) / LANES * LANES;

	for (size_t p = 0; p < end; p++)
		to[p] = p < g->k ? g->b[p * g->ldb] : 0;
}

void gemm_end_column(const struct gemm *g, size_t i, float sum)
{
	float *c = g->c + i * g->ldc;
	float v = (g->start == GEMM_ADD ? *c : g->start == GEMM_BIAS ? *g->bias : 0) + sum;

	if (g->relu && v < 0)
		v = 0;
	*c = g->live && !(g->live[i * g->ld_live] > 0) ? 0 : v;
}

static void plain_column(const struct gemm *g)
{
	for (size_t i = 0; i < g->m; i++) {
		const float *a = g->a + i * g->a_row;
		float lanes[LANES] = { 0 };

		for (size_t p = 0; p < g->k; p++)
			lanes[p % LANES] = fused(a[p], g->b[p * g->ldb], lanes[p % LANES]);
		for (size_t step = LANES / 2; step; step /= 2)
			for (size_t l = 0; l < step; l++)
				lanes[l] += lanes[l + step];
		gemm_end_column(g, i, lanes[0]);
	}
}

static void plain(const struct gemm *g)
{
	if (gemm_is_column(g))
		plain_column(g);
	else
		plain_rows(g);
}

void gemm(const struct gemm *g)
{
	static _Atomic(gemm_kernel) chosen; /* every thread would choose the same */
	gemm_kernel kernel = atomic_load_explicit(&chosen, memory_order_relaxed);

	if (!kernel) {
		if (!(kernel = gemm_avx512()) && !(kernel = gemm_avx2()))
			kernel = plain;
		atomic_store_explicit(&chosen, kernel, memory_order_relaxed);
	}
	kernel(g);
}

const char *gemm_level(void)
{
	return gemm_avx512() ? "avx512" : gemm_avx2() ? "avx2" : "plain";
}

size_t gemm_ld(size_t n)
{
	size_t ld = (n + 15) / 16 * 16;

	return ld % 64 ? ld : ld + 16;
}

void gemm_transpose(const float *from, size_t rows, size_t cols, size_t ld_from, float *to,
		    size_t ld_to)
{
	enum { BLOCK = 16 };

	for (size_t i0 = 0; i0 < rows; i0 += BLOCK)
		for (size_t j = 0; j < cols; j++)
			for (size_t i = i0; i < rows && i < i0 + BLOCK; i++)
				to[j * ld_to + i] = from[i * ld_from + j];
}
