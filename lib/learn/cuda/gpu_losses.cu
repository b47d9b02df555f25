/*
 * gpu_losses.cu - losses, their gradients and their sums in one kernel. A block takes a part of the batch, a
 * thread a row of one output, a warp a row of several classes. Outputs are floats whatever the
 * activations are: a logit rounded to bf16 would be a loss rounded to three digits.
 */
#include "lib/learn/cuda/gpu_kernel.cuh"

enum { THREADS = 128, WARPS = THREADS / 32 };

/* Row i of a softmax: the gradient into d where there is one. Lane 0's loss counts. */
template <class T> static __device__ double softmax(const gpu_loss &l, size_t i, T *d)
{
	unsigned lane = threadIdx.x % 32;
	const float *z = l.z + i * l.ld;
	size_t label = (size_t)l.y[i];
	float top = z[0], sum = 0, w = l.w[i];

	for (size_t k = lane; k < l.outputs; k += 32)
		top = z[k] > top ? z[k] : top;
	top = max_warp(top);
	for (size_t k = lane; k < l.outputs; k += 32)
		sum += expf(z[k] - top);
	sum = sum_warp(sum);
	for (size_t k = lane; d && k < l.outputs; k += 32)
		store(d + i * l.ld_d + k,
		      (expf(z[k] - top) / sum - (k == label ? 1.0f : 0.0f)) * w);
	return lane ? 0 : (double)(logf(sum) - (z[label] - top)) * w;
}

/* Rows from to end - 1; thread 0 gets both sums. */
template <class T>
static __device__ void rows_of(const gpu_loss &l, size_t from, size_t end, T *d, double *loss,
			       double *weight)
{
	__shared__ double room[32];
	double sum = 0, of = 0;
	float g;

	if (l.kind == LOSS_SOFTMAX)
		for (size_t i = from + threadIdx.x / 32; i < end; i += WARPS) {
			sum += softmax(l, i, d);
			of += threadIdx.x % 32 ? 0.0f : l.w[i];
		}
	else
		for (size_t i = from + threadIdx.x; i < end; i += THREADS) {
			sum += loss_row(l.kind, l.delta, l.z[i * l.ld], l.y[i], &g) * l.w[i];
			of += l.w[i];
			if (d)
				store(d + i * l.ld_d, g * l.w[i]);
		}
	*loss = sum_block(sum, room);
	*weight = sum_block(of, room);
}

template <class T> static __global__ void loss(gpu_steps s, gpu_loss l)
{
	const gpu_record *r = record_of(&s);
	float *to = l.to + blockIdx.x * l.stride;
	double sum, of;

	rows_of(l, part_begin(r, &s, blockIdx.x, l.parts),
		part_begin(r, &s, blockIdx.x + 1, l.parts), (T *)l.d, &sum, &of);
	if (!threadIdx.x) {
		to[0] = (float)sum;
		to[1] = (float)of;
	}
	/* Rows that are not there have no gradient. */
	for (size_t i = r->rows + blockIdx.x; i < l.capacity; i += l.parts)
		for (size_t k = threadIdx.x; k < l.outputs; k += THREADS)
			store((T *)l.d + i * l.ld_d + k, 0.0f);
}

static __global__ void loss_block(gpu_loss l, size_t rows, double *to)
{
	double sum, of;

	rows_of<float>(l, rows * blockIdx.x / gridDim.x, rows * (blockIdx.x + 1) / gridDim.x, NULL,
		       &sum, &of);
	if (!threadIdx.x) {
		to[2 * blockIdx.x] = sum;
		to[2 * blockIdx.x + 1] = of;
	}
}

static __global__ void head_of(enum net_head head, size_t outputs, const float *z, size_t ld,
			       size_t rows, const float *target, float *out)
{
	size_t i = (size_t)blockIdx.x * WARPS + threadIdx.x / 32;
	unsigned lane = threadIdx.x % 32;
	float top, sum = 0;

	if (i >= rows)
		return;
	if (head != NET_SOFTMAX) {
		for (size_t k = lane; k < outputs; k += 32) {
			float v = loss_row_head(head, z[i * ld + k]);

			out[i * outputs + k] = target ? target[0] + target[1] * v : v;
		}
		return;
	}
	top = z[i * ld];
	for (size_t k = lane; k < outputs; k += 32)
		top = z[i * ld + k] > top ? z[i * ld + k] : top;
	top = max_warp(top);
	for (size_t k = lane; k < outputs; k += 32)
		sum += expf(z[i * ld + k] - top);
	sum = sum_warp(sum);
	for (size_t k = lane; k < outputs; k += 32)
		out[i * outputs + k] = expf(z[i * ld + k] - top) / sum;
}

void gpu_loss_rows(enum gpu_type type, const struct gpu_steps *steps, const struct gpu_loss *loss_,
		   void *stream)
{
	gpu_steps s = *steps;
	struct gpu_loss l = *loss_;

	if (type == GPU_BF16)
		LAUNCH(loss<bf16>, (unsigned)l.parts, THREADS, stream, s, l);
	else
		LAUNCH(loss<float>, (unsigned)l.parts, THREADS, stream, s, l);
}

void gpu_loss_block(const struct gpu_loss *loss_, size_t rows, double *to, void *stream)
{
	struct gpu_loss l = *loss_;

	LAUNCH(loss_block, (unsigned)l.parts, THREADS, stream, l, rows, to);
}

void gpu_head(enum net_head head, size_t outputs, const float *z, size_t ld, size_t rows,
	      const float *target, float *out, void *stream)
{
	LAUNCH(head_of, blocks_of(rows, WARPS), THREADS, stream, head, outputs, z, ld, rows, target,
	       out);
}
