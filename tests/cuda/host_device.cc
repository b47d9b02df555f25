/*
 * host_device.cc - device.h on the host: memory of its own, so that AddressSanitizer knows each block's
 * end, and graphs as lists of work.
 */
#include <map>
#include <stdlib.h>
#include <string.h>

#include "tests/cuda/host_work.h"

extern "C" {
#include "lib/base/error.h"
#include "lib/learn/cuda/device.h"
}

struct device {
	struct device_facts facts;
	std::map<void *, size_t> blocks;
	uint64_t uploaded;
	size_t taken, limit;
};

struct device_graph {
	std::vector<host_work> work;
};

/* What may be taken: tests set it to see what happens where there is no room. */
extern "C" size_t host_memory;
size_t host_memory = (size_t)1 << 32;

int device_open(int, struct device **out)
{
	*out = new device();
	(*out)->limit = host_memory;
	(*out)->facts.processors = 4;
	return 0;
}

void device_close(struct device *d)
{
	if (!d)
		return;
	for (auto &b : d->blocks)
		free(b.first);
	delete d;
}

const struct device_facts *device_facts(const struct device *d)
{
	return &d->facts;
}

void *device_stream(struct device *)
{
	return NULL;
}

int device_alloc(struct device *d, size_t bytes, void **out)
{
	*out = NULL;
	if (bytes > d->limit - d->taken)
		return error_set(ERR_FAIL, "the GPU has no %zu bytes left", bytes);
	*out = calloc(1, bytes ? bytes : 1);
	d->blocks[*out] = bytes;
	d->taken += bytes;
	return 0;
}

void device_free(struct device *d, void *p)
{
	if (!d || !p)
		return;
	d->taken -= d->blocks[p];
	d->blocks.erase(p);
	free(p);
}

size_t device_free_bytes(struct device *d)
{
	return d->limit - d->taken;
}

int device_pinned(struct device *, size_t bytes, void **host, void **device)
{
	*host = calloc(1, bytes ? bytes : 1);
	if (device)
		*device = *host;
	return 0;
}

void device_pinned_free(struct device *, void *host)
{
	free(host);
}

int device_put(struct device *d, void *to, const void *from, size_t bytes)
{
	d->uploaded += bytes;
	memcpy(to, from, bytes);
	return 0;
}

int device_get(struct device *, void *to, const void *from, size_t bytes)
{
	memcpy(to, from, bytes);
	return 0;
}

int device_zero(struct device *, void *p, size_t bytes)
{
	host_do({ NULL, dim3(), dim3(), [=] { memset(p, 0, bytes); } });
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

int device_sync(struct device *)
{
	return 0;
}

int device_launched(struct device *, const char *)
{
	return 0;
}

int device_branch(struct device *, void **stream_out)
{
	*stream_out = &host_side;
	return 0;
}

int device_join(struct device *)
{
	host_join();
	return 0;
}

int device_capture(struct device *)
{
	host_written = new std::vector<host_work>();
	return 0;
}

int device_capture_end(struct device *, struct device_graph **out)
{
	std::vector<host_work> *work = host_written;

	host_written = NULL;
	if (out) {
		*out = new device_graph();
		(*out)->work = *work;
	}
	delete work;
	return 0;
}

int device_graph_run(struct device *, struct device_graph *g)
{
	for (const host_work &w : g->work)
		host_do(w);
	return 0;
}

void device_graph_close(struct device_graph *g)
{
	delete g;
}
