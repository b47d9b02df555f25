/* team.c - tests of lib/learn/team: ranks as processes, sums in a fixed order, one that dies. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/team_file.h"
#include "lib/learn/team/team.h"

enum { FLOATS = 5000, ROUNDS = 20 };

/* Numbers whose sum depends on the order in which they are added. */
static float value(int rank, size_t i)
{
	return (float)((rank + 1) * 0.1 + (double)i * 1e-3) * (rank % 2 ? 1e4f : 1e-3f);
}

static float tree(int from, int ranks, int width, size_t i)
{
	float a;

	if (width == 1)
		return value(from, i);
	a = tree(from, ranks, width / 2, i);
	return from + width / 2 < ranks ? a + tree(from + width / 2, ranks, width / 2, i) : a;
}

static int sum_rounds(struct team *t, int ranks)
{
	static float v[FLOATS];
	int width = 1;

	while (width < ranks)
		width *= 2;
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < FLOATS; i++)
			v[i] = value(team_rank(t), i + (size_t)round);
		if (team_sum(t, v, FLOATS))
			return 1;
		for (size_t i = 0; i < FLOATS; i++)
			if (v[i] != tree(0, ranks, width, i + (size_t)round))
				return 2;
	}
	return team_barrier(t) ? 3 : 0;
}

static int share(struct team *t, int ranks)
{
	static char v[FLOATS];

	(void)ranks;
	for (size_t n = 1; n < sizeof v; n *= 3) {
		memset(v, team_rank(t) ? 0 : (int)(n % 100), n);
		if (team_share(t, v, n))
			return 1;
		for (size_t i = 0; i < n; i++)
			if (v[i] != (char)(n % 100))
				return 2;
	}
	return 0;
}

/* Parts of all sizes, one of them empty, some larger than a slot. */
static int gather(struct team *t, int ranks)
{
	static int v[4 * FLOATS];
	size_t at[8] = { 0 };

	for (int i = 0; i < ranks; i++)
		at[i + 1] = at[i] + (i == 1 ? 0 : (size_t)(i + 1) * FLOATS / 2 * sizeof *v);
	memset(v, 0, sizeof v);
	for (size_t i = at[team_rank(t)] / sizeof *v; i < at[team_rank(t) + 1] / sizeof *v; i++)
		v[i] = (int)i + 1;
	if (team_gather(t, v, at))
		return 1;
	for (size_t i = 0; i < at[ranks] / sizeof *v; i++)
		if (v[i] != (int)i + 1)
			return 2;
	return team_barrier(t) ? 3 : 0;
}

static int die_later(struct team *t, int ranks)
{
	float v[4] = { 1, 2, 3, 4 };
	int rc = team_sum(t, v, 4);

	if (team_rank(t) == ranks - 1) {
		team_abort(t);
		return rc;
	}
	/* it may be over while we are on our way out of the first one */
	return rc == ERR_INTERRUPT || team_sum(t, v, 4) == ERR_INTERRUPT ? 0 : 5;
}

static int rank_main(int rank, int ranks, int (*body)(struct team *, int))
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

static void run(int ranks, uint64_t slot_bytes, int (*body)(struct team *, int))
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
			_exit(rank_main(i, ranks, body));
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

static void test_sums(void **state)
{
	(void)state;
	run(2, TEAM_FILE_SLOT_BYTES, sum_rounds);
	run(3, TEAM_FILE_SLOT_BYTES, sum_rounds);
	run(4, 4096, sum_rounds); /* in blocks of a page */
}

static void test_shares(void **state)
{
	(void)state;
	run(2, TEAM_FILE_SLOT_BYTES, share);
	run(4, 4096, share);
	run(2, TEAM_FILE_SLOT_BYTES, gather);
	run(3, 4096, gather);
}

/* Two of four ranks are on this machine: they meet each other, and do not think that they are all. */
static void test_local(void **state)
{
	struct team_file *file;
	struct team *t;
	char path[64];
	int fd, status;
	pid_t other;

	(void)state;
	assert_int_equal(team_file_make(2, 4096, &fd, &file), 0);
	snprintf(path, sizeof path, "/proc/%ld/fd/%d", (long)getpid(), fd);
	setenv("MICH_TEAM", path, 1);
	setenv("WORLD_SIZE", "4", 1);
	other = fork();
	setenv("RANK", other ? "2" : "3", 1);
	setenv("LOCAL_RANK", other ? "0" : "1", 1);
	if (!other)
		_exit(team_open_local(20, &t) ? 1 : 0);
	assert_int_equal(team_open_local(20, &t), 0);
	assert_int_equal(team_rank(t), 2);
	assert_int_equal(team_ranks(t), 4);
	assert_false(team_is_whole(t));
	assert_false(team_aborted(t));
	assert_int_equal(waitpid(other, &status, 0), other);
	assert_int_equal(status, 0);
	team_close(t);
	team_file_close(file);
	close(fd);
	unsetenv("WORLD_SIZE");
	unsetenv("RANK");
	unsetenv("LOCAL_RANK");
}

static void test_abort(void **state)
{
	(void)state;
	run(3, 4096, die_later);
}

static void test_alone(void **state)
{
	float v[2] = { 1, 2 };
	struct team *t;

	(void)state;
	assert_int_equal(team_open(0, &t), 0);
	assert_int_equal(team_rank(t), 0);
	assert_int_equal(team_ranks(t), 1);
	assert_int_equal(team_sum(t, v, 2), 0);
	assert_true(v[1] == 2);
	assert_int_equal(team_barrier(t), 0);
	team_abort(t);
	team_close(t);
	setenv("WORLD_SIZE", "2", 1);
	unsetenv("MICH_TEAM");
	assert_int_equal(team_open(0, &t), ERR_INPUT);
	setenv("WORLD_SIZE", "two", 1);
	assert_int_equal(team_open(0, &t), ERR_INPUT);
	unsetenv("WORLD_SIZE");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sums),  cmocka_unit_test(test_shares),
		cmocka_unit_test(test_local), cmocka_unit_test(test_abort),
		cmocka_unit_test(test_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
