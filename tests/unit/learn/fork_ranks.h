/* fork_ranks.h - a body as several ranks, each a process, that share memory as the launcher would have them. */
#ifndef MICH_TESTS_FORK_RANKS_H
#define MICH_TESTS_FORK_RANKS_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/team_file.h"
#include "lib/learn/team/team.h"

static int fork_ranks_main(int rank, int ranks, int (*body)(struct team *, int))
{
	char text[16];
	struct team *t;
	int rc;

	snprintf(text, sizeof text, "%d", rank);
	setenv("RANK", text, 1);
	if (team_open(20, &t))
		return 9;
	rc = team_rank(t) == rank && team_ranks(t) == ranks ? body(t, ranks) : 8;
	team_close(t);
	return rc;
}

/* The body gives 0 in each of at most 8; what it sets elsewhere is lost with its process. */
static void fork_ranks(int ranks, uint64_t slot_bytes, int (*body)(struct team *, int))
{
	struct team_file *file;
	char text[64];
	pid_t pids[8];
	int fd;

	assert_int_equal(team_file_make((uint32_t)ranks, slot_bytes, &fd, &file), 0);
	snprintf(text, sizeof text, "/proc/%ld/fd/%d", (long)getpid(), fd);
	setenv("MICH_TEAM", text, 1);
	snprintf(text, sizeof text, "%d", ranks);
	setenv("WORLD_SIZE", text, 1);
	for (int i = 0; i < ranks; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (!pids[i])
			_exit(fork_ranks_main(i, ranks, body));
	}
	for (int i = 0; i < ranks; i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	team_file_close(file);
	close(fd);
	unsetenv("WORLD_SIZE");
	unsetenv("RANK");
}

#endif
