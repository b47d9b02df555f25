/* gpu_gemm.c - which way a product goes, and what is left to do behind it. */
#include "lib/learn/cuda/gpu_gemm.h"

#include <stdlib.h>

#include "lib/base/error.h"
#include "lib/learn/cuda/gpu_plan.h"

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
		plan->masks = plan->biases = false;
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
				 .to = v->db ? v->db : t->small + v->bias_at,
				 .parts = v->db ? 1 : t->parts,
				 .stride = t->n_small };

	gpu_columns_sum(t->type, &t->steps, &c, t->side);
}

/* Product p by its plan, with what its epilogue leaves to do. */
static int make_planned(struct gpu_trainer *t, size_t l, struct gpu_plan *plan,
			const struct gpu_product *p, bool *refused_out)
{
	bool masks = plan->masks, biases = plan->biases;
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
		rc = multiply(t, plan, p->x, p->d, p->out, refused_out);
		if (!rc && !*refused_out && !biases && !t->levels[l].bias_done)
			add_bias(t, &t->levels[l]);
		return rc;
	}
}

int gpu_gemm(struct gpu_trainer *t, size_t l, const struct gpu_product *p)
{
	struct gpu_plan *plan = gpu_plan_of(t, l, p);
	bool refused = !plan;
	int rc = plan ? make_planned(t, l, plan, p, &refused) : 0;

	if (rc || !refused)
		return rc;
	gpu_product_make(t->type, &t->steps, p, p->kind == GPU_WEIGHTS ? t->side : t->stream);
	if (p->kind == GPU_WEIGHTS && !t->levels[l].bias_done)
		add_bias(t, &t->levels[l]);
	return 0;
}

int gpu_gemm_open(struct gpu_trainer *t)
{
	bool world = t->o.trainer.determinism == NET_DETERMINISM_WORLD;
	int rc = 0;

	t->blas = world ? NULL : device_blas(t->device);
	for (size_t l = 0; !rc && t->blas && l < t->wiring.n; l++) {
		struct gpu_level *v = &t->levels[l];
		struct gpu_product p = { .kind = GPU_WEIGHTS, .rows = t->capacity };
		const struct gpu_plan *plan;

		/* gpu_output.cu looks at what the layer gave. */
		if (v->fused && !v->bias_done)
			rc = gpu_take(t, t->rows_max * gpu_mask_ld(v->units) / 8, &v->mask);
		if (t->one_output && l + 1 == t->wiring.n)
			break;
		if (!rc && !v->bias_done)
			rc = gpu_take(t, v->units * sizeof(float), &v->db);
		plan = rc ? NULL : gpu_plan_of(t, l, &p);
		if (plan)
			v->dw_parts = 1;
		if (!plan || !plan->biases)
			v->db = NULL;
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
