/* xgb.h - the part of XGBoost's C API that parity tests and benches call, opened at run time. */
#ifndef MICH_TESTS_PARITY_XGB_H
#define MICH_TESTS_PARITY_XGB_H

#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef uint64_t xgb_ulong;

struct xgb {
	const char *(*last_error)(void);
	int (*from_mat)(const float *x, xgb_ulong rows, xgb_ulong cols, float missing, void **out);
	int (*matrix_free)(void *m);
	int (*set_float)(void *m, const char *field, const float *v, xgb_ulong n);
	int (*set_uint)(void *m, const char *field, const unsigned *v, xgb_ulong n);
	int (*set_str)(void *m, const char *field, const char **v, xgb_ulong n);
	int (*create)(void *const *m, xgb_ulong n, void **out);
	int (*booster_free)(void *b);
	int (*set_param)(void *b, const char *name, const char *value);
	int (*update)(void *b, int iteration, void *m);
	int (*predict)(void *b, void *m, const char *config, const xgb_ulong **shape,
		       xgb_ulong *dim, const float **out);
	int (*predict_dense)(void *b, const char *array, const char *config, void *proxy,
			     const xgb_ulong **shape, xgb_ulong *dim, const float **out);
	int (*save)(void *b, const char *config, xgb_ulong *n, const char **out);
	int (*load)(void *b, const void *data, xgb_ulong n);
	int (*proxy_create)(void **out);
	int (*set_attr)(void *b, const char *key, const char *value);
};

/* libxgboost.so of $MICH_XGBOOST or the build folder; false where there is none. */
static inline bool xgb_open(struct xgb *x)
{
	static const struct {
		const char *name;
		size_t at;
	} symbols[] = {
		{ "XGBGetLastError", offsetof(struct xgb, last_error) },
		{ "XGDMatrixCreateFromMat", offsetof(struct xgb, from_mat) },
		{ "XGDMatrixFree", offsetof(struct xgb, matrix_free) },
		{ "XGDMatrixSetFloatInfo", offsetof(struct xgb, set_float) },
		{ "XGDMatrixSetUIntInfo", offsetof(struct xgb, set_uint) },
		{ "XGDMatrixSetStrFeatureInfo", offsetof(struct xgb, set_str) },
		{ "XGBoosterCreate", offsetof(struct xgb, create) },
		{ "XGBoosterFree", offsetof(struct xgb, booster_free) },
		{ "XGBoosterSetParam", offsetof(struct xgb, set_param) },
		{ "XGBoosterUpdateOneIter", offsetof(struct xgb, update) },
		{ "XGBoosterPredictFromDMatrix", offsetof(struct xgb, predict) },
		{ "XGBoosterPredictFromDense", offsetof(struct xgb, predict_dense) },
		{ "XGBoosterSaveModelToBuffer", offsetof(struct xgb, save) },
		{ "XGBoosterLoadModelFromBuffer", offsetof(struct xgb, load) },
		{ "XGProxyDMatrixCreate", offsetof(struct xgb, proxy_create) },
		{ "XGBoosterSetAttr", offsetof(struct xgb, set_attr) },
	};
	const char *paths[] = { getenv("MICH_XGBOOST"), "build/engines/xgboost/lib/libxgboost.so",
				NULL };
	char exe[4096], near[4200];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	char *cut = NULL;
	void *h = NULL;

	exe[n > 0 ? n : 0] = '\0';
	if ((cut = strstr(exe, "/tests/")))
		*cut = '\0';
	snprintf(near, sizeof near, "%s/engines/xgboost/lib/libxgboost.so", exe);
	paths[2] = near;
	for (int i = 0; i < 3 && !h; i++)
		h = paths[i] ? dlopen(paths[i], RTLD_NOW) : NULL;
	for (size_t i = 0; h && i < sizeof symbols / sizeof *symbols; i++) {
		void *p = dlsym(h, symbols[i].name);

		if (!p)
			return false;
		memcpy((char *)x + symbols[i].at, &p, sizeof p);
	}
	return h != NULL;
}

#define XGB_TRY(x, call)                                                       \
	do {                                                                   \
		if ((x)->call) {                                               \
			fprintf(stderr, "%s: %s\n", #call, (x)->last_error()); \
			abort();                                               \
		}                                                              \
	} while (0)

/* splitmix64, and floats from it. */
static inline uint64_t xgb_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static inline float xgb_uniform(uint64_t *state)
{
	return (float)(xgb_random(state) >> 40) / 16777216.0f;
}

#endif
