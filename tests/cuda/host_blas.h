/* host_blas.h - a cuBLASLt of the host: what it was asked for, and what it is to refuse. */
#ifndef MICH_TESTS_CUDA_HOST_BLAS_H
#define MICH_TESTS_CUDA_HOST_BLAS_H

#ifdef __cplusplus
extern "C" {
#endif

/* For devices opened from here on. 0: there is none (the default); else one that knows all epilogues but those in refused. */
void host_blas(int there);
enum { HOST_BLAS_EPILOGUES = 1024 };
void host_blas_refuse(int epilogue, int refused);
/* The same, but only when the product is to be made. */
void host_blas_refuse_late(int epilogue, int refused);
unsigned long host_blas_products(void); /* made so far */

#ifdef __cplusplus
}
#endif

#endif
