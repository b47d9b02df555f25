/* silence.h - which rank hangs. */
#ifndef MICH_LAUNCH_RANKS_SILENCE_H
#define MICH_LAUNCH_RANKS_SILENCE_H

#include "lib/launch/ranks/rank.h"

/*
 * The place of the rank that hangs, -1 for none. A rank that never used its channel may have nothing to
 * say while others speak for it, so ranks hang when nothing was heard of any for silence_ms, nor did
 * one end, or when one that did use it is silent for that long. Where one hangs the others soon wait
 * for it: of the silent ones it is the one at the lowest step, then one that is stopped (T), then the
 * one that was silent first.
 */
int silence_find(const struct rank *ranks, int n, int64_t silence_ms, int64_t now_ms);

/* The same for those that are not ready at begin_ms after start_ms: rather one that does not just wait for another. */
int silence_not_begun(const struct rank *ranks, int n, int64_t begin_ms, int64_t since_ms);

#endif
