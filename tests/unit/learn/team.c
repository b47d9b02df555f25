/* team.c - tests of lib/learn/team: ranks as processes, sums in a fixed order, one that dies. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/huge.h"
#include "lib/base/team_file.h"
#include "lib/learn/team/team_common.h"
#include "tests/unit/learn/fork_ranks.h"

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

enum { COMMON = 5 << 20 };

/* Is a map or a descriptor of it left in this process? */
static bool holds_common(void)
{
	DIR *fds = opendir("/proc/self/fd");
	char text[512];
	bool found = false;
	struct dirent *e;
	FILE *maps = fopen("/proc/self/maps", "r");

	while (maps && fgets(text, sizeof text, maps))
		found |= strstr(text, "mich-rows") != NULL;
	while (fds && (e = readdir(fds))) {
		ssize_t n = readlinkat(dirfd(fds), e->d_name, text, sizeof text - 1);

		text[n > 0 ? n : 0] = '\0';
		found |= strstr(text, "mich-rows") != NULL;
	}
	if (!maps || !fds)
		return true;
	fclose(maps);
	closedir(fds);
	return found;
}

/* Each rank writes a part, and finds those of the others. */
static int common(struct team *t, int ranks)
{
	struct team_common c;
	size_t from, end;
	char *v;

	if (team_common_open(t, COMMON, 1, &c))
		return 1;
	if (!c.memory || c.parts != ranks || c.part != team_rank(t) || c.bytes < COMMON)
		return 2;
	v = c.memory;
	from = COMMON * (size_t)c.part / (size_t)ranks;
	end = COMMON * (size_t)(c.part + 1) / (size_t)ranks;
	huge_claim(v, from, end);
	for (size_t i = from; i < end; i++)
		v[i] = (char)(i / 7);
	if (team_barrier(t))
		return 3;
	for (size_t i = 0; i < COMMON; i++)
		if (v[i] != (char)(i / 7))
			return 4;
	team_common_close(&c);
	return holds_common() ? 5 : 0;
}

/* Where one cannot make it, or there is too little memory, nobody has it, and nothing is left of the attempt. */
static int common_denied(struct team *t, int ranks)
{
	struct rlimit less = { COMMON - 1, COMMON - 1 };
	struct team_common c;

	(void)ranks;
	if (team_common_open(t, COMMON, INT_MAX, &c) || c.memory || holds_common())
		return 1;
	if (!team_rank(t))
		setrlimit(RLIMIT_FSIZE, &less);
	if (team_common_open(t, COMMON, 1, &c) || c.memory || holds_common())
		return 2;
	return 0;
}

/* The last rank does not come: the others are not left waiting. */
static int common_alone(struct team *t, int ranks)
{
	struct team_common c = { 0 };
	int rc = team_barrier(t);

	if (team_rank(t) == ranks - 1) {
		team_abort(t);
		return rc;
	}
	/* it may be over while we are on our way out of the barrier */
	if (rc != ERR_INTERRUPT)
		rc = team_common_open(t, COMMON, 1, &c);
	return rc == ERR_INTERRUPT && !c.memory && !holds_common() ? 0 : 1;
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

static void test_sums(void **state)
{
	(void)state;
	fork_ranks(2, TEAM_FILE_SLOT_BYTES, sum_rounds);
	fork_ranks(3, TEAM_FILE_SLOT_BYTES, sum_rounds);
	fork_ranks(4, 4096, sum_rounds); /* in blocks of a page */
}

static void test_shares(void **state)
{
	(void)state;
	fork_ranks(2, TEAM_FILE_SLOT_BYTES, share);
	fork_ranks(4, 4096, share);
	fork_ranks(2, TEAM_FILE_SLOT_BYTES, gather);
	fork_ranks(3, 4096, gather);
}

static void test_common(void **state)
{
	(void)state;
	fork_ranks(1, 4096, common);
	fork_ranks(2, TEAM_FILE_SLOT_BYTES, common);
	fork_ranks(3, 4096, common);
	fork_ranks(3, 4096, common_denied);
	fork_ranks(2, 4096, common_alone);
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
	fork_ranks(3, 4096, die_later);
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
		cmocka_unit_test(test_sums),   cmocka_unit_test(test_shares),
		cmocka_unit_test(test_common), cmocka_unit_test(test_local),
		cmocka_unit_test(test_abort),  cmocka_unit_test(test_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
