/* gpu_gemm.c - which way a product goes, and what is left to do behind it. */
#include "lib/learn/cuda/gpu_gemm.h"

#include <stdlib.h>

#include "lib/base/error.h"
#include "lib/learn/cuda/gpu_plan.h"

enum { PARTS_MOST = 16, PART_ROWS = 128 };

/* --- products -------------------------------------------------------------------------------------- */

/* What cuBLASLt refuses when it comes to it, although it said that it can: nothing was started. */
static bool is_refusal(int status)
{
	return status == CUBLAS_STATUS_INVALID_VALUE || status == CUBLAS_STATUS_ARCH_MISMATCH ||
	       status == CUBLAS_STATUS_NOT_SUPPORTED;
}

/* *refused_out: it is to be made otherwise, now and later. */
static int multiply(struct gpu_trainer *t, struct gpu_plan *plan, const void *a, const void *b_,
		    void *d, bool *refused_out)
{
	bool beside = plan->kind == GPU_WEIGHTS;
	const struct blas *b = t->blas;
	size_t half = b->workspace_bytes / 2;
	const float one = 1, zero = 0;
	int s = b->matmul(b->handle, plan->desc, &one, a, plan->a, b_, plan->b, &zero, d, plan->d,
			  d, plan->d, &plan->algo, (char *)b->workspace + (beside ? half : 0), half,
			  beside ? t->side : t->stream);

	*refused_out = is_refusal(s);
	if (*refused_out) {
		gpu_plan_clear(b, plan);
		plan->masks = false;
	}
	return *refused_out ? 0 : blas_error(b, s, "a product on the GPU");
}

/* What a relu below lets through, where the product's epilogue did not see to it. */
static void mask(struct gpu_trainer *t, const struct gpu_product *p)
{
	struct gpu_layer l = { .capacity = p->rows,
			       .units = p->in,
			       .ld = p->ld_in,
			       .activation = NET_RELU,
			       .a = (void *)p->mask,
			       .d = p->out };

	gpu_activate_back(t->type, &t->steps, &l, t->stream);
}

static void add_bias(struct gpu_trainer *t, const struct gpu_level *v)
{
	struct gpu_columns c = { .kind = GPU_SUM,
				 .units = v->units,
				 .ld = v->ld,
				 .v = v->d,
				 .to = t->small + v->bias_at,
				 .parts = t->parts,
				 .stride = t->n_small };

	gpu_columns_sum(t->type, &t->steps, &c, t->side);
}

/* Product p by its plan, with what its epilogue leaves to do. */
static int make_planned(struct gpu_trainer *t, struct gpu_plan *plan, const struct gpu_product *p,
			bool *refused_out)
{
	bool masks = plan->masks;
	int rc;

	switch (p->kind) {
	case GPU_FORWARD:
		return multiply(t, plan, p->w, p->x, p->out, refused_out);
	case GPU_BACKWARD:
		rc = multiply(t, plan, p->w, p->d, p->out, refused_out);
		if (!rc && !*refused_out && p->mask && !masks)
			mask(t, p);
		return rc;
	default:
		return multiply(t, plan, p->x, p->d, p->out, refused_out);
	}
}

int gpu_gemm(struct gpu_trainer *t, size_t l, const struct gpu_product *p)
{
	struct gpu_plan *plan = gpu_plan_of(t, l, p);
	bool refused = !plan, weights = p->kind == GPU_WEIGHTS;
	int rc = plan ? make_planned(t, plan, p, &refused) : 0;

	if (rc)
		return rc;
	if (refused)
		gpu_product_make(t->type, &t->steps, p, weights ? t->side : t->stream);
	if (weights && !t->levels[l].bias_done && !t->levels[l].ones)
		add_bias(t, &t->levels[l]);
	return 0;
}

/*
 * A gradient by weights has few elements and many rows to add: as one product it would be a handful of blocks. What
 * the library could cut it into depends on its heuristics and takes a launch more to be added; the update adds parts
 * anyway.
 */
static size_t weight_parts(size_t rows)
{
	size_t parts = 1;

	while (parts < PARTS_MOST && parts * 2 * PART_ROWS <= rows)
		parts *= 2;
	return parts;
}

int gpu_gemm_open(struct gpu_trainer *t)
{
	bool world = t->o.trainer.determinism == NET_DETERMINISM_WORLD;
	int rc = 0;

	t->blas = world ? NULL : device_blas(t->device);
	for (size_t l = 0; !rc && t->blas && l < t->wiring.n; l++) {
		struct gpu_level *v = &t->levels[l];
		struct gpu_product p = { .kind = GPU_WEIGHTS,
					 .rows = t->capacity,
					 .parts = weight_parts(t->capacity) };

		/* gpu_output.cu looks at what the layer gave. */
		if (v->fused && !v->bias_done)
			rc = gpu_take(t, t->rows_max * gpu_mask_ld(v->units) / 8, &v->mask);
		if (t->one_output && l + 1 == t->wiring.n)
			break;
		if (!rc && gpu_plan_of(t, l, &p))
			v->dw_parts = p.parts;
		v->ones = !l && !v->bias_done && v->ld_in > v->in;
	}
	return rc;
}

void gpu_gemm_close(struct gpu_trainer *t)
{
	for (size_t i = 0; i < t->n_plans; i++) {
		gpu_plan_clear(t->blas, t->plans[i]);
		free(t->plans[i]);
	}
	free(t->plans);
	t->plans = NULL;
	t->n_plans = 0;
}
