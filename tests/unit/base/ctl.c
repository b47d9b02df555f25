/* ctl.c - tests of lib/base/ctl.c and team_file.c: what ranks share with their launcher. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/ctl.h"
#include "lib/base/error.h"
#include "lib/base/team_file.h"

/* Both ends; ours is the launcher's. */
static int pair(struct ctl *c)
{
	char text[16];
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd), 0);
	snprintf(text, sizeof text, "%d", fd[1]);
	setenv("MICH_CTL_FD", text, 1);
	assert_int_equal(ctl_open(c), 0);
	return fd[0];
}

static void test_alone(void **state)
{
	struct ctl c;
	int id = 7;

	(void)state;
	unsetenv("MICH_CTL_FD");
	assert_int_equal(ctl_open(&c), 0);
	ctl_ready(&c);
	ctl_step(&c, 3);
	assert_false(ctl_aborted(&c));
	assert_int_equal(ctl_share_id(&c, 1, &id, sizeof id, 1), 0);
	ctl_close(&c);
	setenv("MICH_CTL_FD", "977", 1);
	assert_int_equal(ctl_open(&c), ERR_INPUT);
	setenv("MICH_CTL_FD", "3x", 1);
	assert_int_equal(ctl_open(&c), ERR_INPUT);
}

static void test_words(void **state)
{
	char packet[64];
	int64_t step = 0;
	struct ctl c;
	int fd = pair(&c);

	(void)state;
	ctl_ready(&c);
	ctl_step(&c, 12);
	assert_int_equal(recv(fd, packet, sizeof packet, 0), 1);
	assert_int_equal(packet[0], CTL_READY);
	assert_int_equal(recv(fd, packet, sizeof packet, 0), 9);
	memcpy(&step, packet + 1, sizeof step);
	assert_int_equal(step, 12);
	for (int i = 0; i < 100000; i++)
		ctl_beat(&c); /* nobody listens: dropped, never waited for */
	assert_false(ctl_aborted(&c));
	assert_int_equal(send(fd, "A", 1, 0), 1);
	assert_true(ctl_aborted(&c));
	close(fd);
	ctl_close(&c);
}

static void test_launcher_gone(void **state)
{
	struct ctl c;

	(void)state;
	close(pair(&c));
	assert_true(ctl_aborted(&c));
	ctl_step(&c, 1); /* no SIGPIPE */
	ctl_close(&c);
}

static void test_id(void **state)
{
	int64_t id = 0;
	struct ctl c;
	int fd = pair(&c);

	(void)state;
	assert_int_equal(ctl_share_id(&c, 1, &id, sizeof id, 20), ERR_TIMEOUT);
	assert_int_equal(send(fd, "Iabcdefgh", 9, 0), 9);
	assert_false(ctl_aborted(&c)); /* an id that waits is no end */
	assert_int_equal(ctl_share_id(&c, 1, &id, sizeof id, 1000), 0);
	assert_memory_equal(&id, "abcdefgh", 8);
	assert_int_equal(send(fd, "Iabc", 4, 0), 4);
	assert_int_equal(ctl_share_id(&c, 1, &id, sizeof id, 1000), ERR_FAIL);
	assert_int_equal(send(fd, "A", 1, 0), 1);
	assert_int_equal(ctl_share_id(&c, 1, &id, sizeof id, 1000), ERR_FAIL);
	close(fd);
	ctl_close(&c);
}

static void test_team(void **state)
{
	struct team_file *ours, *theirs;
	char path[64];
	int fd;

	(void)state;
	assert_int_equal(team_file_make(3, 5000, &fd, &ours), 0);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	assert_int_equal(team_file_open(path, &theirs), 0);
	assert_int_equal(theirs->ranks, 3);
	assert_int_equal(theirs->slot_bytes, 8192);
	assert_int_equal(theirs->cell[2].step, 0);
	memcpy(team_file_slot(ours, 2), "two", 4);
	assert_string_equal(team_file_slot(theirs, 2), "two");
	atomic_store(&ours->abort, 1);
	assert_int_equal(atomic_load(&theirs->abort), 1);
	team_file_close(theirs);
	ours->slot_bytes *= 2; /* a number that its size does not bear out */
	assert_int_equal(team_file_open(path, &theirs), ERR_CORRUPT);
	assert_null(theirs);
	team_file_close(ours);
	close(fd);
	assert_int_equal(team_file_open("/dev/null", &theirs), ERR_CORRUPT);
	assert_int_equal(team_file_make(0, 1, &fd, &ours), ERR_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alone),	      cmocka_unit_test(test_words),
		cmocka_unit_test(test_launcher_gone), cmocka_unit_test(test_id),
		cmocka_unit_test(test_team),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
