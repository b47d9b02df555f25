/*
 * norm.h - batch and layer norm (Ioffe and Szegedy 2015; Ba, Kiros and Hinton 2016) of a block of
 * rows. x (rows, units) lies ld floats from row to row; what is padding is left alone.
 *
 * Batch norm takes its mean and variance over the whole batch of all threads and ranks, so its sums
 * are made here and added up by the caller, twice forward and once backward.
 */
#ifndef MICH_LEARN_NET_NORM_H
#define MICH_LEARN_NET_NORM_H

#include <stddef.h>

/* Add to sums (units) over the rows: x; and (x - mean)^2. */
void norm_sums(const float *x, size_t rows, size_t units, size_t ld, float *sums);
void norm_squares(const float *x, const float *mean, size_t rows, size_t units, size_t ld,
		  float *sums);

/* x becomes (x - mean) * rstd, by column; h = that * weight + bias, where h may not be x. */
void norm_columns(float *x, const float *mean, const float *rstd, const float *weight,
		  const float *bias, float *h, size_t rows, size_t units, size_t ld);

/* The same by row, with its own mean and variance; rstd (rows) is what backward needs. */
void norm_rows(float *x, const float *weight, const float *bias, float *h, float *rstd, size_t rows,
	       size_t units, size_t ld);

/*
 * d is the gradient by h, x what forward left. Adds to d_weight and d_bias (units) the sums over the
 * rows of d x and d: also what the batch's gradient needs.
 */
void norm_backward_sums(const float *x, const float *d, float *d_weight, float *d_bias, size_t rows,
			size_t units, size_t ld);

/* d becomes the gradient by z. of_batch: d_weight and d_bias of all n rows of the batch. */
void norm_columns_backward(const float *x, const float *rstd, const float *weight,
			   const float *batch_d_weight, const float *batch_d_bias, float n,
			   float *d, size_t rows, size_t units, size_t ld);
void norm_rows_backward(const float *x, const float *rstd, const float *weight, float *d,
			size_t rows, size_t units, size_t ld);

#endif
