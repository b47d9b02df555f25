/*
 * gemm.h - products of matrices of float.
 *
 *	c[i][j] = start + a(i, 0) b[0][j] + a(i, 1) b[1][j] + ...
 *
 * added in that order with fused multiply-add, so an element's bits depend neither on how many rows are
 * computed together nor on AVX2 or AVX-512. b lies row by row; a may lie either way, so a net's
 * three products need no more than one transposed copy of its weights.
 *
 * Where c has one column (gemm_is_column) its elements are start + the sum of 16 lanes, lane l taking the terms
 * of l, l + 16, ..., added pairwise: the same on every machine too.
 *
 * Kernels keep a block of c in registers (Goto and van de Geijn 2008) and stream a over columns of b
 * that stay in the first cache; leading dimensions that are no multiple of 64 keep them apart there
 * (gemm_ld).
 */
#ifndef MICH_LEARN_NET_GEMM_H
#define MICH_LEARN_NET_GEMM_H

#include <stdbool.h>
#include <stddef.h>

enum gemm_start {
	GEMM_ZERO,
	GEMM_ADD,  /* to what c holds */
	GEMM_BIAS, /* to bias[j] */
};

struct gemm {
	size_t m, n, k;	      /* c is (m, n) */
	const float *a;	      /* a(i, p) = a[i * a_row + p * a_step] */
	size_t a_row, a_step; /* one of them 1 in general */
	const float *b;	      /* (k, n), ldb floats from row to row */
	size_t ldb;
	float *c; /* (m, n), ldc; overlaps neither a nor b */
	size_t ldc;
	enum gemm_start start;
	const float *bias; /* (n) with GEMM_BIAS */
	bool relu;	   /* what comes out below 0 is 0 (NaN stays) */
	const float *
		live; /* (m, n), ld_live: c is 0 where it is not above 0; NULL: everywhere as it is */
	size_t ld_live;
};

void gemm(const struct gemm *g);

/* Which kernel that is on this machine: "avx512", "avx2" or "plain". */
const char *gemm_level(void);

/* Floats from row to row that suit n columns: whole vectors, apart in the cache. */
size_t gemm_ld(size_t n);

/* to (cols, rows; ld_to) = from (rows, cols; ld_from), transposed. */
void gemm_transpose(const float *from, size_t rows, size_t cols, size_t ld_from, float *to,
		    size_t ld_to);

/* Private to the kernels: a product with a vector, row by row, which they do apart. */
enum { GEMM_COLUMN_MOST = 2048 };
static inline bool gemm_is_column(const struct gemm *g)
{
	return g->n == 1 && g->a_step == 1 && g->k && g->k <= GEMM_COLUMN_MOST;
}
/* b as (k, 0 up to a whole vector), and what an element becomes after its sum. */
void gemm_pack_column(const struct gemm *g, float *to);
void gemm_end_column(const struct gemm *g, size_t i, float sum);

/* Private to the kernels: NULL where this machine does not have the instructions. */
typedef void (*gemm_kernel)(const struct gemm *g);
gemm_kernel gemm_avx2(void);
gemm_kernel gemm_avx512(void);

#endif
