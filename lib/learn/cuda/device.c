/* device.c - CUDA's runtime behind device.h. */
#include "lib/learn/cuda/device.h"

#include <cuda_runtime_api.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/cuda/blas.h"

/* Busy for so long while it waits, then in naps: a step is tens of microseconds. */
enum { SPIN_US = 500, NAP_NS = 50 * 1000, WATCH_US = 20 * 1000 };

struct device {
	struct device_facts facts;
	cudaStream_t stream, side;
	cudaEvent_t marks[2], branched, joined;
	struct blas *blas;
	bool blas_tried;
	char *blas_reason;
	uint64_t uploaded;
	size_t taken;
	struct taken {
		void *p;
		size_t bytes;
	} * blocks; /* (n_blocks) what device_alloc gave */
	size_t n_blocks, cap_blocks;
	int (*watch)(void *payload);
	void *payload;
};

struct device_graph {
	cudaGraphExec_t exec;
};

static int no_gpu(cudaError_t e, const char *what)
{
	int driver = 0;
	int rc;

	if (e == cudaErrorInsufficientDriver && !cudaDriverGetVersion(&driver) && driver) {
		rc = error_set(ERR_ENGINE,
			       "no GPU can be used: its driver is for CUDA %d.%d, and mich is "
			       "built with %d.%d",
			       driver / 1000, driver % 1000 / 10, CUDART_VERSION / 1000,
			       CUDART_VERSION % 1000 / 10);
		return error_hint(rc,
				  "update NVIDIA's driver, or build mich with an older toolkit");
	}
	if (e == cudaErrorInsufficientDriver)
		rc = error_set(ERR_ENGINE,
			       "no GPU can be used: NVIDIA's driver (libcuda.so.1) is not there");
	else
		rc = error_set(ERR_ENGINE, "no GPU can be used: %s: %s", what,
			       cudaGetErrorString(e));
	return error_hint(rc, "nvidia-smi shows what the driver sees; gpus=0 trains on the CPU");
}

static int failed(cudaError_t e, const char *what)
{
	switch (e) {
	case cudaSuccess:
		return 0;
	case cudaErrorInsufficientDriver:
	case cudaErrorNoDevice:
	case cudaErrorSystemDriverMismatch:
	case cudaErrorCompatNotSupportedOnDevice:
		return no_gpu(e, what);
	case cudaErrorNoKernelImageForDevice:
		return error_hint(error_set(ERR_ENGINE,
					    "%s: this GPU is not one that mich was built for",
					    what),
				  "build it with NVCC_ARCH for this GPU: see the Makefile");
	default:
		return error_set(ERR_FAIL, "%s: %s (%s)", what, cudaGetErrorString(e),
				 cudaGetErrorName(e));
	}
}

#define TRY(call)                                    \
	do {                                         \
		cudaError_t e_ = (call);             \
		if (e_ != cudaSuccess)               \
			return failed(e_, __func__); \
	} while (0)

int device_count(int *out)
{
	cudaError_t e = cudaGetDeviceCount(out);

	if (e == cudaSuccess && *out > 0)
		return 0;
	*out = 0;
	return no_gpu(e == cudaSuccess ? cudaErrorNoDevice : e, "the driver");
}

