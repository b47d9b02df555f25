/*
 * host_runtime.cc - CUDA's runtime on the host, below lib/learn/cuda/device.c: memory of its own, so that
 * AddressSanitizer knows each block's end, and graphs as lists of work. It keeps the rules that only a GPU would hold
 * one to: memory is not zeroed, the last error stays until it is asked for and "not ready" is one, nothing waits for a
 * stream that is captured, and a branch comes back before the capture ends. $MICH_HOST_DEVICES says how many devices
 * there are (1).
 */
#include <map>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cuda/host_work.h"
#include "tests/cuda/runtime/cuda_runtime_api.h"

extern "C" {
struct device;
/* What may be taken: tests set it to see what happens where there is no room. */
extern size_t host_memory;
size_t host_memory = (size_t)1 << 32;
void __real_device_watch(struct device *d, int (*watch)(void *payload), void *payload);
void __wrap_device_watch(struct device *d, int (*watch)(void *payload), void *payload);
}

struct host_event {
	cudaStream_t of;
	bool recorded, captured;
};

struct host_graph {
	std::vector<host_work> work;
};

namespace
{
cudaError_t last;
std::map<void *, size_t> blocks, pinned;
size_t taken;
cudaStream_t main_stream, side_stream;
bool busy; /* something was put into the stream that nobody has waited for */
bool capturing, invalid,
	unjoined; /* the main stream; its capture is spoilt; the side is part of it */
int (*watch)(void *payload);
void *watch_payload;
int watch_said;

cudaError_t give(cudaError_t e)
{
	if (e)
		last = e;
	return e;
}

/* What would wait, or may, for a stream that is captured. */
cudaError_t spoil(const char *what)
{
	fprintf(stderr, "%s while a stream is captured\n", what);
	invalid = true;
	return give(cudaErrorStreamCaptureUnsupported);
}

void *garbage(size_t bytes)
{
	void *p = malloc(bytes);

	memset(p, 0xa5, bytes);
	return p;
}

cudaError_t put(cudaStream_t s, std::function<void()> body)
{
	busy = true;
	host_do({ NULL, dim3(), dim3(), body }, s);
	return cudaSuccess;
}
} // namespace

cudaError_t cudaGetLastError(void)
{
	cudaError_t e = last;

	last = cudaSuccess;
	return e;
}

const char *cudaGetErrorName(cudaError_t)
{
	return "an error of the host's CUDA";
}

const char *cudaGetErrorString(cudaError_t e)
{
	static char text[32];

	snprintf(text, sizeof text, "error %d", e);
	return text;
}

/* --- devices --------------------------------------------------------------------------------------- */

cudaError_t cudaDriverGetVersion(int *out)
{
	*out = CUDART_VERSION;
	return cudaSuccess;
}

cudaError_t cudaGetDeviceCount(int *out)
{
	const char *asked = getenv("MICH_HOST_DEVICES");

	*out = asked ? (int)strtol(asked, NULL, 10) : 1;
	return *out ? cudaSuccess : give(cudaErrorNoDevice);
}

cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *out, int i)
{
	memset(out, 0, sizeof *out);
	snprintf(out->name, sizeof out->name, "the host as a GPU");
	out->uuid.bytes[15] = (char)i;
	out->pciBusID = i;
	out->totalGlobalMem = host_memory;
	out->multiProcessorCount = 4;
	return cudaSuccess;
}

cudaError_t cudaSetDevice(int)
{
	return cudaSuccess;
}

/* --- memory ---------------------------------------------------------------------------------------- */

cudaError_t cudaMalloc(void **out, size_t bytes)
{
	*out = NULL;
	if (capturing)
		return spoil("cudaMalloc");
	if (bytes > host_memory - taken)
		return give(cudaErrorMemoryAllocation);
	*out = garbage(bytes);
	blocks[*out] = bytes;
	taken += bytes;
	return cudaSuccess;
}

cudaError_t cudaFree(void *p)
{
	if (p && !blocks.count(p))
		return give(cudaErrorInvalidValue);
	if (capturing)
		return spoil("cudaFree");
	taken -= p ? blocks[p] : 0;
	blocks.erase(p);
	free(p);
	return cudaSuccess;
}

