/* headroom.c - limits, as getrlimit tells them. */
#include "lib/launch/ranks/headroom.h"

#include <unistd.h>

#include "lib/base/error.h"

enum {
	FILES_RANK = 5, /* its output, errors, channel, end and log */
	FILES_OWN = 64, /* what a launcher has open besides, at most */
};

static rlim_t files_of(int ranks)
{
	return (rlim_t)ranks * FILES_RANK + FILES_OWN;
}

static int refuse(const char *what, rlim_t need, rlim_t limit, int ranks, rlim_t most)
{
	error_set(ERR_INPUT, "cannot run %d ranks here: they take %llu %s, and the limit is %llu",
		  ranks, (unsigned long long)need, what, (unsigned long long)limit);
	return error_hint(ERR_INPUT, "-n %llu at most; ulimit -H -a shows the limits",
			  (unsigned long long)most);
}

int headroom_check(int ranks)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) == 0 && l.rlim_max != RLIM_INFINITY &&
	    l.rlim_max < files_of(ranks))
		return refuse("open files", files_of(ranks), l.rlim_max, ranks,
			      l.rlim_max > FILES_OWN ? (l.rlim_max - FILES_OWN) / FILES_RANK : 1);
	if (geteuid() != 0 && getrlimit(RLIMIT_NPROC, &l) == 0 && l.rlim_cur != RLIM_INFINITY &&
	    l.rlim_cur < (rlim_t)ranks)
		return refuse("processes", (rlim_t)ranks, l.rlim_cur, ranks, l.rlim_cur);
	return 0;
}

void headroom_open(int ranks, struct rlimit *before)
{
	struct rlimit l;

	*before = (struct rlimit){ 0 };
	if (getrlimit(RLIMIT_NOFILE, &l) < 0)
		return;
	*before = l;
	if (l.rlim_cur == RLIM_INFINITY || l.rlim_cur >= files_of(ranks))
		return;
	l.rlim_cur = l.rlim_max == RLIM_INFINITY || l.rlim_max > files_of(ranks) ? files_of(ranks)
										 : l.rlim_max;
	setrlimit(RLIMIT_NOFILE, &l);
}
