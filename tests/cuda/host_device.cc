/*
 * host_device.cc - device.h on the host: memory of its own, so that AddressSanitizer knows each block's
 * end, and graphs as lists of work. $MICH_HOST_DEVICES says how many there are (1).
 */
#include <map>
#include <stdio.h>
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
	int (*watch)(void *payload);
	void *payload;
	int failed; /* what the watch said */
};

static struct device *opened; /* one a process */

struct device_graph {
	std::vector<host_work> work;
};

/* What may be taken: tests set it to see what happens where there is no room. */
extern "C" size_t host_memory;
size_t host_memory = (size_t)1 << 32;

int device_count(int *out)
{
	const char *asked = getenv("MICH_HOST_DEVICES");

	*out = asked ? (int)strtol(asked, NULL, 10) : 1;
	return *out ? 0 : error_set(ERR_ENGINE, "no GPU can be used: there is none");
}

int device_describe(int i, struct device_facts *out)
{
	memset(out, 0, sizeof *out);
	snprintf(out->name, sizeof out->name, "the host as a GPU");
	snprintf(out->uuid, sizeof out->uuid, "GPU-host-%d", i);
	snprintf(out->bus, sizeof out->bus, "0000:%02x:00.0", i);
	out->bytes = host_memory;
	out->processors = 4;
	device_versions(&out->driver, &out->runtime);
	return 0;
}

void device_versions(int *driver_out, int *runtime_out)
{
	*driver_out = *runtime_out = 13000;
}

int device_open(int i, struct device **out)
{
	opened = *out = new device();
	(*out)->limit = host_memory;
	return device_describe(i, &(*out)->facts);
}

void device_close(struct device *d)
{
	if (!d)
		return;
	opened = NULL;
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

const char *device_blas_reason(const struct device *)
{
	return "";
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

int device_get(struct device *d, void *to, const void *from, size_t bytes)
{
	memcpy(to, from, bytes);
	return device_sync(d);
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

void device_watch(struct device *d, int (*watch)(void *payload), void *payload)
{
	d->watch = watch;
	d->payload = payload;
}

int host_watched(void)
{
	struct device *d = opened;

	if (d && d->watch && !d->failed)
		d->failed = d->watch(d->payload);
	return d ? d->failed : 0;
}

int device_sync(struct device *d)
{
	return d->failed;
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
