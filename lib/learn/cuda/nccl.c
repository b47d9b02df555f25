/* nccl.c - open NCCL, find the other ranks, sum. */
#define _GNU_SOURCE
#include "lib/learn/cuda/nccl.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/engine.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/cuda/device.h"
#include "lib/learn/cuda/library.h"
#include "lib/learn/cuda/nccl_api.h"
#include "lib/learn/cuda/nccl_tree.h"
#include "lib/learn/team/team.h"

/* Before 2.18 a communicator that does not block cannot be given up at any point. */
enum {
	VERSION_LEAST = 21800,
	WAIT_S = 120,
	GRACE_MS = 3000, /* after NCCL lost a rank, for the launcher to say which one failed */
	CLOSE_MS = 10000,
	ABORT_S = 5,
	NAP_NS = 100 * 1000,
};

struct nccl {
	struct nccl_api api;
	void *comm;
	struct team *team;
	struct device *device;
	struct nccl_options o;
	float *all; /* (ranks, room) device; of an ordered sum */
	bool broken, aborting;
	pthread_t aborter;
	int64_t lost_us; /* when NCCL said that it lost a rank; 0: it did not */
};

static int open_api(struct nccl_api *api, int *version_out, char **path_out)
{
	const struct engine_symbol symbols[] = {
		{ "ncclGetVersion", &api->get_version },
		{ "ncclGetUniqueId", &api->get_unique_id },
		{ "ncclCommInitRankConfig", &api->init },
		{ "ncclCommGetAsyncError", &api->async_error },
		{ "ncclAllReduce", &api->all_reduce },
		{ "ncclAllGather", &api->all_gather },
		{ "ncclCommFinalize", &api->finalize },
		{ "ncclCommDestroy", &api->destroy },
		{ "ncclCommAbort", &api->abort },
		{ "ncclGetErrorString", &api->error_string },
		{ "ncclGetLastError", &api->last_error },
	};
	char *path = NULL;
	void *handle;
	int v = 0, rc = library_open(LIBRARY_NCCL, 0, &handle, &path);

	if (!rc)
		rc = engine_symbols("NCCL", handle, symbols, ARRAY_LEN(symbols));
	if (!rc && (api->get_version(&v) || v < VERSION_LEAST)) {
		rc = error_set(ERR_ENGINE,
			       "NCCL in '%s' is %d.%d.%d, and 2.18 is the oldest that will do",
			       path, v / 10000, v / 100 % 100, v % 100);
		error_hint(
			rc,
			"install it with 'make deps CUDA=1', or name another: export MICH_NCCL=...");
	}
	if (version_out)
		*version_out = v;
	if (path_out && !rc)
		*path_out = path;
	else
		free(path);
	return rc;
}

int nccl_find(int *version_out, char **path_out)
{
	struct nccl_api api;

	return open_api(&api, version_out, path_out);
}

static int failed(struct nccl *n, int error, const char *what)
{
	const char *more = n->comm ? n->api.last_error(n->comm) : "";

	n->broken = true;
	return error_set(ERR_FAIL, "rank %d: %s: %s%s%s", team_rank(n->team), what,
			 n->api.error_string(error), more && *more ? ": " : "", more ? more : "");
}

static int others_failed(struct nccl *n)
{
	n->broken = true;
	return error_set(ERR_INTERRUPT, "rank %d stops: another rank has failed",
			 team_rank(n->team));
}

static void nap(void)
{
	struct timespec t = { .tv_nsec = NAP_NS };

	nanosleep(&t, NULL);
}

/*
 * Until NCCL's own thread has done what was asked of it. An error that says another rank is gone is most
 * likely that rank's: the launcher is given a moment to say so.
 */
static int wait_done(struct nccl *n, const char *what, int64_t limit_ms)
{
	int64_t end = clock_mono_us() + limit_ms * 1000;
	int error = ncclSuccess, rc;

	for (;;) {
		if ((rc = n->api.async_error(n->comm, &error)))
			return failed(n, rc, what);
		if (error == ncclSuccess)
			return 0;
		if (team_aborted(n->team))
			return others_failed(n);
		if (error != ncclInProgress && !n->lost_us) {
			n->lost_us = clock_mono_us();
			end = n->lost_us + GRACE_MS * 1000;
		}
		if (clock_mono_us() > end)
			break;
		nap();
	}
	if (error != ncclInProgress)
		return failed(n, error, what);
	n->broken = true;
	return error_set(ERR_TIMEOUT, "rank %d: %s: the other ranks did not come within %lld s",
			 team_rank(n->team), what, (long long)limit_ms / 1000);
}

static int64_t wait_ms(const struct nccl *n)
{
	return 1000LL * (n->o.wait_s ? n->o.wait_s : WAIT_S);
}

