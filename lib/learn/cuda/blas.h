/*
 * blas.h - cuBLASLt, opened at run time: the functions and constants that are used here, declared as in
 * its header (which need not be there), and the workspace that products may use. Plain C.
 *
 * Matrices are column-major unless a layout says otherwise. Every function gives CUBLAS_STATUS_SUCCESS
 * or what blas_error() puts into words. tests/gpu/abi.sh holds the constants to the real header.
 */
#ifndef MICH_LEARN_CUDA_BLAS_H
#define MICH_LEARN_CUDA_BLAS_H

#include <stddef.h>
#include <stdint.h>

struct device;

enum {
	CUDA_R_32F = 0,
	CUDA_R_16F = 2,
	CUDA_R_16BF = 14,
};

enum {
	CUBLAS_STATUS_SUCCESS = 0,
	CUBLAS_STATUS_INVALID_VALUE = 7,
	CUBLAS_STATUS_ARCH_MISMATCH = 8,
	CUBLAS_STATUS_NOT_SUPPORTED = 15,
};

enum {
	CUBLAS_OP_N = 0,
	CUBLAS_OP_T = 1,
};

enum {
	CUBLAS_COMPUTE_32F = 68,
	CUBLAS_COMPUTE_32F_PEDANTIC = 69,
	CUBLAS_COMPUTE_32F_FAST_TF32 = 77,
};

/* The type behind each is what the attribute is set with. */
enum {
	CUBLASLT_MATMUL_DESC_COMPUTE_TYPE = 0,		/* int32_t */
	CUBLASLT_MATMUL_DESC_SCALE_TYPE = 1,		/* int32_t */
	CUBLASLT_MATMUL_DESC_POINTER_MODE = 2,		/* int32_t */
	CUBLASLT_MATMUL_DESC_TRANSA = 3,		/* int32_t */
	CUBLASLT_MATMUL_DESC_TRANSB = 4,		/* int32_t */
	CUBLASLT_MATMUL_DESC_EPILOGUE = 7,		/* uint32_t */
	CUBLASLT_MATMUL_DESC_BIAS_POINTER = 8,		/* void * */
	CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER = 11, /* void * */
	CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD =
		12, /* int64_t; of a ReLU mask: bits, a multiple of 128 */
	CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_DATA_TYPE = 22, /* int32_t */
	CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE = 26,	  /* int32_t */
};

enum {
	CUBLASLT_MATRIX_LAYOUT_TYPE = 0,		 /* uint32_t */
	CUBLASLT_MATRIX_LAYOUT_ORDER = 1,		 /* int32_t */
	CUBLASLT_MATRIX_LAYOUT_ROWS = 2,		 /* uint64_t */
	CUBLASLT_MATRIX_LAYOUT_COLS = 3,		 /* uint64_t */
	CUBLASLT_MATRIX_LAYOUT_LD = 4,			 /* int64_t */
	CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT = 5,		 /* int32_t */
	CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET = 6, /* int64_t */
};

enum {
	CUBLASLT_ORDER_COL = 0,
	CUBLASLT_ORDER_ROW = 1,
};

enum {
	CUBLASLT_POINTER_MODE_HOST = 0,
	CUBLASLT_POINTER_MODE_DEVICE = 1,
};

enum {
	CUBLASLT_REDUCTION_SCHEME_NONE = 0,
	CUBLASLT_REDUCTION_SCHEME_INPLACE = 1, /* by atomics: another order every time */
	CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE = 2,
	CUBLASLT_REDUCTION_SCHEME_OUTPUT_TYPE = 4,
	CUBLASLT_REDUCTION_SCHEME_MASK = 7,
};