static void write_uuid(const cudaUUID_t *u, char out[48])
{
	const unsigned char *b = (const unsigned char *)u->bytes;
	size_t n = (size_t)snprintf(out, 48, "GPU-");

	for (size_t i = 0; i < sizeof u->bytes; i++)
		n += (size_t)snprintf(out + n, 48 - n, "%s%02x",
				      i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", b[i]);
}

int device_describe(int i, struct device_facts *out)
{
	struct cudaDeviceProp p;

	memset(out, 0, sizeof *out);
	TRY(cudaGetDeviceProperties(&p, i));
	snprintf(out->name, sizeof out->name, "%s", p.name);
	write_uuid(&p.uuid, out->uuid);
	snprintf(out->bus, sizeof out->bus, "%04x:%02x:%02x.0", (unsigned)p.pciDomainID,
		 (unsigned)p.pciBusID, (unsigned)p.pciDeviceID);
	out->bytes = p.totalGlobalMem;
	out->major = p.major;
	out->minor = p.minor;
	out->processors = p.multiProcessorCount;
	out->shared_bytes = p.sharedMemPerBlockOptin;
	out->l2_bytes = (size_t)p.l2CacheSize;
	device_versions(&out->driver, &out->runtime);
	return 0;
}

void device_versions(int *driver_out, int *runtime_out)
{
	*runtime_out = CUDART_VERSION;
	if (cudaDriverGetVersion(driver_out) != cudaSuccess)
		*driver_out = 0;
}

static int open_streams(struct device *d)
{
	TRY(cudaStreamCreateWithFlags(&d->stream, cudaStreamNonBlocking));
	TRY(cudaStreamCreateWithFlags(&d->side, cudaStreamNonBlocking));
	TRY(cudaEventCreateWithFlags(&d->branched, cudaEventDisableTiming));
	TRY(cudaEventCreateWithFlags(&d->joined, cudaEventDisableTiming));
	TRY(cudaEventCreate(&d->marks[0]));
	TRY(cudaEventCreate(&d->marks[1]));
	return 0;
}

int device_open(int i, struct device **out)
{
	struct device *d = NULL;
	int n, rc = device_count(&n);

	*out = NULL;
	if (rc)
		return rc;
	if (i < 0 || i >= n)
		return error_set(ERR_ENGINE, "there is no GPU %d: this process sees %d", i, n);
	TRY(cudaSetDevice(i));
	d = xcalloc(1, sizeof *d);
	rc = device_describe(i, &d->facts);
	if (!rc)
		rc = open_streams(d);
	if (rc) {
		device_close(d);
		return error_wrap(rc, "GPU %d", i);
	}
	*out = d;
	return 0;
}

void device_close(struct device *d)
{
	if (!d)
		return;
	blas_close(d->blas);
	for (size_t i = 0; i < d->n_blocks; i++)
		cudaFree(d->blocks[i].p);
	for (int i = 0; i < 2; i++)
		if (d->marks[i])
			cudaEventDestroy(d->marks[i]);
	if (d->branched)
		cudaEventDestroy(d->branched);
	if (d->joined)
		cudaEventDestroy(d->joined);
	if (d->side)
		cudaStreamDestroy(d->side);
	if (d->stream)
		cudaStreamDestroy(d->stream);
	free(d->blas_reason);
	free(d->blocks);
	free(d);
}

const struct device_facts *device_facts(const struct device *d)
{
	return &d->facts;
}

void *device_stream(struct device *d)
{
	return d->stream;
}

struct blas *device_blas(struct device *d)
{
	if (!d->blas_tried) {
		d->blas_tried = true;
		if (blas_open(d, &d->blas)) {
			d->blas_reason = xstrdup(error_text());
			error_clear();
		}
	}
	return d->blas;
}

const char *device_blas_reason(const struct device *d)
{
	return d->blas_reason ? d->blas_reason : "";
}

/* --- memory -------------------------------------------------------------------------------------- */

static double gib(size_t bytes)
{
	return (double)bytes / (1 << 30);
}

static int no_memory(struct device *d, size_t bytes)
{
	int rc = error_set(ERR_FAIL, "the GPU has no %.2f GiB left: %.2f of its %.1f GiB are free",
			   gib(bytes), gib(device_free_bytes(d)), gib(d->facts.bytes));

	return error_hint(rc, "give a smaller batch or net, or a larger GPU");
}

int device_alloc(struct device *d, size_t bytes, void **out)
{
	cudaError_t e = cudaMalloc(out, bytes ? bytes : 1);

	if (e == cudaErrorMemoryAllocation) {
		(void)cudaGetLastError();
		return no_memory(d, bytes);
	}
	if (e != cudaSuccess)
		return failed(e, "GPU memory");
	ARRAY_GROW(d->blocks, d->n_blocks, d->cap_blocks);
	d->blocks[d->n_blocks++] = (struct taken){ *out, bytes };
	d->taken += bytes;
	return device_zero(d, *out, bytes);
}

void device_free(struct device *d, void *p)
{
	if (!d || !p)
		return;
	for (size_t i = 0; i < d->n_blocks; i++)
		if (d->blocks[i].p == p) {
			d->taken -= d->blocks[i].bytes;
			d->blocks[i] = d->blocks[--d->n_blocks];
			break;
		}
	cudaFree(p);
}

size_t device_free_bytes(struct device *d)
{
	size_t left = 0, all = 0;

	(void)d;
	return cudaMemGetInfo(&left, &all) == cudaSuccess ? left : 0;
}

int device_pinned(struct device *d, size_t bytes, void **host, void **device)
{
	(void)d;
	*host = NULL;
	TRY(cudaHostAlloc(host, bytes ? bytes : 1, cudaHostAllocMapped));
	memset(*host, 0, bytes);
	if (device)
		TRY(cudaHostGetDevicePointer(device, *host, 0));
	return 0;
}

void device_pinned_free(struct device *d, void *host)
{
	(void)d;
	if (host)
		cudaFreeHost(host);
}

int device_put(struct device *d, void *to, const void *from, size_t bytes)
{
	TRY(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, d->stream));
	d->uploaded += bytes;
	return 0;
}

