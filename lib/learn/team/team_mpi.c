/*
 * team_mpi.c - sums over ranks through MPI, with the bits of team_memory.c: MPI moves numbers, and we add them.
 *
 * A sum is a reduce-scatter and a gather by hand: each rank gets everybody's numbers of its own stretch, adds
 * them in the order of the ranks, and gives the result to all. So a rank sends 2 (N - 1) / N of the
 * numbers, as a ring all-reduce does (Patarasuk and Yuan 2009), and the order of additions depends on
 * neither MPI's algorithms nor the number of nodes. Measured beside MPI_Allreduce of OpenMPI 4.1 in 2 ranks of one
 * machine: 4 us against 2 for 1,000 numbers, 23 against 19 for 20,000, faster from 100,000 on.
 *
 * No call waits inside MPI, where a rank would neither hear that another has failed nor be heard itself.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/team/mpi_api.h"
#include "lib/learn/team/team_way.h"

enum {
	BLOCK = 1 << 24, /* floats that are summed at once: room for as many is held */
	SPINS = 2000,	 /* looks at a request before the core is given away */
	YIELD = 16,
	NAP_US = 20,
	EXIT_FAILED = 1,
};

static void *const IN_PLACE = (void *)1; /* OpenMPI's MPI_IN_PLACE */

struct team_mpi {
	struct mpi_api api;
	int *counts, *at;	  /* (ranks) of each rank's stretch */
	int *own_counts, *own_at; /* (ranks) of our own stretch, from each rank */
	float **parts;		  /* (ranks) where these lie */
	float *room;		  /* (room_floats) */
	size_t room_floats;
};

static int fail(struct team *t, int code)
{
	return mpi_api_error(&t->mpi->api, code, "the ranks cannot reach each other");
}

/* Until the request is done; code: of the call that began it. */
static int finish(struct team *t, int code, void *request)
{
	struct timespec nap = { .tv_nsec = NAP_US * 1000L };
	int done = 0;

	for (int spins = 0; !code; spins++) {
		code = t->mpi->api.test(&request, &done, NULL);
		if (code || done)
			break;
		if (spins < SPINS) {
			if (spins % YIELD == YIELD - 1)
				sched_yield();
			continue;
		}
		if (team_aborted(t))
			return team_gone(t);
		team_beat(t);
		nanosleep(&nap, NULL);
	}
	return code ? fail(t, code) : 0;
}

/* Who has which of n numbers: stretches in the order of the ranks. */
static size_t cut(struct team *t, size_t n)
{
	struct team_mpi *m = t->mpi;
	size_t share = (n + (size_t)t->ranks - 1) / (size_t)t->ranks, own;

	for (int i = 0; i < t->ranks; i++) {
		size_t from = share * (size_t)i < n ? share * (size_t)i : n;

		m->at[i] = (int)from;
		m->counts[i] = (int)(n - from < share ? n - from : share);
	}
	own = (size_t)m->counts[t->rank];
	for (int i = 0; i < t->ranks; i++) {
		m->own_counts[i] = (int)own;
		m->own_at[i] = i * (int)own;
		m->parts[i] = m->room + (size_t)i * own;
	}
	return own;
}

static int sum_block(struct team *t, float *v, size_t n)
{
	struct team_mpi *m = t->mpi;
	const struct mpi_api *api = &m->api;
	size_t own = cut(t, n);
	void *request = NULL;
	int code = api->all_to_all(v, m->counts, m->at, api->floats, m->room, m->own_counts,
				   m->own_at, api->floats, api->world, &request);
	int rc = finish(t, code, request);

	if (rc)
		return rc;
	team_add(m->parts, t->ranks, 0, own);
	code = api->gather_all(m->room, (int)own, api->floats, v, m->counts, m->at, api->floats,
			       api->world, &request);
	return finish(t, code, request);
}

/* Room for everybody's numbers of our stretch of a block. */
static int make_room(struct team *t, size_t n)
{
	struct team_mpi *m = t->mpi;
	size_t want = (n < BLOCK ? n : BLOCK) + (size_t)t->ranks;

	if (want <= m->room_floats)
		return 0;
	free(m->room);
	m->room_floats = 0;
	if (mem_alloc(want, sizeof *m->room, &m->room) < 0)
		return ERR_FAIL;
	m->room_floats = want;
	return 0;
}

static int sum(struct team *t, float *v, size_t n)
{
	int rc = make_room(t, n);

	for (size_t at = 0; at < n && !rc; at += BLOCK)
		rc = sum_block(t, v + at, n - at < BLOCK ? n - at : BLOCK);
	return rc;
}

