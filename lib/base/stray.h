/*
 * stray.h - processes that outlived who had started and should have ended them. A variable of their environment
 * shows what they belong to: it goes to whatever they start, into other sessions too.
 */
#ifndef MICH_BASE_STRAY_H
#define MICH_BASE_STRAY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/*
 * SIGKILL to every process, ourselves aside, whose environment as it was started with has the variable name with a
 * value that ends in tail; again until there are none, for wait_ms at most. Nobody sees the environment of another
 * user's process. Returns how many there were at one time, negative where some are
 * there still. Sets no reason.
 */
int stray_kill(const char *name, const char *tail, int64_t wait_ms);

/* Has the process of this number the file open, by whatever name? false also where that cannot be seen. */
bool stray_opens(const char *pid, const struct stat *file);

/* SIGCONT to every process that has the file at path open: one that was stopped could not end. Returns how many. */
int stray_wake(const char *path);

#endif
