/*
 * stray.h - processes that outlived who had started and should have ended them. A variable of their environment
 * shows what they belong to: it goes to whatever they start, into other sessions too.
 */
#ifndef MICH_BASE_STRAY_H
#define MICH_BASE_STRAY_H

#include <stdint.h>

/*
 * SIGKILL to every process, ourselves aside, whose environment as it was started with has the variable name with a
 * value that ends in tail; again until there are none, for wait_ms at most. Nobody sees the environment of another
 * user's process. Returns how many there were at one time, negative where some are
 * there still. Sets no reason.
 */
int stray_kill(const char *name, const char *tail, int64_t wait_ms);

#endif
