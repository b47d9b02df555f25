/*
 * host_blas.cc - cuBLASLt as its documentation says it is, as far as gpu_plan.c asks for it: column-major
 * products in float or bf16 with their epilogues, alone or several side by side. So the descriptions that a GPU
 * will be given are tested where none is: which operand is turned, leading dimensions, where a mask's bits go.
 * $MICH_HOST_BLAS puts it into a program that does not ask.
 */
#include "tests/cuda/host_blas.h"

#include <map>
#include <stdlib.h>
#include <string.h>

#include "tests/cuda/host_work.h"

extern "C" {
#include "lib/base/error.h"
#include "lib/learn/cuda/blas.h"
#include "lib/learn/cuda/device.h"
}

namespace
{
struct desc {
	int32_t op_a, op_b, bias_type;
	uint32_t epilogue;
	char *bias, *aux;
	int64_t aux_ld;
};

struct layout {
	int type;
	uint64_t rows, cols;
	int64_t ld, step;
	int32_t count;
};

bool present = getenv("MICH_HOST_BLAS") != NULL, refused[HOST_BLAS_EPILOGUES],
     refused_late[HOST_BLAS_EPILOGUES];
unsigned long products;

float get(const void *v, int type, size_t i)
{
	uint32_t bits;
	float out;

	if (type == CUDA_R_32F)
		return static_cast<const float *>(v)[i];
	bits = static_cast<uint32_t>(static_cast<const uint16_t *>(v)[i]) << 16;
	memcpy(&out, &bits, sizeof out);
	return out;
}

void put(void *v, int type, size_t i, float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof bits);
	if (type == CUDA_R_32F)
		static_cast<float *>(v)[i] = x;
	else
		static_cast<uint16_t *>(v)[i] =
			static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

int desc_create(void **out, int, int)
{
	*out = calloc(1, sizeof(desc));
	return 0;
}

int destroy(void *v)
{
	free(v);
	return 0;
}

int desc_set(void *to, int what, const void *value, size_t bytes)
{
	desc *d = static_cast<desc *>(to);
	std::map<int, std::pair<void *, size_t>> of = {
		{ CUBLASLT_MATMUL_DESC_TRANSA, { &d->op_a, sizeof d->op_a } },
		{ CUBLASLT_MATMUL_DESC_TRANSB, { &d->op_b, sizeof d->op_b } },
		{ CUBLASLT_MATMUL_DESC_EPILOGUE, { &d->epilogue, sizeof d->epilogue } },
		{ CUBLASLT_MATMUL_DESC_BIAS_POINTER, { &d->bias, sizeof d->bias } },
		{ CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, { &d->bias_type, sizeof d->bias_type } },
		{ CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER, { &d->aux, sizeof d->aux } },
		{ CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD, { &d->aux_ld, sizeof d->aux_ld } },
	};

	if (!of.count(what) || of[what].second != bytes)
		return 7; /* CUBLAS_STATUS_INVALID_VALUE */
	memcpy(of[what].first, value, bytes);
	return 0;
}

int layout_create(void **out, int type, uint64_t rows, uint64_t cols, int64_t ld)
{
	layout *l = static_cast<layout *>(calloc(1, sizeof(layout)));

	*l = { type, rows, cols, ld, 0, 1 };
	*out = l;
	return ld < static_cast<int64_t>(rows) ? 7 : 0;
}

int layout_set(void *to, int what, const void *value, size_t bytes)
{
	layout *l = static_cast<layout *>(to);

	if (what == CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT && bytes == sizeof l->count)
		memcpy(&l->count, value, bytes);
	else if (what == CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET && bytes == sizeof l->step)
		memcpy(&l->step, value, bytes);
	else
		return 7;
	return 0;
}

int pref_create(void **out)
{
	*out = malloc(1);
	return 0;
}

int pref_set(void *, int, const void *, size_t)
{
	return 0;
}

size_t turned(uint64_t rows, uint64_t cols, int op)
{
	return op == CUBLAS_OP_N ? rows : cols;
}

bool has_bias(uint32_t e)
{
	return e == CUBLASLT_EPILOGUE_BIAS || e == CUBLASLT_EPILOGUE_RELU_BIAS ||
	       e == CUBLASLT_EPILOGUE_RELU_AUX_BIAS;
}

/* Sizes that do not go together are refused, as are epilogues. */
int heuristic(void *, void *desc_, void *a_, void *b_, void *, void *d_, void *, int,
	      struct blas_choice *out, int *n)
{
	const desc *e = static_cast<desc *>(desc_);
	const layout *a = static_cast<layout *>(a_), *b = static_cast<layout *>(b_),
		     *d = static_cast<layout *>(d_);

