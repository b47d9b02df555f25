/*
 * nccl.h - the ranks of a training that have a GPU each: sums over all of them through NCCL, which is
 * opened at run time, and only where there is more than one rank. Its functions are declared here as in its
 * header. Plain C.
 *
 * The ranks find each other by an id of rank 0 that goes through the team (lib/learn/team/team.h). The
 * communicator does not block: setting up has a deadline, and whoever waits for the stream asks
 * nccl_watch meanwhile, so that a rank ends when another one has failed, in the middle of a sum too.
 *
 * What NCCL promises of order: every rank gets the same bits of a sum. From run to run they are the same
 * for the same version, topology, ranks, number of floats and algorithm, which is why NVLS, whose order
 * changes from call to call, is off and one algorithm is set (NCCL_NVLS_ENABLE, NCCL_ALGO; what the user has
 * set of them stays). Another number of ranks gives other last digits; an ordered team adds pairwise in
 * the order of the ranks, as team_sum does, and does not depend on them.
 */
#ifndef MICH_LEARN_CUDA_NCCL_H
#define MICH_LEARN_CUDA_NCCL_H

#include <stdbool.h>
#include <stddef.h>

struct device;
struct nccl;
struct team;

struct nccl_options {
	bool ordered; /* add pairwise in the order of the ranks: gathers all of them first */
	size_t room;  /* floats that an ordered sum takes at once */
	int wait_s;   /* for the others; 0: 120 */
};

/*
 * Every rank calls it, each with its device. ERR_ENGINE: no NCCL, or one before 2.18; ERR_TIMEOUT: the others
 * did not come; ERR_INTERRUPT: another rank has failed.
 */
int nccl_open(struct team *team, struct device *device, const struct nccl_options *o,
	      struct nccl **out);

/*
 * Waits for the others if all went well. Graphs that hold sums must be gone: NCCL waits for that too.
 * NULL is fine.
 */
void nccl_close(struct nccl *n);

/* Did a rank fail? Then nccl_abort() comes before anything that waits for the stream is done. */
bool nccl_is_broken(const struct nccl *n);
/* Give up what is on its way, from a thread: kernels that wait for other ranks end. nccl_close() is next. */
void nccl_abort(struct nccl *n);

/*
 * struct gpu_team's sum; payload is the struct nccl. v (n, on the device) becomes on every rank the sum
 * over the ranks, in the order of the stream. It may be captured, on all ranks or on none.
 */
int nccl_sum(void *payload, float *v, size_t n, void *stream);

/* For device_watch: ERR_INTERRUPT: another rank has failed; ERR_FAIL: NCCL lost one and says how. */
int nccl_watch(void *payload);

/* As NCCL has it, 22809 is 2.28.9; for who wants to know what there is. ERR_ENGINE. path is the caller's. */
int nccl_find(int *version_out, char **path_out);

#endif
