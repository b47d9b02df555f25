/* inherited.c - descriptors, signals and limits as the caller left them. */
#define _GNU_SOURCE
#include "lib/base/inherited.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/base/error.h"

enum {
	STACK_LEAST = 256 << 10, /* what our own code may take on its way down */
	STACK_USUAL = 8 << 20,
	STACK_THREAD = 2 << 20,
};

static int open_descriptors(void)
{
	static const int how[] = { O_RDONLY, O_RDONLY,
				   O_WRONLY }; /* to write to 1 is an error, not a loss */

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		if (open("/dev/null", how[fd]) !=
		    fd) /* the lowest that is free, which is this one */
			return error_errno(
				"cannot open '/dev/null' in the place of closed descriptor %d", fd);
	}
	return 0;
}

static void reset_signals(void)
{
	sigset_t none;

	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The first thread's stack grows up to the limit of the moment. */
static int widen_stack(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_STACK, &l) < 0 || l.rlim_cur >= STACK_USUAL)
		return 0;
	l.rlim_cur = l.rlim_max < STACK_USUAL ? l.rlim_max : STACK_USUAL;
	if (l.rlim_cur < STACK_LEAST) {
		error_set(ERR_FAIL, "a stack of %llu KiB is too small",
			  (unsigned long long)l.rlim_max >> 10);
		return error_hint(ERR_FAIL, "ulimit -s 8192, or of the service that started it");
	}
	setrlimit(RLIMIT_STACK, &l);
	return 0;
}

/* Those of other threads are as large as that limit was when the program began. */
static void widen_threads(void)
{
	pthread_attr_t attr;
	size_t each;

	if (pthread_getattr_default_np(&attr) != 0)
		return;
	if (pthread_attr_getstacksize(&attr, &each) == 0 && each < STACK_THREAD &&
	    pthread_attr_setstacksize(&attr, STACK_THREAD) == 0)
		pthread_setattr_default_np(&attr);
	pthread_attr_destroy(&attr);
}

int inherited_settle(void)
{
	int rc = open_descriptors();

	if (rc == 0)
		rc = widen_stack();
	if (rc)
		return rc;
	reset_signals();
	widen_threads();
	return 0;
}
