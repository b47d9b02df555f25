/* lock.c - OFD locks with a deadline. */
#define _GNU_SOURCE
#include "lib/store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"

enum { PAUSE_MIN_US = 500, PAUSE_MAX_US = 50000, SAY_AFTER_US = 1000000 };

int lock_try(int fd)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(fd, F_OFD_SETLK, &l) == 0)
		return 0;
	if (errno == EAGAIN || errno == EACCES)
		return error_set(ERR_BUSY, "locked by another process");
	return error_errno("cannot lock");
}

static int lock_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

	if (fd < 0 && errno == ENOENT && file_make_parents(path) == 0)
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	return fd;
}

int lock_take(const char *path, const char *what, const struct lock_wait *wait, int *fd_out)
{
	int64_t start = clock_mono_us(), pause = PAUSE_MIN_US;
	bool said = false;
	int fd = lock_open(path), rc;

	*fd_out = -1;
	if (fd < 0)
		return error_errno("cannot open the lock '%s'", path);
	while ((rc = lock_try(fd)) == ERR_BUSY) {
		int64_t waited = clock_mono_us() - start;
		struct timespec t = { 0, pause * 1000 };

		if (waited >= wait->deadline_ms * 1000)
			break;
		if (!said && waited >= SAY_AFTER_US && wait->fn) {
			wait->fn(what, wait->payload);
			said = true;
		}
		nanosleep(&t, NULL);
		pause = pause * 2 > PAUSE_MAX_US ? PAUSE_MAX_US : pause * 2;
	}
	if (rc == ERR_BUSY) {
		rc = error_set(ERR_BUSY, "'%s' is being written by another process (waited %.1f s)",
			       what, (double)(clock_mono_us() - start) / 1e6);
		error_hint(rc, "try again, or wait longer: git config mich.lockTimeout 600");
	}
	if (rc < 0)
		close(fd);
	else
		*fd_out = fd;
	return rc;
}
