/* spool.c - two buffers: one is filled, the other written. */
#include "lib/serve/log/spool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"

enum { FLUSH_MS = 200 };

struct spool {
	pthread_mutex_t lock;
	pthread_cond_t half_full;
	pthread_t thread;
	struct buf filling;
	int64_t lines; /* in it */
	size_t limit;
	bool closing;
	_Atomic int64_t dropped;
	spool_fn fn;
	void *payload;
};

/* Wait until there is enough, or the time has come, or the end. True: go on. */
static bool wait_for_more(struct spool *s)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += FLUSH_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	while (!s->closing && s->filling.len < s->limit / 2)
		if (pthread_cond_timedwait(&s->half_full, &s->lock, &until))
			break;
	return !s->closing || s->filling.len;
}

static void *spool_main(void *payload)
{
	struct spool *s = payload;
	struct buf full = BUF_INIT;

	pthread_mutex_lock(&s->lock);
	while (wait_for_more(s)) {
		struct buf swap = s->filling;
		int64_t lines = s->lines;

		if (!swap.len)
			continue;
		s->filling = full;
		s->lines = 0;
		full = swap;
		pthread_mutex_unlock(&s->lock);
		if (!s->fn(s->payload, full.data, full.len))
			atomic_fetch_add_explicit(&s->dropped, lines, memory_order_relaxed);
		buf_reset(&full);
		pthread_mutex_lock(&s->lock);
	}
	pthread_mutex_unlock(&s->lock);
	buf_clear(&full);
	return NULL;
}

int spool_new(size_t limit_bytes, spool_fn fn, void *payload, struct spool **out)
{
	struct spool *s = xcalloc(1, sizeof *s);
	pthread_condattr_t clock;

	*s = (struct spool){
		.filling = BUF_INIT, .limit = limit_bytes, .fn = fn, .payload = payload
	};
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&s->half_full, &clock);
	pthread_condattr_destroy(&clock);
	*out = s;
	if (pthread_create(&s->thread, NULL, spool_main, s) == 0)
		return 0;
	free(s);
	*out = NULL;
	return error_errno("cannot start a thread");
}

void spool_free(struct spool *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->closing = true;
	pthread_cond_signal(&s->half_full);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	pthread_cond_destroy(&s->half_full);
	pthread_mutex_destroy(&s->lock);
	buf_clear(&s->filling);
	free(s);
}

bool spool_put(struct spool *s, const char *data, size_t n, int64_t lines)
{
	bool fits, wake;

	pthread_mutex_lock(&s->lock);
	fits = n <= s->limit - s->filling.len;
	if (fits) {
		buf_add(&s->filling, data, n);
		s->lines += lines;
	}
	wake = s->filling.len >= s->limit / 2;
	pthread_mutex_unlock(&s->lock);
	if (!fits)
		atomic_fetch_add_explicit(&s->dropped, lines, memory_order_relaxed);
	if (wake)
		pthread_cond_signal(&s->half_full);
	return fits;
}

int64_t spool_dropped(const struct spool *s)
{
	return atomic_load_explicit(&s->dropped, memory_order_relaxed);
}
