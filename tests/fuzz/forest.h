/* forest.h - what the two forest targets share: parse, and hold every kernel to the plain walk. */
#ifndef MICH_TESTS_FUZZ_FOREST_H
#define MICH_TESTS_FUZZ_FOREST_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/model/trees/forest.h"
#include "lib/model/trees/grove.h"

enum { FUZZ_ROWS = 77 };

static inline float fuzz_value(uint32_t *seed)
{
	static const float odd[] = { NAN, -0.0f, INFINITY, -INFINITY, 1e30f, 16777216.0f, 0.5f };

	*seed = *seed * 1664525 + 1013904223;
	if (*seed >> 29 == 0)
		return odd[*seed >> 8 & 7 ? (*seed >> 8 & 7) - 1 : 0];
	return (float)(*seed >> 20 & 63) - 8.0f;
}

static inline void fuzz_same(const float *want, const float *have, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(&want[i], &have[i], sizeof(float)) &&
		    !(isnan(want[i]) && isnan(have[i])))
			abort();
}

static inline void fuzz_score(struct forest *f)
{
	static const char *const kernels[] = { "scalar", "avx2", "avx512" };
	size_t inputs = forest_inputs(f), groups = forest_groups(f);
	float *x = calloc(FUZZ_ROWS * inputs + 1, sizeof(float));
	float *want = calloc(FUZZ_ROWS * groups, sizeof(float)),
	      *have = calloc(FUZZ_ROWS * groups, sizeof(float));
	uint32_t seed = 1;

	for (size_t i = 0; i < FUZZ_ROWS * inputs; i++)
		x[i] = fuzz_value(&seed);
	for (size_t row = 0; row < FUZZ_ROWS; row++) {
		memcpy(want + row * groups, f->trees.base, groups * sizeof(float));
		for (size_t t = 0; t < f->trees.n; t++)
			want[row * groups + f->trees.v[t].group] +=
				tree_score(&f->trees, &f->trees.v[t], x + row * inputs);
	}
	for (int k = 0; k < 3; k++) {
		if (forest_use_kernel(f, kernels[k]) < 0)
			continue;
		forest_margin(f, x, FUZZ_ROWS, 1, have);
		fuzz_same(want, have, FUZZ_ROWS * groups);
	}
	forest_score(f, x, FUZZ_ROWS, 1, have);
	free(x);
	free(want);
	free(have);
}

static inline int fuzz_forest(const uint8_t *data, size_t n)
{
	struct forest *f;

	if (forest_parse(data, n, 0, &f) == 0 && forest_inputs(f) * FUZZ_ROWS < 1 << 20 &&
	    forest_groups(f) * FUZZ_ROWS < 1 << 20)
		fuzz_score(f);
	forest_free(f);
	return 0;
}

#endif
