/* gpu_plan.c - a product as cuBLASLt is asked for it, and which of its algorithms makes it. */
#include "lib/learn/cuda/gpu_plan.h"

#include "lib/base/mem.h"

/* A matrix as cuBLASLt sees it: by columns, so ours lie transposed. */
struct shape {
	size_t rows, cols, ld;
	int type;
	int op;
	size_t step; /* elements to the next one, of several */
};

struct recipe {
	struct shape a, b, d;
	uint32_t epilogue;
	void *bias, *aux;
	size_t aux_ld; /* bits */
	size_t count;  /* products of one kind side by side; 0: one */
};

static int type_of(const struct gpu_trainer *t)
{
	return t->type == GPU_BF16 ? CUDA_R_16BF : CUDA_R_32F;
}

/* --- the three products ---------------------------------------------------------------------------- */

/*
 * What pads a row of inputs is 0 in x, in w and in what comes of them, and takes part: 28 inputs are a product
 * of 32, which tensor cores like better.
 */

/* out^T (units, rows) = w x^T: w lies as (in, units) and is turned, x as (in, rows). */
static struct recipe forward(const struct gpu_trainer *t, const struct gpu_level *v,
			     const struct gpu_product *p, bool masks)
{
	int type = type_of(t);

	return (struct recipe){
		.a = { v->ld_in, v->units, v->ld_in, type, CUBLAS_OP_T },
		.b = { v->ld_in, p->rows, v->ld_in, type, CUBLAS_OP_N },
		.d = { v->units, p->rows, v->ld, p->wide ? CUDA_R_32F : type, CUBLAS_OP_N },
		.epilogue = masks     ? CUBLASLT_EPILOGUE_RELU_AUX_BIAS
			    : p->relu ? CUBLASLT_EPILOGUE_RELU_BIAS
				      : CUBLASLT_EPILOGUE_BIAS,
		.bias = v->bias,
		.aux = masks ? v->mask : NULL,
		.aux_ld = gpu_mask_ld(v->units),
	};
}

/* x_out^T (in, rows) = w^T d^T. */
static struct recipe backward(const struct gpu_trainer *t, const struct gpu_level *v,
			      const struct gpu_product *p, bool masks)
{
	int type = type_of(t);

	return (struct recipe){
		.a = { v->ld_in, v->units, v->ld_in, type, CUBLAS_OP_N },
		.b = { v->units, p->rows, v->ld, type, CUBLAS_OP_N },
		.d = { v->ld_in, p->rows, v->ld_in, type, CUBLAS_OP_N },
		.epilogue = masks ? CUBLASLT_EPILOGUE_DRELU : CUBLASLT_EPILOGUE_DEFAULT,
		.aux = masks ? v[-1].mask : NULL,
		.aux_ld = gpu_mask_ld(v->in),
	};
}

/* w_out[part]^T (in, units) = x^T d over the rows of the part. */
static struct recipe weights(const struct gpu_trainer *t, const struct gpu_level *v,
			     const struct gpu_product *p)
{
	size_t rows = p->rows / p->parts;
	int type = type_of(t);

	return (struct recipe){
		.a = { v->ld_in, rows, v->ld_in, type, CUBLAS_OP_N, rows * v->ld_in },
		.b = { v->units, rows, v->ld, type, CUBLAS_OP_T, rows * v->ld },
		.d = { v->ld_in, v->units, v->ld_in, CUDA_R_32F, CUBLAS_OP_N, v->units * v->ld_in },
		.epilogue = CUBLASLT_EPILOGUE_DEFAULT,
		.count = p->parts,
	};
}

/* --- plans ----------------------------------------------------------------------------------------- */

void gpu_plan_clear(const struct blas *b, struct gpu_plan *p)
{
	if (p->desc)
		b->desc_destroy(p->desc);
	if (p->a)
		b->layout_destroy(p->a);
	if (p->b)
		b->layout_destroy(p->b);
	if (p->d)
		b->layout_destroy(p->d);
	p->desc = p->a = p->b = p->d = NULL;
}

static int set_epilogue(const struct blas *b, void *desc, const struct recipe *r)
{
	int64_t ld = (int64_t)r->aux_ld;
	int32_t bias_type = r->d.type;
	int s = b->desc_set(desc, CUBLASLT_MATMUL_DESC_EPILOGUE, &r->epilogue, sizeof r->epilogue);

	if (!s && r->bias)
		s = b->desc_set(desc, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &r->bias, sizeof r->bias);
	if (!s && r->bias)
		s = b->desc_set(desc, CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, &bias_type,
				sizeof bias_type);
	if (!s && r->aux)
		s = b->desc_set(desc, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER, &r->aux,
				sizeof r->aux);
	if (!s && r->aux)
		s = b->desc_set(desc, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD, &ld, sizeof ld);
	return s;
}

