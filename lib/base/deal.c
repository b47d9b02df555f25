/* deal.c - one counter, a few threads. */
#define _GNU_SOURCE
#include "lib/base/deal.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

enum { THREADS_MAX = 256 };

struct dealt {
	deal_fn fn;
	void *payload;
	size_t n;
	atomic_size_t next;
	atomic_bool stop;
	pthread_mutex_t lock; /* of what follows */
	int rc;
	size_t failed;
	char *why, *hint; /* reasons are a thread's own, so they are carried over */
};

static void note_failure(struct dealt *d, size_t i, int rc)
{
	atomic_store(&d->stop, true);
	pthread_mutex_lock(&d->lock);
	if (!d->rc || i < d->failed) {
		free(d->why);
		free(d->hint);
		d->rc = rc;
		d->failed = i;
		d->why = xstrdup(error_text());
		d->hint = xstrdup(error_hint_text());
	}
	pthread_mutex_unlock(&d->lock);
}

static void *work(void *payload)
{
	struct dealt *d = payload;
	size_t i;

	while (!atomic_load(&d->stop) && (i = atomic_fetch_add(&d->next, 1)) < d->n) {
		int rc = d->fn(d->payload, i);

		if (rc)
			note_failure(d, i, rc);
	}
	return NULL;
}

int deal(int threads, size_t n, deal_fn fn, void *payload)
{
	struct dealt d = {
		.fn = fn, .payload = payload, .n = n, .lock = PTHREAD_MUTEX_INITIALIZER
	};
	pthread_t thread[THREADS_MAX];
	int started = 0;

	if (threads > THREADS_MAX)
		threads = THREADS_MAX;
	while (started + 1 < threads && (size_t)started + 1 < n &&
	       !pthread_create(&thread[started], NULL, work, &d))
		started++;
	work(&d);
	for (int i = 0; i < started; i++)
		pthread_join(thread[i], NULL);
	if (d.rc) {
		error_set(d.rc, "%s", d.why);
		if (*d.hint)
			error_hint(d.rc, "%s", d.hint);
	}
	free(d.why);
	free(d.hint);
	pthread_mutex_destroy(&d.lock);
	return d.rc;
}

int deal_cores(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}
