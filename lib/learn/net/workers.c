/* workers.c - a barrier that spins, then sleeps on a futex. */
#define _GNU_SOURCE
#include "lib/learn/net/workers.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/net/denormals.h"

/*
 * Some 25 microseconds: lanes that have cores of their own are never further apart, and one whose neighbour is off
 * its core leaves its own to somebody else. By the counter, since a pause takes from 10 to 140 cycles.
 */
enum { SPIN_TICKS = 60000, SPINS = 600 };

enum { CALM = 256 }; /* runs for which a lane keeps away from where others are */

struct workers {
	int n, started;
	workers_fn fn;
	void *payload;
	bool over;
	cpu_set_t cores; /* that the opener may use */
	_Atomic uint32_t arrived, round, sleepers;
	pthread_t *threads; /* (n - 1) of lanes 1 and up */
	struct lane {
		struct workers *all;
		int number, calm;
		_Atomic int cpu; /* where it was when its last run began */
	} * lanes;		 /* (n) */
};

static inline void relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#endif
}

/* Has it waited long enough? */
static inline bool is_enough(uint64_t *from, int *spins)
{
#if defined(__x86_64__)
	uint64_t now = __builtin_ia32_rdtsc();

	*from = *spins ? *from : now;
	*spins = 1;
	return now - *from > SPIN_TICKS;
#else
	(void)from;
	return ++*spins > SPINS;
#endif
}

static void await_round(struct workers *w, uint32_t seen)
{
	uint64_t from = 0;
	int spins = 0;

	while (!is_enough(&from, &spins)) {
		if (atomic_load_explicit(&w->round, memory_order_acquire) != seen)
			return;
		relax();
	}
	atomic_fetch_add(&w->sleepers, 1);
	while (atomic_load(&w->round) == seen)
		syscall(SYS_futex, (uint32_t *)&w->round, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
	atomic_fetch_sub(&w->sleepers, 1);
}

void workers_meet(struct workers *w)
{
	uint32_t seen = atomic_load(&w->round);

	if (w->n == 1)
		return;
	if (atomic_fetch_add(&w->arrived, 1) + 1 < (uint32_t)w->n) {
		await_round(w, seen);
		return;
	}
	atomic_store(&w->arrived, 0);
	atomic_store(&w->round, seen + 1);
	if (atomic_load(&w->sleepers))
		syscall(SYS_futex, (uint32_t *)&w->round, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL,
			0);
}

/* Stay away from the cores of the others, where that leaves any. */
static void leave(const struct lane *l)
{
	cpu_set_t others = l->all->cores;

	for (int i = 0; i < l->all->n; i++) {
		int cpu = atomic_load(&l->all->lanes[i].cpu);

		if (i != l->number && cpu >= 0 && cpu < CPU_SETSIZE)
			CPU_CLR(cpu, &others);
	}
	if (CPU_COUNT(&others))
		sched_setaffinity(0, sizeof others, &others);
}

/*
 * Lanes that wake one another can come to lie on one core while another has nothing to do: each sleeps so often that
 * the kernel does not part them, and a run takes twice as long. Who finds itself where a lane before it is leaves,
 * and may not come back for some runs.
 */
static void part(struct lane *l)
{
	int cpu = sched_getcpu();
	bool shared = false;

	atomic_store_explicit(&l->cpu, cpu, memory_order_relaxed);
	for (int i = 0; i < l->number; i++)
		shared |= atomic_load_explicit(&l->all->lanes[i].cpu, memory_order_relaxed) == cpu;
	if (shared) {
		leave(l);
		l->calm = CALM;
		atomic_store_explicit(&l->cpu, sched_getcpu(), memory_order_relaxed);
	} else if (l->calm && !--l->calm) {
		sched_setaffinity(0, sizeof l->all->cores, &l->all->cores);
	}
}

static void *lane_main(void *payload)
{
	struct lane *lane = payload;
	struct workers *w = lane->all;

	denormals_flush();
	for (;;) {
		workers_meet(w);
		if (w->over)
			return NULL;
		part(lane);
		w->fn(w->payload, lane->number);
		workers_meet(w);
	}
}

void workers_run(struct workers *w, workers_fn fn, void *payload)
{
	unsigned before = denormals_flush();

	w->fn = fn;
	w->payload = payload;
	workers_meet(w);
	part(&w->lanes[0]);
	fn(payload, 0);
	workers_meet(w);
	denormals_restore(before);
}

/* Signals are the caller's: a lane takes none. */
static int start_lanes(struct workers *w)
{
	sigset_t all, old;
	int rc = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	for (; w->started < w->n - 1 && !rc; w->started += !rc) {
		struct lane *lane = &w->lanes[w->started + 1];

		rc = pthread_create(&w->threads[w->started], NULL, lane_main, lane);
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return rc ? error_set(ERR_FAIL, "cannot start %d threads: only %d", w->n, w->started + 1)
		  : 0;
}

int workers_open(int n, struct workers **out)
{
	struct workers *w = xcalloc(1, sizeof(*w));
	int rc;

	w->n = n;
	sched_getaffinity(0, sizeof w->cores, &w->cores);
	w->threads = xcalloc((size_t)n, sizeof(*w->threads));
	w->lanes = xcalloc((size_t)n, sizeof(*w->lanes));
	for (int i = 0; i < n; i++) {
		w->lanes[i].all = w;
		w->lanes[i].number = i;
		atomic_store(&w->lanes[i].cpu, -1);
	}
	if ((rc = start_lanes(w)) < 0) {
		w->n = w->started + 1; /* those that are there wait for one another */
		workers_close(w);
		w = NULL;
	}
	*out = w;
	return rc;
}

void workers_close(struct workers *w)
{
	if (!w)
		return;
	w->over = true;
	workers_meet(w);
	for (int i = 0; i < w->started; i++)
		pthread_join(w->threads[i], NULL);
	free(w->threads);
	free(w->lanes);
	free(w);
}

int workers_count(const struct workers *w)
{
	return w->n;
}