	*n = 0;
	memset(out, 0, sizeof *out);
	if (turned(a->rows, a->cols, e->op_a) != d->rows ||
	    turned(b->cols, b->rows, e->op_b) != d->cols ||
	    turned(a->cols, a->rows, e->op_a) != turned(b->rows, b->cols, e->op_b))
		return 7;
	if (a->count != b->count || a->count != d->count || (d->count > 1 && has_bias(e->epilogue)))
		return 7;
	if (e->aux && (reinterpret_cast<uintptr_t>(e->aux) % 16 || e->aux_ld % 128 ||
		       e->aux_ld < static_cast<int64_t>(d->rows)))
		return 7;
	if (refused[e->epilogue])
		return CUBLAS_STATUS_NOT_SUPPORTED;
	*n = 1;
	return 0;
}

float finish(const desc &e, size_t i, size_t j, float v)
{
	char *aux = e.aux ? e.aux + (static_cast<size_t>(e.aux_ld) * j + i) / 8 : NULL;
	int bit = 1 << i % 8;

	if (has_bias(e.epilogue))
		v += get(e.bias, e.bias_type, i);
	if (e.epilogue == CUBLASLT_EPILOGUE_RELU_AUX_BIAS)
		*aux = static_cast<char>(v > 0 ? *aux | bit : *aux & ~bit);
	if (e.epilogue == CUBLASLT_EPILOGUE_DRELU)
		return *aux & bit ? v : 0;
	if (e.epilogue == CUBLASLT_EPILOGUE_RELU_BIAS ||
	    e.epilogue == CUBLASLT_EPILOGUE_RELU_AUX_BIAS)
		return v < 0 ? 0 : v;
	return v;
}

void multiply(const desc &e, const char *a, layout al, const char *b, layout bl, char *d, layout dl)
{
	size_t k = e.op_a == CUBLAS_OP_N ? al.cols : al.rows;
	size_t a_i = e.op_a == CUBLAS_OP_N ? 1 : static_cast<size_t>(al.ld);
	size_t a_p = e.op_a == CUBLAS_OP_N ? static_cast<size_t>(al.ld) : 1;
	size_t b_j = e.op_b == CUBLAS_OP_N ? static_cast<size_t>(bl.ld) : 1;
	size_t b_p = e.op_b == CUBLAS_OP_N ? 1 : static_cast<size_t>(bl.ld);

	for (size_t j = 0; j < dl.cols; j++) {
		float sum = 0;

		for (size_t i = 0; i < dl.rows; i++) {
			float v = 0;

			for (size_t p = 0; p < k; p++)
				v += get(a, al.type, i * a_i + p * a_p) *
				     get(b, bl.type, p * b_p + j * b_j);
			put(d, dl.type, i + static_cast<size_t>(dl.ld) * j, finish(e, i, j, v));
		}
		for (size_t p = 0; p < k && e.epilogue == CUBLASLT_EPILOGUE_BGRADB; p++)
			sum += get(b, bl.type, p * b_p + j * b_j);
		if (e.epilogue == CUBLASLT_EPILOGUE_BGRADB)
			put(e.bias, e.bias_type, j, sum);
	}
}

/* The i-th of several. */
const char *at(const void *v, const layout &l, int32_t i)
{
	return static_cast<const char *>(v) + i * l.step * (l.type == CUDA_R_32F ? 4 : 2);
}

int matmul(void *, void *desc_, const void *, const void *a, void *a_, const void *b, void *b_,
	   const void *, const void *, void *, void *d, void *d_, const struct blas_algo *, void *,
	   size_t, void *stream)
{
	desc e = *static_cast<desc *>(desc_);
	layout al = *static_cast<layout *>(a_), bl = *static_cast<layout *>(b_),
	       dl = *static_cast<layout *>(d_);

	if (refused_late[e.epilogue])
		return CUBLAS_STATUS_NOT_SUPPORTED;
	products++;
	auto body = [=] {
		for (int32_t i = 0; i < dl.count; i++)
			multiply(e, at(a, al, i), al, at(b, bl, i), bl,
				 const_cast<char *>(at(d, dl, i)), dl);
	};

	host_do({ NULL, dim3(), dim3(), body }, stream);
	return 0;
}

struct blas one;
} // namespace

int blas_open(struct device *, struct blas **out)
{
	*out = present ? &one : NULL;
	one.desc_create = desc_create;
	one.desc_destroy = one.layout_destroy = one.pref_destroy = destroy;
	one.desc_set = desc_set;
	one.layout_create = layout_create;
	one.layout_set = layout_set;
	one.pref_create = pref_create;
	one.pref_set = pref_set;
	one.heuristic = heuristic;
	one.matmul = matmul;
	return present ? 0 : error_set(ERR_ENGINE, "the host has no cuBLASLt");
}

void blas_close(struct blas *)
{
}

int blas_find(int, size_t *version_out, char **path_out)
{
	*version_out = 0;
	*path_out = NULL;
	return 0;
}

int blas_error(const struct blas *, int status, const char *what)
{
	return status ? error_set(ERR_FAIL, "%s: %d", what, status) : 0;
}

void host_blas(int there)
{
	present = there != 0;
}

void host_blas_refuse(int epilogue, int refuse)
{
	refused[epilogue] = refuse != 0;
}

void host_blas_refuse_late(int epilogue, int refuse)
{
	refused_late[epilogue] = refuse != 0;
}

unsigned long host_blas_products(void)
{
	return products;
}
