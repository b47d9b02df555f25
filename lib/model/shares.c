/* shares.c - rows dealt out to threads. */
#include "lib/model/shares.h"

#include <pthread.h>
#include <stdbool.h>

#include "lib/base/error.h"

enum { THREADS_MAX = 256 };

struct share {
	share_fn fn;
	const void *payload;
	int64_t from, to;
	int rc;
	pthread_t thread;
	bool started;
};

static void *share_run(void *p)
{
	struct share *s = p;

	s->rc = s->fn(s->payload, s->from, s->to);
	return NULL;
}

/* The calling thread takes the first share, and those for which no thread could be started. */
static int deal(const struct share *all, int64_t tile, int n)
{
	struct share shares[THREADS_MAX];
	int64_t tiles = (all->to + tile - 1) / tile;
	int rc = 0;

	for (int i = n; i-- > 0;) {
		struct share *s = &shares[i];

		*s = *all;
		s->from = tiles * i / n * tile;
		s->to = i + 1 < n ? tiles * (i + 1) / n * tile : all->to;
		s->started = i && !pthread_create(&s->thread, NULL, share_run, s);
		if (!s->started)
			share_run(s);
	}
	for (int i = 0; i < n; i++) {
		if (shares[i].started)
			pthread_join(shares[i].thread, NULL);
		rc = shares[i].rc < 0 ? shares[i].rc : rc;
	}
	return rc;
}

int shares_run(int64_t rows, int64_t tile, int64_t worth, int threads, share_fn fn,
	       const void *payload)
{
	struct share all = { .fn = fn, .payload = payload, .to = rows };

	if (rows <= 0)
		return 0;
	if (threads > THREADS_MAX)
		threads = THREADS_MAX;
	if (threads > rows / worth)
		threads = (int)(rows / worth);
	if (threads > 1)
		all.rc = deal(&all, tile, threads);
	else
		share_run(&all);
	if (all.rc < 0)
		return error_set(ERR_FAIL, "cannot get memory to score %lld rows", (long long)rows);
	return 0;
}