enum {
	CUBLASLT_EPILOGUE_DEFAULT = 1,
	CUBLASLT_EPILOGUE_RELU = 2,
	CUBLASLT_EPILOGUE_RELU_AUX = 130,
	CUBLASLT_EPILOGUE_BIAS = 4,
	CUBLASLT_EPILOGUE_RELU_BIAS = 6,
	CUBLASLT_EPILOGUE_RELU_AUX_BIAS = 134,
	CUBLASLT_EPILOGUE_DRELU = 136,
	CUBLASLT_EPILOGUE_DRELU_BGRAD = 152,
	CUBLASLT_EPILOGUE_GELU = 32, /* by tanh: not the GELU of net_shape.h */
	CUBLASLT_EPILOGUE_BGRADA = 256,
	CUBLASLT_EPILOGUE_BGRADB = 512,
};

enum {
	CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES = 1,	/* uint64_t */
	CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK = 3, /* uint32_t */
	CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES = 5, /* uint32_t */
	CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES = 6, /* uint32_t */
	CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES = 7, /* uint32_t */
	CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES = 8, /* uint32_t */
};

enum {
	CUBLASLT_ALGO_CONFIG_ID = 0,		   /* int32_t */
	CUBLASLT_ALGO_CONFIG_TILE_ID = 1,	   /* uint32_t */
	CUBLASLT_ALGO_CONFIG_SPLITK_NUM = 2,	   /* int32_t */
	CUBLASLT_ALGO_CONFIG_REDUCTION_SCHEME = 3, /* uint32_t */
	CUBLASLT_ALGO_CONFIG_STAGES_ID = 6,	   /* uint32_t */
};

struct blas_algo { /* cublasLtMatmulAlgo_t */
	uint64_t data[8];
};

struct blas_choice { /* cublasLtMatmulHeuristicResult_t */
	struct blas_algo algo;
	size_t workspace_bytes;
	int state;
	float waves;
	int reserved[4];
};

struct blas {
	void *handle;	 /* cublasLtHandle_t */
	size_t version;	 /* 130100: 13.1 */
	void *workspace; /* (workspace_bytes) device; used by one product at a time: half for the stream, half for its branch */
	size_t workspace_bytes;
	struct device *device;

	int (*create)(void **handle);
	int (*destroy)(void *handle);
	size_t (*get_version)(void);
	const char *(*status_string)(int status);

	int (*desc_create)(void **desc, int compute_type, int scale_type);
	int (*desc_destroy)(void *desc);
	int (*desc_set)(void *desc, int attribute, const void *value, size_t bytes);
	int (*layout_create)(void **layout, int type, uint64_t rows, uint64_t cols, int64_t ld);
	int (*layout_destroy)(void *layout);
	int (*layout_set)(void *layout, int attribute, const void *value, size_t bytes);
	int (*pref_create)(void **pref);
	int (*pref_destroy)(void *pref);
	int (*pref_set)(void *pref, int attribute, const void *value, size_t bytes);

	/* The choices, best first by cuBLASLt's own reckoning. */
	int (*heuristic)(void *handle, void *desc, void *a, void *b, void *c, void *d, void *pref,
			 int want, struct blas_choice *out, int *n_out);
	int (*algo_get)(const struct blas_algo *algo, int attribute, void *value, size_t bytes,
			size_t *written_out);
	/* d = alpha op(a) op(b) + beta c, then the epilogue; stream is a cudaStream_t. */
	int (*matmul)(void *handle, void *desc, const void *alpha, const void *a, void *a_layout,
		      const void *b, void *b_layout, const void *beta, const void *c,
		      void *c_layout, void *d, void *d_layout, const struct blas_algo *algo,
		      void *workspace, size_t workspace_bytes, void *stream);
};

/*
 * ERR_ENGINE: it is not there, or of a major version that lib/learn/cuda/library.h does not take; that says
 * where it is looked for, too.
 */
int blas_open(struct device *d, struct blas **out);
void blas_close(struct blas *b);

/* Its version and where it lies, for who wants to know what there is. ERR_ENGINE. path is the caller's. */
int blas_find(int major, size_t *version_out, char **path_out);

/* 0 for CUBLAS_STATUS_SUCCESS; else ERR_FAIL with what was asked of it and why not. */
int blas_error(const struct blas *b, int status, const char *what);

#endif
