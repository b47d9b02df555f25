/* pulse.c - does anybody do anything? */
#define _GNU_SOURCE
#include "lib/learn/team/pulse.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "lib/base/error.h"
#include "lib/learn/team/team_way.h"

enum { EVERY_S = 1, BUSY_US = 20 * 1000 };

/* What this process has used so far: time on cores, and pages that were read from a disk. */
struct used {
	int64_t core_us;
	long reads;
};

static struct used look(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (struct used){
		.core_us = (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * (int64_t)1000000 +
			   u.ru_utime.tv_usec + u.ru_stime.tv_usec,
		.reads = u.ru_majflt,
	};
}

/* How often any rank of this machine was seen working. */
static uint32_t seen_working(const struct team *t)
{
	uint32_t n = 0;

	for (int i = 0; t->file && i < t->locals; i++)
		n += atomic_load(&t->file->cell[i].busy);
	return n;
}

static bool is_alive(struct team *t, struct used *last, uint32_t *seen)
{
	struct used now = look();
	bool works = now.core_us - last->core_us >= BUSY_US || now.reads != last->reads;
	uint32_t was = *seen;

	*last = now;
	if (works && t->file)
		atomic_fetch_add(&t->file->cell[t->local].busy, 1);
	*seen = seen_working(t);
	/* whom we wait for may be on another machine, where we cannot see it work */
	return works || *seen != was || (t->ranks > 1 && (!t->file || !team_is_whole(t)));
}

static void *run(void *payload)
{
	struct pulse *p = payload;
	struct used last = look();
	uint32_t seen = seen_working(p->team);
	struct timespec next;

	clock_gettime(CLOCK_MONOTONIC, &next);
	pthread_mutex_lock(&p->lock);
	while (!p->over) {
		next.tv_sec += EVERY_S;
		while (!p->over && !pthread_cond_timedwait(&p->wake, &p->lock, &next))
			;
		if (!p->over && is_alive(p->team, &last, &seen))
			ctl_beat(&p->team->ctl);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static void init(struct pulse *p, struct team *team)
{
	pthread_condattr_t clock;

	*p = (struct pulse){ .team = team };
	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&p->wake, &clock);
	pthread_condattr_destroy(&clock);
}

int pulse_start(struct pulse *p, struct team *team)
{
	sigset_t all, was;
	int rc;

	init(p, team);
	if (!team || team->ctl.fd < 0)
		return 0;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &was);
	rc = pthread_create(&p->thread, NULL, run, p);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	if (rc)
		return error_set(ERR_FAIL, "cannot start a thread: %s", strerror(rc));
	p->beats = true;
	return 0;
}

void pulse_stop(struct pulse *p)
{
	if (!p->beats)
		return;
	pthread_mutex_lock(&p->lock);
	p->over = true;
	pthread_cond_signal(&p->wake);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->thread, NULL);
	p->beats = false;
}
