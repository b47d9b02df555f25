/*
 * workers.h - a few threads that live as long as a training run and work in step. The caller is lane
 * 0. Steps last some hundred microseconds, so whoever waits spins for a moment before it sleeps.
 */
#ifndef MICH_LEARN_NET_WORKERS_H
#define MICH_LEARN_NET_WORKERS_H

struct workers;

/* n lanes, the calling thread among them. ERR_FAIL: no threads. */
int workers_open(int n, struct workers **out);
void workers_close(struct workers *w);
int workers_count(const struct workers *w);

/* fn(payload, lane) once on every lane, with denormals flushed (denormals.h); returns when all have returned. Only the opener calls it. */
typedef void (*workers_fn)(void *payload, int lane);
void workers_run(struct workers *w, workers_fn fn, void *payload);

/* Within fn: wait until every lane is here. What they wrote before is seen after. */
void workers_meet(struct workers *w);

#endif