static int init(struct nccl *n)
{
	struct nccl_config config = { .size = sizeof config,
				      .magic = NCCL_CONFIG_MAGIC,
				      .version = VERSION_LEAST,
				      .blocking = 0,
				      .cgaClusterSize = INT_MIN,
				      .minCTAs = INT_MIN,
				      .maxCTAs = INT_MIN,
				      .splitShare = INT_MIN };
	struct nccl_id id = { { 0 } };
	int error = 0, rc;

	if (team_rank(n->team) == 0)
		error = n->api.get_unique_id(&id);
	if (error)
		return failed(n, error, "making NCCL's id");
	if ((rc = team_share(n->team, &id, sizeof id)))
		return rc;
	error = n->api.init(&n->comm, team_ranks(n->team), id, team_rank(n->team), &config);
	if (error && error != ncclInProgress)
		return failed(n, error, "setting up NCCL");
	return wait_done(n, "setting up NCCL", wait_ms(n));
}

/* Before the library is opened: it reads them once. What the user has set stays. */
static void settle_order(void)
{
	setenv("NCCL_NVLS_ENABLE", "0", 0);
	setenv("NCCL_ALGO", "Ring", 0);
}

int nccl_open(struct team *team, struct device *device, const struct nccl_options *o,
	      struct nccl **out)
{
	struct nccl *n = xcalloc(1, sizeof *n);
	size_t floats = 0;
	int rc;

	*out = NULL;
	n->team = team;
	n->device = device;
	n->o = *o;
	settle_order();
	rc = open_api(&n->api, NULL, NULL);
	if (!rc && o->ordered &&
	    (!mem_mul(o->room, (size_t)team_ranks(team) * sizeof(float), &floats) || !floats))
		rc = error_set(ERR_INPUT,
			       "there are too many floats to sum in the order of the ranks");
	if (!rc && o->ordered)
		rc = device_alloc(device, floats, (void **)&n->all);
	if (!rc)
		rc = init(n);
	if (rc) {
		nccl_close(n);
		return rc;
	}
	*out = n;
	return 0;
}

bool nccl_is_broken(const struct nccl *n)
{
	return n && (n->broken || team_aborted(n->team));
}

static void *do_abort(void *payload)
{
	struct nccl *n = payload;

	n->api.abort(n->comm);
	return NULL;
}

void nccl_abort(struct nccl *n)
{
	n->broken = true;
	if (n->comm && !n->aborting)
		n->aborting = pthread_create(&n->aborter, NULL, do_abort, n) == 0;
}

/* Everybody else leaves as well. An error here is of no use to anybody: all sums are done. */
static void leave(struct nccl *n)
{
	int error = n->api.finalize(n->comm);

	if (error == ncclInProgress && wait_done(n, "leaving NCCL", CLOSE_MS))
		error_clear();
	n->broken |= error != ncclSuccess && error != ncclInProgress;
	if (!n->broken)
		n->api.destroy(n->comm);
}

/* A thread that does not come back keeps what it works on: the process ends soon. */
static bool joined(struct nccl *n)
{
	struct timespec end;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += ABORT_S;
	return pthread_timedjoin_np(n->aborter, NULL, &end) == 0;
}

void nccl_close(struct nccl *n)
{
	if (!n)
		return;
	if (n->comm && !nccl_is_broken(n))
		leave(n);
	if (n->comm && nccl_is_broken(n))
		nccl_abort(n);
	if (n->aborting && !joined(n))
		return;
	device_free(n->device, n->all);
	free(n);
}

static int enqueued(struct nccl *n, int error)
{
	if (error && error != ncclInProgress)
		return failed(n, error, "the sum over the ranks");
	return error ? wait_done(n, "the sum over the ranks", wait_ms(n)) : 0;
}

static int sum_ordered(struct nccl *n, float *v, size_t count, void *stream)
{
	int rc = 0;

	for (size_t at = 0; at < count && !rc; at += n->o.room) {
		size_t some = count - at < n->o.room ? count - at : n->o.room;

		rc = enqueued(
			n, n->api.all_gather(v + at, n->all, some, ncclFloat32, n->comm, stream));
		if (!rc) {
			nccl_tree(n->all, some, team_ranks(n->team), v + at, stream);
			rc = device_launched(n->device, "the sum over the ranks");
		}
	}
	return rc;
}

int nccl_sum(void *payload, float *v, size_t n, void *stream)
{
	struct nccl *c = payload;

	if (c->o.ordered)
		return sum_ordered(c, v, n, stream);
	return enqueued(c, c->api.all_reduce(v, v, n, ncclFloat32, ncclSum, c->comm, stream));
}

int nccl_watch(void *payload)
{
	struct nccl *n = payload;
	int error = ncclSuccess, rc;

	if (team_aborted(n->team))
		return others_failed(n);
	if ((rc = n->api.async_error(n->comm, &error)))
		return failed(n, rc, "the sum over the ranks");
	if (error == ncclSuccess || error == ncclInProgress)
		return 0;
	return wait_done(n, "the sum over the ranks", GRACE_MS);
}
