/*
 * stamped.h - a log whose lines begin with their time, as kubectl logs --timestamps prints them: taken without
 * it, and each once, however often the log is read from an earlier place again.
 */
#ifndef MICH_LAUNCH_CLUSTER_STAMPED_H
#define MICH_LAUNCH_CLUSTER_STAMPED_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"

enum { STAMP_BYTES = 40 };

struct stamped {
	char last
		[STAMP_BYTES]; /* "2026-11-22T15:44:25.123456789Z" of the newest line taken; "": none yet */
	size_t taken;	       /* how many lines of that very time were */
	size_t again;	       /* how many of them came again since stamped_begin() */
	struct buf held; /* a line without its end */
};

/* It is read anew, from the time of the last line or before. */
void stamped_begin(struct stamped *s);

/* Take n bytes of it; what is new goes to out. A line without a time is always new. */
void stamped_add(struct stamped *s, const char *data, size_t n, struct buf *out);

/* A last line without its end is one. */
void stamped_end(struct stamped *s, struct buf *out);
void stamped_clear(struct stamped *s);

#endif
