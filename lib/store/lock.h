/*
 * lock.h - locks on open files (OFD locks): let go by the kernel when the last process that holds
 * the open file is gone, however it went.
 */
#ifndef MICH_STORE_LOCK_H
#define MICH_STORE_LOCK_H

#include <stdint.h>

/* Take the lock on fd (open for writing) now. ERR_BUSY: somebody holds it. */
int lock_try(int fd);

/* Called once when a lock has been waited for a second: what is the path or journal waited for. */
typedef void (*lock_wait_fn)(const char *what, void *payload);

struct lock_wait {
	int64_t deadline_ms; /* from now; 0: do not wait */
	lock_wait_fn fn;     /* NULL: say nothing */
	void *payload;
};

/* Open (and make) the file, take its lock. *fd_out is closed to let go. what names it in messages.
 */
int lock_take(const char *path, const char *what, const struct lock_wait *wait, int *fd_out);

#endif