static int describe_shape(const struct blas *b, const struct recipe *r, const struct shape *m,
			  void **out)
{
	int32_t count = (int32_t)r->count;
	int64_t step = (int64_t)m->step;
	int s = b->layout_create(out, m->type, m->rows, m->cols, (int64_t)m->ld);

	if (!s && count > 1)
		s = b->layout_set(*out, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &count, sizeof count);
	if (!s && count > 1)
		s = b->layout_set(*out, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, &step,
				  sizeof step);
	return s;
}

static int describe(const struct gpu_trainer *t, const struct blas *b, const struct recipe *r,
		    struct gpu_plan *p)
{
	int compute =
		t->o.math == GPU_MATH_TF32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
	int32_t op_a = r->a.op, op_b = r->b.op;
	int s = b->desc_create(&p->desc, compute, CUDA_R_32F);

	if (!s)
		s = b->desc_set(p->desc, CUBLASLT_MATMUL_DESC_TRANSA, &op_a, sizeof op_a);
	if (!s)
		s = b->desc_set(p->desc, CUBLASLT_MATMUL_DESC_TRANSB, &op_b, sizeof op_b);
	if (!s)
		s = set_epilogue(b, p->desc, r);
	if (!s)
		s = describe_shape(b, r, &r->a, &p->a);
	if (!s)
		s = describe_shape(b, r, &r->b, &p->b);
	if (!s)
		s = describe_shape(b, r, &r->d, &p->d);
	return s;
}

/* The first algorithm whose sums have an order. */
static int choose(const struct blas *b, struct gpu_plan *p)
{
	uint32_t schemes = CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE;
	uint64_t bytes = b->workspace_bytes / 2;
	struct blas_choice choice;
	void *pref = NULL;
	int n = 0, s = b->pref_create(&pref);

	if (!s)
		s = b->pref_set(pref, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &bytes,
				sizeof bytes);
	if (!s)
		s = b->pref_set(pref, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, &schemes,
				sizeof schemes);
	if (!s)
		s = b->heuristic(b->handle, p->desc, p->a, p->b, p->d, p->d, pref, 1, &choice, &n);
	if (pref)
		b->pref_destroy(pref);
	if (!s && (n < 1 || choice.state))
		s = CUBLAS_STATUS_NOT_SUPPORTED;
	if (!s) {
		p->algo = choice.algo;
		p->workspace_bytes = choice.workspace_bytes;
	}
	return s;
}

/* True: cuBLASLt does it so. */
static bool plan_is(const struct gpu_trainer *t, const struct blas *b, const struct recipe *r,
		    struct gpu_plan *p)
{
	if (!describe(t, b, r, p) && !choose(b, p))
		return true;
	gpu_plan_clear(b, p);
	return false;
}

static struct gpu_plan *find(const struct gpu_trainer *t, enum gpu_product_kind kind, size_t l,
			     size_t rows)
{
	for (size_t i = 0; i < t->n_plans; i++)
		if (t->plans[i]->kind == kind && t->plans[i]->layer == l &&
		    t->plans[i]->rows == rows)
			return t->plans[i];
	return NULL;
}

/* With the epilogue that saves a launch, else without. */
static void make(const struct gpu_trainer *t, const struct blas *b, const struct gpu_product *p,
		 struct gpu_plan *plan)
{
	const struct gpu_level *v = &t->levels[plan->layer];
	const struct gpu_plan *below;
	struct recipe r;

	switch (plan->kind) {
	case GPU_FORWARD:
		r = forward(t, v, p, p->relu && v->mask);
		plan->masks = r.aux != NULL;
		if (plan_is(t, b, &r, plan) || !plan->masks)
			return;
		plan->masks = false;
		r = forward(t, v, p, false);
		break;
	case GPU_BACKWARD:
		below = plan->layer ? find(t, GPU_FORWARD, plan->layer - 1, p->rows) : NULL;
		plan->masks = p->mask && below && below->masks;
		r = backward(t, v, p, plan->masks);
		if (plan_is(t, b, &r, plan) || !plan->masks)
			return;
		plan->masks = false;
		r = backward(t, v, p, false);
		break;
	default:
		r = weights(t, v, p);
	}
	plan_is(t, b, &r, plan);
}

struct gpu_plan *gpu_plan_of(struct gpu_trainer *t, size_t l, const struct gpu_product *p)
{
	struct blas *b = t->blas;
	struct gpu_plan *plan;

	if (!b)
		return NULL;
	if ((plan = find(t, p->kind, l, p->rows)))
		return plan->desc ? plan : NULL;
	plan = xcalloc(1, sizeof *plan);
	plan->kind = p->kind;
	plan->layer = l;
	plan->rows = p->rows;
	make(t, b, p, plan);
	ARRAY_GROW(t->plans, t->n_plans, t->cap_plans);
	t->plans[t->n_plans++] = plan;
	return plan->desc ? plan : NULL;
}
