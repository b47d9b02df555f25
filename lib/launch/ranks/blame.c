/* blame.c - what ranks say of themselves before they end. */
#include "lib/launch/ranks/blame.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/base/ctl.h"

bool blame_fell_over_nobody(const struct rank *r)
{
	return r->start_errno || (WIFSIGNALED(r->status) && WTERMSIG(r->status) != SIGABRT);
}

static int by_mark(const struct crew *c)
{
	int64_t rank = team_file_aborter(c->team);

	for (int i = 0; i < c->n; i++)
		if (c->ranks[i].rank == rank)
			return i;
	return -1;
}

int64_t blame_file_time(const struct rank *r)
{
	struct stat st;

	if (stat(r->error_file, &st) < 0 || !st.st_size)
		return 0;
	return (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
}

/* The oldest error file, where i has one as well. */
static int by_file(const struct crew *c, int i)
{
	int64_t oldest = blame_file_time(&c->ranks[i]);
	int found = i;

	for (int k = 0; k < c->n && oldest; k++) {
		int64_t time = blame_file_time(&c->ranks[k]);

		if (time && time < oldest) {
			oldest = time;
			found = k;
		}
	}
	return found;
}

int blame_find(const struct crew *c, int i)
{
	int marked = by_mark(c);

	if (blame_fell_over_nobody(&c->ranks[i]))
		return i;
	return marked >= 0 ? marked : by_file(c, i);
}

bool blame_only_follows(const struct rank *r)
{
	return r->ended && WIFEXITED(r->status) && WEXITSTATUS(r->status) == CTL_EXIT_ABORTED;
}

bool blame_moves(const struct crew *c, const struct rank *r)
{
	const struct rank *was = &c->ranks[c->failed];

	if (c->end != RANKS_FAILED || !rank_failed(r))
		return false;
	if (r == &c->ranks[c->spared])
		return true;
	return blame_only_follows(was) && WIFEXITED(r->status) && !blame_only_follows(r);
}

int blame_find_marked(const struct crew *c)
{
	int marked = by_mark(c);

	for (int i = 0; i < c->n && marked < 0; i++)
		if (blame_file_time(&c->ranks[i]))
			marked = by_file(c, i);
	return marked;
}
