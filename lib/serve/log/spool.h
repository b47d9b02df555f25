/*
 * spool.h - bytes of many threads on their way to a file, written by a thread of its own. Putting
 * never waits for the disk: what there is no room for is dropped and counted.
 */
#ifndef MICH_SERVE_LOG_SPOOL_H
#define MICH_SERVE_LOG_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spool;

/*
 * Called on the spool's thread with all that was put since, in the order in which it was put. False: it
 * could not be written, and counts as dropped.
 */
typedef bool (*spool_fn)(void *payload, const char *data, size_t n);

/* limit_bytes: what may wait; twice that is used at most. ERR_IO. */
int spool_new(size_t limit_bytes, spool_fn fn, void *payload, struct spool **out);
void spool_free(struct spool *s); /* writes what waits */

/* `lines` is what the bytes count for when they are dropped. */
bool spool_put(struct spool *s, const char *data, size_t n, int64_t lines);
int64_t spool_dropped(const struct spool *s);

#endif
