/*
 * pulse.h - signs of life while a library works for long, from a thread beside it: once a second the launcher hears
 * of a rank as long as one of this machine's ranks does something. One that waits for another is alive while
 * that one works; when nothing is done by any of them, nobody is heard, and the launcher's patience
 * (rank-timeout) ends with the one that is stuck.
 */
#ifndef MICH_LEARN_TEAM_PULSE_H
#define MICH_LEARN_TEAM_PULSE_H

#include <pthread.h>
#include <stdbool.h>

#include "lib/learn/team/team.h"

struct pulse {
	struct team *team;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool beats, over;
};

/* Without a launcher nothing happens. The team is borrowed until pulse_stop(). ERR_FAIL. */
int pulse_start(struct pulse *p, struct team *team);
void pulse_stop(struct pulse *p); /* of a zeroed one, too */

#endif