cudaError_t cudaMemGetInfo(size_t *left, size_t *all)
{
	*left = host_memory - taken;
	*all = host_memory;
	return cudaSuccess;
}

cudaError_t cudaHostAlloc(void **out, size_t bytes, unsigned)
{
	*out = garbage(bytes);
	pinned[*out] = bytes;
	return cudaSuccess;
}

cudaError_t cudaHostGetDevicePointer(void **out, void *host, unsigned)
{
	*out = host;
	return cudaSuccess;
}

cudaError_t cudaFreeHost(void *p)
{
	if (!pinned.erase(p))
		return give(cudaErrorInvalidValue);
	free(p);
	return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, enum cudaMemcpyKind,
			    cudaStream_t s)
{
	if (capturing)
		return spoil("a copy");
	return put(s, [=] { memcpy(to, from, bytes); });
}

cudaError_t cudaMemsetAsync(void *to, int value, size_t bytes, cudaStream_t s)
{
	return put(s, [=] { memset(to, value, bytes); });
}

/* --- streams --------------------------------------------------------------------------------------- */

/* The first of a device is its stream, the second the one beside it. */
cudaError_t cudaStreamCreateWithFlags(cudaStream_t *out, unsigned)
{
	static char first;

	*out = reinterpret_cast<cudaStream_t>(main_stream ? &host_side : &first);
	(main_stream ? side_stream : main_stream) = *out;
	return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t s)
{
	(s == main_stream ? main_stream : side_stream) = NULL;
	return cudaSuccess;
}

/* Work is done when it is put in; but who asks once is told that it is not. */
cudaError_t cudaStreamQuery(cudaStream_t)
{
	bool was = busy;

	if (capturing)
		return spoil("cudaStreamQuery");
	busy = false;
	return was || watch_said ? give(cudaErrorNotReady) : cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *out, unsigned)
{
	*out = new host_event();
	return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t *out)
{
	return cudaEventCreateWithFlags(out, 0);
}

cudaError_t cudaEventDestroy(cudaEvent_t e)
{
	delete e;
	return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t e, cudaStream_t s)
{
	*e = { s, true, capturing && (s == main_stream || unjoined) };
	busy = true;
	return cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t s, cudaEvent_t e, unsigned)
{
	if (capturing && !e->captured)
		return give(cudaErrorStreamCaptureIsolation);
	if (s == side_stream && e->of == main_stream)
		unjoined = true;
	if (s == main_stream && e->of == side_stream) {
		unjoined = false;
		host_join();
	}
	return cudaSuccess;
}

cudaError_t cudaEventElapsedTime(float *ms, cudaEvent_t from, cudaEvent_t to)
{
	*ms = 0.001f;
	return from->recorded && to->recorded ? cudaSuccess : give(cudaErrorInvalidValue);
}

/* --- graphs ---------------------------------------------------------------------------------------- */

cudaError_t cudaStreamBeginCapture(cudaStream_t, enum cudaStreamCaptureMode)
{
	if (unjoined)
		return give(cudaErrorStreamCaptureIsolation);
	capturing = true;
	invalid = false;
	host_written = new std::vector<host_work>();
	return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t, cudaGraph_t *out)
{
	cudaError_t e = invalid	   ? cudaErrorStreamCaptureInvalidated
			: unjoined ? cudaErrorStreamCaptureUnjoined
				   : cudaSuccess;

	if (unjoined)
		host_join();
	*out = e ? NULL : new host_graph{ *host_written };
	delete host_written;
	host_written = NULL;
	capturing = unjoined = false;
	return give(e);
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *out, cudaGraph_t g, unsigned long long)
{
	*out = new host_graph(*g);
	return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t g)
{
	delete g;
	return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t g)
{
	delete g;
	return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t g, cudaStream_t)
{
	busy = true;
	for (const host_work &w : g->work)
		host_do(w);
	return cudaSuccess;
}

/* --- who waits ------------------------------------------------------------------------------------- */

void __wrap_device_watch(struct device *d, int (*asked)(void *payload), void *payload)
{
	watch = asked;
	watch_payload = payload;
	__real_device_watch(d, asked, payload);
}

int host_watched(void)
{
	if (watch && !watch_said)
		watch_said = watch(watch_payload);
	return watch_said;
}