static int share(struct team *t, void *bytes, size_t n)
{
	const struct mpi_api *api = &t->mpi->api;
	int rc = 0;

	for (size_t at = 0; at < n && !rc; at += BLOCK) {
		void *request = NULL;
		int code =
			api->broadcast((char *)bytes + at, (int)(n - at < BLOCK ? n - at : BLOCK),
				       api->bytes, 0, api->world, &request);

		rc = finish(t, code, request);
	}
	return rc;
}

static int gather(struct team *t, void *bytes, const size_t *at)
{
	struct team_mpi *m = t->mpi;
	void *request = NULL;
	int code;

	if (at[t->ranks] > INT_MAX)
		return error_set(ERR_INPUT, "%zu bytes are more than the ranks can gather at once",
				 at[t->ranks]);
	for (int i = 0; i < t->ranks; i++) {
		m->at[i] = (int)at[i];
		m->counts[i] = (int)(at[i + 1] - at[i]);
	}
	code = m->api.gather_all(IN_PLACE, 0, m->api.bytes, bytes, m->counts, m->at, m->api.bytes,
				 m->api.world, &request);
	return finish(t, code, request);
}

static int barrier(struct team *t)
{
	void *request = NULL;
	int code = t->mpi->api.barrier(t->mpi->api.world, &request);

	return finish(t, code, request);
}

/* mpirun, or srun, ends the others. */
static void end_all(struct team *t)
{
	t->mpi->api.abort(t->mpi->api.world, team_aborted(t) ? CTL_EXIT_ABORTED : EXIT_FAILED);
}

static void part(struct team *t)
{
	struct team_mpi *m = t->mpi;

	m->api.finalize();
	free(m->counts);
	free(m->at);
	free(m->own_counts);
	free(m->own_at);
	free(m->parts);
	free(m->room);
	free(m);
	t->mpi = NULL;
}

static const struct team_way way = {
	.sum = sum,
	.share = share,
	.gather = gather,
	.barrier = barrier,
	.abort = end_all,
	.close = part,
};

/* What MPI says of our place, and that the launcher says the same. */
static int take_place(struct team *t)
{
	const struct mpi_api *api = &t->mpi->api;
	int rank = 0, ranks = 0;
	int code = api->rank(api->world, &rank);

	if (!code)
		code = api->size(api->world, &ranks);
	if (code)
		return fail(t, code);
	if ((getenv("RANK") && t->rank != rank) || (getenv("WORLD_SIZE") && t->ranks != ranks))
		return error_set(ERR_INPUT, "this is rank %d of %d, but to MPI it is rank %d of %d",
				 t->rank, t->ranks, rank, ranks);
	t->rank = rank;
	t->ranks = t->locals = ranks;
	return 0;
}

static int start(struct team *t)
{
	const struct mpi_api *api = &t->mpi->api;
	int given, code = api->init_thread(NULL, NULL, MPI_API_FUNNELED, &given);

	if (code)
		return fail(t, code);
	t->way = &way; /* from here on it is to be ended */
	if (given < MPI_API_FUNNELED)
		return error_set(ERR_ENGINE, "this MPI was built for programs of one thread");
	code = api->set_errhandler(api->world, api->errors_return);
	return code ? fail(t, code) : take_place(t);
}

static void make_lists(struct team *t)
{
	struct team_mpi *m = t->mpi;
	size_t n = (size_t)t->ranks;

	m->counts = xcalloc(n, sizeof *m->counts);
	m->at = xcalloc(n, sizeof *m->at);
	m->own_counts = xcalloc(n, sizeof *m->own_counts);
	m->own_at = xcalloc(n, sizeof *m->own_at);
	m->parts = xcalloc(n, sizeof *m->parts);
}

int team_mpi_open(struct team *t)
{
	int rc;

	if (!mpi_api_placed()) {
		error_set(ERR_INPUT, "MICH_COMM is mpi, but no mpirun or srun placed this process");
		return error_hint(ERR_INPUT,
				  "with srun: --mpi=pmix; on one machine: unset MICH_COMM");
	}
	t->mpi = xcalloc(1, sizeof *t->mpi);
	if (!(rc = mpi_api_open(&t->mpi->api)))
		rc = start(t);
	if (!rc)
		make_lists(t);
	if (rc && !t->way) {
		free(t->mpi);
		t->mpi = NULL;
	}
	return rc;
}
