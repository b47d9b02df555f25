/* gpu_gemm.c - which way a product goes. */
#include "lib/learn/cuda/gpu_gemm.h"

int gpu_gemm(struct gpu_trainer *t, size_t l, const struct gpu_product *p)
{
	(void)l;
	gpu_product_make(t->type, &t->steps, p, t->stream);
	return 0;
}
