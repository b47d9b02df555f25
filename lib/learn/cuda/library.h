/*
 * library.h - where NVIDIA's libraries lie. Looked for in this order: the variable, the folder of engines
 * (`make deps CUDA=1` fills it), the system, $CUDA_HOME and /usr/local/cuda, and the packages of the Pythons
 * on the PATH and of those that they are links to (nvidia-cublas, nvidia-nccl-cu13; those of PyTorch). The first
 * one that can be loaded is taken, and is never closed again.
 */
#ifndef MICH_LEARN_CUDA_LIBRARY_H
#define MICH_LEARN_CUDA_LIBRARY_H

enum library {
	LIBRARY_CUBLASLT, /* $MICH_CUBLASLT, libcublasLt.so.MAJOR */
	LIBRARY_NCCL,	  /* $MICH_NCCL, libnccl.so.2 */
};

/*
 * major: of CUDA; where there is none of it, one of the major version before will do, from 12 on: it runs beside
 * a newer runtime and driver, and what blas.h declares has stayed the same. ERR_ENGINE says what to install.
 * *path_out: where it was, the caller's to free; may be NULL.
 */
enum { LIBRARY_MAJOR_LEAST = 12 };
int library_open(enum library which, int major, void **handle_out, char **path_out);

#endif
