/* norm.c - norms as loops without branches. Sums along a row run in 16 lanes that are added pairwise. */
#include "lib/learn/net/norm.h"

#include <math.h>

#include "lib/learn/net/clones.h"
#include "lib/model/net/net_shape.h"

enum { LANES = 16, COLUMNS = 64 };

CLONED(sums, (const float *restrict x, size_t rows, size_t units, size_t ld, float *restrict out),
       (x, rows, units, ld, out))
{
	size_t j = 0;

	for (; j + COLUMNS <= units; j += COLUMNS) { /* as many as registers hold */
		float at[COLUMNS];

		for (size_t k = 0; k < COLUMNS; k++)
			at[k] = out[j + k];
		for (size_t i = 0; i < rows; i++)
			for (size_t k = 0; k < COLUMNS; k++)
				at[k] += x[i * ld + j + k];
		for (size_t k = 0; k < COLUMNS; k++)
			out[j + k] = at[k];
	}
	for (size_t i = 0; i < rows; i++)
		for (size_t k = j; k < units; k++)
			out[k] += x[i * ld + k];
}

CLONED(squares,
       (const float *restrict x, const float *restrict mean, size_t rows, size_t units, size_t ld,
	float *restrict out),
       (x, mean, rows, units, ld, out))
{
	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < units; j++) {
			float d = x[i * ld + j] - mean[j];

			out[j] += d * d;
		}
}

CLONED(column,
       (float *restrict x, const float *restrict mean, const float *restrict rstd,
	const float *restrict weight, const float *restrict bias, float *restrict h, size_t units),
       (x, mean, rstd, weight, bias, h, units))
{
	for (size_t j = 0; j < units; j++) {
		x[j] = (x[j] - mean[j]) * rstd[j];
		h[j] = x[j] * weight[j] + bias[j];
	}
}

CLONE_INLINE float lanes_total(float *lanes)
{
	for (int step = LANES / 2; step; step /= 2)
		for (int i = 0; i < step; i++)
			lanes[i] += lanes[i + step];
	return lanes[0];
}

/* Of f(j) over j below units. */
#define LANES_SUM(units, expression, result)                   \
	do {                                                   \
		float lanes[LANES] = { 0 };                    \
		size_t j = 0;                                  \
                                                               \
		for (; j + LANES <= (units); j += LANES)       \
			for (size_t l = 0; l < LANES; l++)     \
				lanes[l] += expression(j + l); \
		for (size_t l = 0; j + l < (units); l++)       \
			lanes[l] += expression(j + l);         \
		(result) = lanes_total(lanes);                 \
	} while (0)

#define IT(j) x[j]
#define SQUARE(j) (x[j] - mean) * (x[j] - mean)

CLONED(one_row,
       (float *restrict x, const float *restrict weight, const float *restrict bias,
	float *restrict h, float *restrict rstd, size_t units),
       (x, weight, bias, h, rstd, units))
{
	float mean, var;

	LANES_SUM(units, IT, mean);
	mean /= (float)units;
	LANES_SUM(units, SQUARE, var);
	*rstd = 1 / sqrtf(var / (float)units + NET_EPSILON);
	for (size_t j = 0; j < units; j++) {
		x[j] = (x[j] - mean) * *rstd;
		h[j] = x[j] * weight[j] + bias[j];
	}
}

CLONED(backward_sums,
       (const float *restrict x, const float *restrict d, float *restrict d_weight,
	float *restrict d_bias, size_t rows, size_t units, size_t ld),
       (x, d, d_weight, d_bias, rows, units, ld))
{
	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < units; j++) {
			d_weight[j] += d[i * ld + j] * x[i * ld + j];
			d_bias[j] += d[i * ld + j];
		}
}

CLONED(column_backward,
       (const float *restrict x, const float *restrict rstd, const float *restrict weight,
	const float *restrict d_weight, const float *restrict d_bias, float share,
	float *restrict d, size_t units),
       (x, rstd, weight, d_weight, d_bias, share, d, units))
{
	for (size_t j = 0; j < units; j++)
		d[j] = (d[j] - share * (d_bias[j] + x[j] * d_weight[j])) * weight[j] * rstd[j];
}

#define WEIGHTED(j) d[j] * weight[j]
#define WEIGHTED_X(j) d[j] * weight[j] * x[j]

CLONED(one_row_backward,
       (const float *restrict x, float rstd, const float *restrict weight, float *restrict d,
	size_t units),
       (x, rstd, weight, d, units))
{
	float sum, sum_x;

	LANES_SUM(units, WEIGHTED, sum);
	LANES_SUM(units, WEIGHTED_X, sum_x);
	sum /= (float)units;
	sum_x /= (float)units;
	for (size_t j = 0; j < units; j++)
		d[j] = (d[j] * weight[j] - sum - x[j] * sum_x) * rstd;
}

void norm_sums(const float *x, size_t rows, size_t units, size_t ld, float *out)
{
	sums(x, rows, units, ld, out);
}

void norm_squares(const float *x, const float *mean, size_t rows, size_t units, size_t ld,
		  float *out)
{
	squares(x, mean, rows, units, ld, out);
}

void norm_columns(float *x, const float *mean, const float *rstd, const float *weight,
		  const float *bias, float *h, size_t rows, size_t units, size_t ld)
{
	for (size_t i = 0; i < rows; i++)
		column(x + i * ld, mean, rstd, weight, bias, h + i * ld, units);
}

void norm_rows(float *x, const float *weight, const float *bias, float *h, float *rstd, size_t rows,
	       size_t units, size_t ld)
{
	for (size_t i = 0; i < rows; i++)
		one_row(x + i * ld, weight, bias, h + i * ld, &rstd[i], units);
}

void norm_backward_sums(const float *x, const float *d, float *d_weight, float *d_bias, size_t rows,
			size_t units, size_t ld)
{
	backward_sums(x, d, d_weight, d_bias, rows, units, ld);
}

void norm_columns_backward(const float *x, const float *rstd, const float *weight,
			   const float *batch_d_weight, const float *batch_d_bias, float n,
			   float *d, size_t rows, size_t units, size_t ld)
{
	for (size_t i = 0; i < rows; i++)
		column_backward(x + i * ld, rstd, weight, batch_d_weight, batch_d_bias, 1 / n,
				d + i * ld, units);
}

void norm_rows_backward(const float *x, const float *rstd, const float *weight, float *d,
			size_t rows, size_t units, size_t ld)
{
	for (size_t i = 0; i < rows; i++)
		one_row_backward(x + i * ld, rstd[i], weight, d + i * ld, units);
}
