/*
 * device.h - one GPU: its memory, one stream of work (and one beside it), copies, graphs. Plain C: nothing of CUDA shows, and a
 * stream is a cudaStream_t as void *. All work goes into the one stream, in the order of the calls.
 *
 * The CUDA runtime is linked statically: kernels register with it before main, so it cannot come later
 * through dlopen. It opens the driver (libcuda.so.1) itself at the first call: a program that never
 * calls it starts on a machine without a GPU as on any other.
 *
 * Every error of CUDA becomes error_set with what was asked of it: ERR_ENGINE where there is no driver, no
 * GPU or one that is too old, ERR_FAIL for the rest.
 */
#ifndef MICH_LEARN_CUDA_DEVICE_H
#define MICH_LEARN_CUDA_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct device;
struct device_graph;

struct device_facts {
	char name[256];	     /* "NVIDIA H100 80GB HBM3" */
	char uuid[48];	     /* "GPU-..." */
	char bus[32];	     /* "0000:17:00.0" */
	size_t bytes;	     /* of its memory */
	int major, minor;    /* compute capability */
	int processors;	     /* streaming multiprocessors */
	int driver, runtime; /* 13000: CUDA 13.0 */
	size_t shared_bytes; /* of shared memory a block may ask for */
	size_t l2_bytes;
};

/* How many GPUs this process sees. ERR_ENGINE says why none can be used, and what to do about it. */
int device_count(int *out);
/* The facts of the i-th one, without opening it. */
int device_describe(int i, struct device_facts *out);

/* 13000: CUDA 13.0; of the driver 0 where there is none, of the runtime always what mich is built with. */
void device_versions(int *driver_out, int *runtime_out);

/* Open one of those; ERR_ENGINE: older than what the kernels are built for. */
int device_open(int i, struct device **out);
void device_close(struct device *d);
const struct device_facts *device_facts(const struct device *d);

void *device_stream(struct device *d); /* cudaStream_t */

/*
 * cuBLASLt and a workspace for it (lib/learn/cuda/blas.h), opened at the first call; NULL: there is none,
 * device_blas_reason() says why.
 */
struct blas *device_blas(struct device *d);
const char *device_blas_reason(const struct device *d);

/* --- memory -------------------------------------------------------------------------------------- */

/* Zeroed; aligned to 256 bytes. ERR_FAIL says how much was asked for and how much is free. */
int device_alloc(struct device *d, size_t bytes, void **out);
void device_free(struct device *d, void *p);
size_t device_free_bytes(struct device *d);

/*
 * Page-locked memory of the host, zeroed, that the device reads and writes too: at *device, in its own
 * address space. Copies from and to it do not wait.
 */
int device_pinned(struct device *d, size_t bytes, void **host, void **device);
void device_pinned_free(struct device *d, void *host);

/* Host to device; from may be used again on return, the bytes arrive in the stream's order. */
int device_put(struct device *d, void *to, const void *from, size_t bytes);
/* Device to host: returns when all is there. */
int device_get(struct device *d, void *to, const void *from, size_t bytes);
int device_zero(struct device *d, void *p, size_t bytes);

/* What device_put has carried so far, and what device_alloc has given and not got back. */
uint64_t device_uploaded(const struct device *d);
size_t device_taken(const struct device *d);

/* --- waiting ------------------------------------------------------------------------------------- */

/*
 * Asked now and then while device_sync and device_get wait: a negative code ends the wait with it. NULL:
 * nobody is asked.
 */
void device_watch(struct device *d, int (*watch)(void *payload), void *payload);

/* All that was enqueued is done. Errors of kernels come out here. */
int device_sync(struct device *d);

/* After a launch: ERR_FAIL names what could not be started. */
int device_launched(struct device *d, const char *what);

/* Events of the stream, for measuring: milliseconds from the first mark to the second, which waits. */
int device_mark(struct device *d, int which); /* 0 or 1 */
int device_elapsed(struct device *d, double *ms_out);

/*
 * Work beside the stream: what is put into *stream_out may run beside what the stream gets from here on,
 * and after what it has got so far. device_join: what the stream gets next comes after all of it. Between
 * device_capture and its end as well, which must come after the join.
 */
int device_branch(struct device *d, void **stream_out);
int device_join(struct device *d);

/* --- graphs -------------------------------------------------------------------------------------- */

/*
 * Between the two, work is written down instead of done. device_capture_end(d, NULL) drops what was
 * written: after an error in between.
 */
int device_capture(struct device *d);
int device_capture_end(struct device *d, struct device_graph **out);
int device_graph_run(struct device *d, struct device_graph *g);
void device_graph_close(struct device_graph *g); /* NULL is fine */

#endif