/*
 * Into memory that is not page-locked CUDA waits on its own, and asks nobody meanwhile: so there is nothing left to
 * wait for when it is called.
 */
int device_get(struct device *d, void *to, const void *from, size_t bytes)
{
	int rc = device_sync(d);

	if (rc)
		return rc;
	TRY(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, d->stream));
	return device_sync(d);
}

int device_zero(struct device *d, void *p, size_t bytes)
{
	TRY(cudaMemsetAsync(p, 0, bytes, d->stream));
	return 0;
}

uint64_t device_uploaded(const struct device *d)
{
	return d->uploaded;
}

size_t device_taken(const struct device *d)
{
	return d->taken;
}

/* --- waiting ------------------------------------------------------------------------------------- */

void device_watch(struct device *d, int (*watch)(void *payload), void *payload)
{
	d->watch = watch;
	d->payload = payload;
}

int device_sync(struct device *d)
{
	int64_t began = clock_mono_us(), asked = began;
	struct timespec nap = { .tv_nsec = NAP_NS };
	cudaError_t e;
	int rc = 0;

	while ((e = cudaStreamQuery(d->stream)) == cudaErrorNotReady && !rc) {
		int64_t now = clock_mono_us();

		if (now - began > SPIN_US)
			nanosleep(&nap, NULL);
		if (d->watch && now - asked > WATCH_US) {
			asked = now;
			rc = d->watch(d->payload);
		}
		/* "Not ready" is kept as the last error, which the next launch would take for its own. */
		(void)cudaGetLastError();
	}
	return rc ? rc : failed(e, "the GPU's work");
}

int device_launched(struct device *d, const char *what)
{
	(void)d;
	return failed(cudaGetLastError(), what);
}

int device_mark(struct device *d, int which)
{
	TRY(cudaEventRecord(d->marks[which != 0], d->stream));
	return 0;
}

int device_elapsed(struct device *d, double *ms_out)
{
	int rc = device_sync(d);
	float ms = 0;

	if (rc)
		return rc;
	TRY(cudaEventElapsedTime(&ms, d->marks[0], d->marks[1]));
	*ms_out = (double)ms;
	return 0;
}

int device_branch(struct device *d, void **stream_out)
{
	TRY(cudaEventRecord(d->branched, d->stream));
	TRY(cudaStreamWaitEvent(d->side, d->branched, 0));
	*stream_out = d->side;
	return 0;
}

int device_join(struct device *d)
{
	TRY(cudaEventRecord(d->joined, d->side));
	TRY(cudaStreamWaitEvent(d->stream, d->joined, 0));
	return 0;
}

/* --- graphs -------------------------------------------------------------------------------------- */

/* Relaxed: NCCL starts its kernels from a thread of its own and may take memory meanwhile. */
int device_capture(struct device *d)
{
	TRY(cudaStreamBeginCapture(d->stream, cudaStreamCaptureModeRelaxed));
	return 0;
}

int device_capture_end(struct device *d, struct device_graph **out)
{
	struct device_graph *g;
	cudaGraph_t graph = NULL;
	cudaGraphExec_t exec = NULL;
	cudaError_t e = cudaStreamEndCapture(d->stream, &graph);

	if (out)
		*out = NULL;
	if (out && e == cudaSuccess)
		e = cudaGraphInstantiate(&exec, graph, 0);
	if (graph)
		cudaGraphDestroy(graph);
	if (!out) {
		(void)cudaGetLastError();
		return 0;
	}
	if (e != cudaSuccess)
		return failed(e, "the graph of a step");
	g = xcalloc(1, sizeof *g);
	g->exec = exec;
	*out = g;
	return 0;
}

int device_graph_run(struct device *d, struct device_graph *g)
{
	TRY(cudaGraphLaunch(g->exec, d->stream));
	return 0;
}

void device_graph_close(struct device_graph *g)
{
	if (!g)
		return;
	cudaGraphExecDestroy(g->exec);
	free(g);
}
