/* link.c - launchers meet, and strangers are not let in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/launch/ranks/link.h"
#include "lib/launch/cluster/token.h"

struct fixture {
	char dir[64];
	int wake[2];
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	strcpy(f->dir, "/tmp/mich-link.XXXXXX");
	if (!mkdtemp(f->dir) || pipe(f->wake) < 0)
		return -1;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	file_remove_tree(f->dir);
	close(f->wake[0]);
	close(f->wake[1]);
	free(f);
	return 0;
}

static struct link_plan plan_of(const struct fixture *f, int node, const char *token, int64_t ms)
{
	return (struct link_plan){ .node = node,
				   .nodes = 2,
				   .dir = f->dir,
				   .token = token,
				   .interface = "lo",
				   .deadline_ms = ms };
}

/* The other one, in a process of its own: joins, says "done", waits for the end. Its code. */
static pid_t fork_other(const struct fixture *f, const char *token, int64_t ms)
{
	struct link_plan plan = plan_of(f, 1, token, ms);
	struct link l;
	pid_t pid = fork();

	if (pid)
		return pid;
	if (link_open(&plan, f->wake[0], &l) < 0)
		_exit(7);
	link_send(&l, 0, LINK_DONE, "x", 1);
	while (l.peers[0].fd >= 0)
		link_fill(&l, 0);
	_exit(0);
}

static int end_of(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_meet(void **state)
{
	struct fixture *f = *state;
	struct link_plan plan = plan_of(f, 0, "secret", 20000);
	pid_t other = fork_other(f, "secret", 20000);
	struct packet p = { 0 };
	struct link l;

	assert_int_equal(link_open(&plan, f->wake[0], &l), 0);
	assert_string_equal(l.address, "127.0.0.1");
	while (!link_next(&l, 0, &p))
		assert_true(link_fill(&l, 0));
	assert_int_equal(p.kind, LINK_DONE);
	assert_int_equal(p.n, 1);
	link_drop(&l, 0, &p);
	assert_int_equal(l.peers[0].in.len, 0);
	link_close(&l);
	assert_int_equal(end_of(other), 0);
}

static void test_stranger(void **state)
{
	struct fixture *f = *state;
	struct link_plan plan = plan_of(f, 0, "secret", 600);
	pid_t other = fork_other(f, "guessed", 600);
	struct link l;

	assert_int_equal(link_open(&plan, f->wake[0], &l), ERR_TIMEOUT);
	assert_string_equal(error_text(),
			    "after 0.6 s 1 of 2 agents had not come, the first of them agent 1");
	link_close(&l);
	assert_int_equal(end_of(other), 7);
}

static void test_woken(void **state)
{
	struct fixture *f = *state;
	struct link_plan hub = plan_of(f, 0, "secret", 60000), other = plan_of(f, 1, "s", 60000);
	struct link l;

	assert_int_equal(write(f->wake[1], "x", 1), 1);
	assert_int_equal(link_open(&hub, f->wake[0], &l), ERR_INTERRUPT);
	link_close(&l);
	assert_int_equal(link_open(&other, f->wake[0], &l), ERR_INTERRUPT);
	link_close(&l);
}

static void test_no_interface(void **state)
{
	struct link_plan plan = plan_of(*state, 0, "secret", 1000);
	struct fixture *f = *state;
	struct link l;

	plan.interface = "nope0";
	assert_int_equal(link_open(&plan, f->wake[0], &l), ERR_INPUT);
	link_close(&l);
}

/* RFC 4231, test case 2; and a key longer than a block, case 6. */
static void test_proof(void **state)
{
	char proof[TOKEN_PROOF_BYTES], key[132];

	(void)state;
	token_proof("Jefe", "what do ya want for nothing?", proof);
	assert_string_equal(proof,
			    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, 131);
	key[131] = '\0';
	token_proof(key, "Test Using Larger Than Block-Size Key - Hash Key First", proof);
	assert_string_equal(proof,
			    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	assert_true(
		token_proves("Jefe", "what do ya want for nothing?",
			     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
	assert_false(token_proves("Jefe", "what do ya want for nothing?", proof));
	assert_false(token_proves("Jefe", "what do ya want for nothing?", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_meet, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stranger, setup, teardown),
		cmocka_unit_test_setup_teardown(test_woken, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_interface, setup, teardown),
		cmocka_unit_test(test_proof),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
