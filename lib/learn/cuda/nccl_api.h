/*
 * nccl_api.h - the functions, types and constants of NCCL that are used here, declared as in its header
 * (which need not be there). tests/gpu/abi.sh holds them to the real one.
 */
#ifndef MICH_LEARN_CUDA_NCCL_API_H
#define MICH_LEARN_CUDA_NCCL_API_H

#include <stddef.h>

enum {
	ncclSuccess = 0,
	ncclInProgress = 7,
};

enum {
	ncclFloat32 = 7,
	ncclSum = 0,
};

struct nccl_id { /* ncclUniqueId: goes by value */
	char internal[128];
};

/* ncclConfig_t as of 2.18: it says its size and version, and later ones fill in the rest. */
struct nccl_config {
	size_t size;
	unsigned magic, version;
	int blocking, cgaClusterSize, minCTAs, maxCTAs;
	const char *netName;
	int splitShare;
};

#define NCCL_CONFIG_MAGIC 0xcafebeef

struct nccl_api {
	int (*get_version)(int *version);
	int (*get_unique_id)(struct nccl_id *id);
	int (*init)(void **comm, int ranks, struct nccl_id id, int rank,
		    struct nccl_config *config);
	int (*async_error)(void *comm, int *error);
	int (*all_reduce)(const void *from, void *to, size_t n, int type, int op, void *comm,
			  void *stream);
	int (*all_gather)(const void *from, void *to, size_t n, int type, void *comm, void *stream);
	int (*finalize)(void *comm);
	int (*destroy)(void *comm);
	int (*abort)(void *comm);
	const char *(*error_string)(int error);
	const char *(*last_error)(void *comm);
};

#endif
