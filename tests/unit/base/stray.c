/* stray.c - tests of finding processes by what they were started with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/stray.h"

enum { ROUNDS = 40 };

/* A process that is a new program each moment, marked by TEST_STRAY=VALUE. */
static pid_t start(const char *program, const char *value)
{
	pid_t pid = fork();

	assert_return_code(pid, 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setenv("TEST_STRAY", value, 1);
		execl(program, program, "again", (char *)NULL);
		_exit(127);
	}
	return pid;
}

static void test_between_two_programs(void **state)
{
	const char *program = *state;
	char *value = xasprintf("/%d/out", (int)getpid());

	for (int i = 0; i < ROUNDS; i++) {
		pid_t pid = start(program, value);
		int status = 0;

		usleep(10000); /* it has begun: nothing depends on how far it is */
		assert_true(stray_kill("TEST_STRAY", value + 1, 10000) >= 0);
		assert_int_equal(waitpid(pid, &status, WNOHANG), pid);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGKILL);
	}
	free(value);
}

static void test_others_are_spared(void **state)
{
	pid_t pid = start(*state, "/elsewhere/out");
	int status;

	usleep(10000);
	assert_int_equal(stray_kill("TEST_STRAY", "/nowhere/out", 1000), 0);
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_between_two_programs, argv[0]),
		cmocka_unit_test_prestate(test_others_are_spared, argv[0]),
	};

	if (argc > 1)
		execv(argv[0], argv);
	return cmocka_run_group_tests_name("stray", tests, NULL, NULL);
}
