/* blas.c - open cuBLASLt. */
#include "lib/learn/cuda/blas.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/engine.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/cuda/device.h"
#include "lib/learn/cuda/library.h"

/* What NVIDIA advises for Hopper; half of it is enough before. */
enum { WORKSPACE_BYTES = 32 << 20 };

static int fill(struct blas *b, void *handle)
{
	const struct engine_symbol symbols[] = {
		{ "cublasLtCreate", &b->create },
		{ "cublasLtDestroy", &b->destroy },
		{ "cublasLtGetVersion", &b->get_version },
		{ "cublasLtGetStatusString", &b->status_string },
		{ "cublasLtMatmulDescCreate", &b->desc_create },
		{ "cublasLtMatmulDescDestroy", &b->desc_destroy },
		{ "cublasLtMatmulDescSetAttribute", &b->desc_set },
		{ "cublasLtMatrixLayoutCreate", &b->layout_create },
		{ "cublasLtMatrixLayoutDestroy", &b->layout_destroy },
		{ "cublasLtMatrixLayoutSetAttribute", &b->layout_set },
		{ "cublasLtMatmulPreferenceCreate", &b->pref_create },
		{ "cublasLtMatmulPreferenceDestroy", &b->pref_destroy },
		{ "cublasLtMatmulPreferenceSetAttribute", &b->pref_set },
		{ "cublasLtMatmulAlgoGetHeuristic", &b->heuristic },
		{ "cublasLtMatmulAlgoConfigGetAttribute", &b->algo_get },
		{ "cublasLtMatmul", &b->matmul },
	};

	return engine_symbols("cuBLASLt", handle, symbols, ARRAY_LEN(symbols));
}

/* 130100 is 13.1, 120803 is 12.8.3. */
static int check_version(struct blas *b, const struct device *d)
{
	int want = device_facts(d)->runtime / 1000, have;

	b->version = b->get_version();
	have = (int)(b->version / 10000);
	if (have == want || (have == want - 1 && have >= LIBRARY_MAJOR_LEAST))
		return 0;
	return error_hint(
		error_set(ERR_ENGINE, "cuBLASLt is of CUDA %d, and mich is built with CUDA %d",
			  have, want),
		"name another one: export MICH_CUBLASLT=/path/to/libcublasLt.so.%d", want);
}

int blas_find(int major, size_t *version_out, char **path_out)
{
	struct blas b = { 0 };
	void *handle;
	int rc = library_open(LIBRARY_CUBLASLT, major, &handle, path_out);

	if (!rc)
		rc = fill(&b, handle);
	if (!rc)
		*version_out = b.get_version();
	return rc;
}

int blas_open(struct device *d, struct blas **out)
{
	struct blas *b = xcalloc(1, sizeof *b);
	void *handle;
	int rc = library_open(LIBRARY_CUBLASLT, device_facts(d)->runtime / 1000, &handle, NULL);

	*out = NULL;
	b->device = d;
	if (!rc)
		rc = fill(b, handle);
	if (!rc)
		rc = check_version(b, d);
	if (!rc)
		rc = device_alloc(d, WORKSPACE_BYTES, &b->workspace);
	if (!rc)
		b->workspace_bytes = WORKSPACE_BYTES;
	if (!rc)
		rc = blas_error(b, b->create(&b->handle), "opening cuBLASLt");
	if (rc) {
		blas_close(b);
		return rc;
	}
	*out = b;
	return 0;
}

void blas_close(struct blas *b)
{
	if (!b)
		return;
	if (b->handle)
		b->destroy(b->handle);
	if (b->workspace)
		device_free(b->device, b->workspace);
	free(b);
}

int blas_error(const struct blas *b, int status, const char *what)
{
	if (status == CUBLAS_STATUS_SUCCESS)
		return 0;
	return error_set(ERR_FAIL, "%s: %s (cuBLASLt's status %d)", what, b->status_string(status),
			 status);
}
