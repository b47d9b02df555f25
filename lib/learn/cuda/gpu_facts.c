/* gpu_facts.c - devices and libraries, found or not. */
#include "lib/learn/cuda/gpu_facts.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/error.h"
#include "lib/learn/cuda/blas.h"
#include "lib/learn/cuda/device.h"
#include "lib/learn/cuda/nccl.h"

/* 130100: "13.1.0" */
static json_t *library_version(size_t v)
{
	return json_sprintf("%zu.%zu.%zu", v / 10000, v / 100 % 100, v % 100);
}

/* 13010: "13.1" */
static json_t *cuda_version(int v)
{
	return v ? json_sprintf("%d.%d", v / 1000, v % 1000 / 10) : json_null();
}

static void put_error(json_t *out)
{
	json_object_set_new(out, "error", json_string(error_text()));
	json_object_set_new(out, "hint", json_string(error_hint_text()));
	error_clear();
}

static json_t *one(const struct device_facts *f)
{
	return json_pack("{s:s,s:s,s:s,s:I,s:o,s:i}", "name", f->name, "uuid", f->uuid, "bus",
			 f->bus, "bytes", (json_int_t)f->bytes, "capability",
			 json_sprintf("%d.%d", f->major, f->minor), "processors", f->processors);
}

static void put_devices(json_t *out)
{
	json_t *list = json_array();
	struct device_facts facts;
	int n, rc = device_count(&n);

	for (int i = 0; i < n && !rc; i++)
		if (!(rc = device_describe(i, &facts)))
			json_array_append_new(list, one(&facts));
	if (rc)
		put_error(out);
	json_object_set_new(out, "devices", list);
}

/* A library: its version as its parts, and its path. */
static json_t *library(int rc, json_t *version, char *path)
{
	json_t *o = json_object();

	if (rc)
		put_error(o);
	else
		json_object_set(o, "version", version);
	if (!rc && path)
		json_object_set_new(o, "path", json_string(path));
	json_decref(version);
	free(path);
	return o;
}

static json_t *cublaslt(int runtime)
{
	char *path = NULL;
	size_t v = 0;
	int rc = blas_find(runtime / 1000, &v, &path);

	return library(rc, library_version(v), path);
}

static json_t *nccl(void)
{
	char *path = NULL;
	int v = 0, rc = nccl_find(&v, &path);

	return library(rc, library_version((size_t)v), path);
}

json_t *gpu_facts_used(struct device *d, bool ranks)
{
	const struct device_facts *f = device_facts(d);
	const struct blas *b = device_blas(d);
	int v = 0;
	json_t *o = json_pack("{s:s,s:s,s:s,s:o,s:o,s:o,s:o}", "mich-net-cuda", MICH_VERSION,
			      "device", f->name, "uuid", f->uuid, "capability",
			      json_sprintf("%d.%d", f->major, f->minor), "driver",
			      cuda_version(f->driver), "runtime", cuda_version(f->runtime),
			      "cublaslt", b ? library_version(b->version) : json_null());

	if (ranks && !nccl_find(&v, NULL))
		json_object_set_new(o, "nccl", library_version((size_t)v));
	return o;
}

json_t *gpu_facts(void)
{
	json_t *out = json_object();
	int driver, runtime;

	device_versions(&driver, &runtime);
	json_object_set_new(out, "runtime", cuda_version(runtime));
	json_object_set_new(out, "driver", cuda_version(driver));
	put_devices(out);
	json_object_set_new(out, "cublaslt", cublaslt(runtime));
	json_object_set_new(out, "nccl", nccl());
	return out;
}
