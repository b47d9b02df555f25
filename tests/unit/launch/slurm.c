/* slurm.c - tests of lib/launch: what squeue and sacct print of a job, and how agents ended. */
#define _GNU_SOURCE
#include "tests/unit/launch/place.h"

#include "lib/launch/cluster/account.h"
#include "lib/launch/life.h"
#include "lib/launch/cluster/slurm.h"

/* What 22.05's squeue and sacct printed of real jobs, but for the states that need hardware to fail. */
static void test_read(void **state)
{
	static const struct {
		const char *said;
		enum job_state state;
		const char *why;
	} all[] = {
		{ "PENDING|None\n", JOB_WAITS, "" },
		{ "PENDING|PartitionDown\n", JOB_WAITS, "PartitionDown" },
		{ "PENDING|BeginTime\n", JOB_WAITS, "BeginTime" },
		{ "REQUEUE_HOLD|JobHoldMaxRequeue\n", JOB_WAITS, "JobHoldMaxRequeue" },
		{ "RUNNING|None\n", JOB_RUNS, "" },
		{ "COMPLETING|NonZeroExitCode\n", JOB_RUNS, "" },
		{ "COMPLETED|None\nFAILED|None\n", JOB_DONE, "" },
		{ "FAILED|NonZeroExitCode\n", JOB_FAILED, "ended: failed" },
		{ "TIMEOUT|TimeLimit\n", JOB_LATE, "ended: timeout" },
		{ "NODE_FAIL|None\n", JOB_LOST, "ended: node fail" },
		{ "OUT_OF_MEMORY|OutOfMemory", JOB_FAILED, "ended: out of memory" },
		{ "CANCELLED|None\n", JOB_CANCELLED, "ended: cancelled" },
		{ "CANCELLED by 1000\n", JOB_CANCELLED, "ended: cancelled" },
		{ "PREEMPTED\n", JOB_LOST, "ended: preempted" },
		{ "REQUEUED\n", JOB_WAITS, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		char why[JOB_WHY_BYTES] = "before";
		enum job_state got = JOB_GONE;

		assert_true(slurm_read(all[i].said, strlen(all[i].said), &got, why));
		assert_int_equal(got, all[i].state);
		assert_string_equal(why, all[i].why);
	}
}

static void test_no_state(void **state)
{
	static const char *const all[] = { "",
					   "\n",
					   "|",
					   "COMPLETE",
					   "completed",
					   "Slurm accounting storage is disabled\n",
					   "PENDINGS|None" };
	char why[JOB_WHY_BYTES] = "as it was", *big = xcalloc(1, 5000);
	enum job_state got = JOB_GONE;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		assert_false(slurm_read(all[i], strlen(all[i]), &got, why));
	assert_int_equal(got, JOB_GONE);
	assert_string_equal(why, "as it was");
	memset(big, 'x', 4999);
	memcpy(big, "PENDING|", 8);
	assert_true(slurm_read(big, 4999, &got, why));
	assert_int_equal(strlen(why), JOB_WHY_BYTES - 1 - 8);
	assert_true(slurm_read("RUNNING|Nonexyz", 7, &got, why)); /* n bytes, no more */
	free(big);
}

static void write_account(const struct place *p, int node, int code, int failed)
{
	struct ranks_result r = { .failed = failed, .step = -1 };

	error_set(code ? code : ERR_FAIL, "a reason");
	assert_int_equal(account_write(p->dir, node, code, &r, 1), 0);
}

static void test_ends(void **state)
{
	struct place *p = *state;

	assert_int_equal(account_look(p->dir, 2), ACCOUNT_NONE);
	write_account(p, 1, ERR_FAIL, -1);
	assert_int_equal(account_look(p->dir, 1), ACCOUNT_NONE);
	assert_int_equal(account_look(p->dir, 2), ACCOUNT_LOST); /* of the first */
	write_account(p, 0, ERR_STEP, 3);
	assert_int_equal(account_look(p->dir, 2), ACCOUNT_FAILED);
	write_account(p, 0, ERR_STEP, -1);
	assert_int_equal(account_look(p->dir, 2), ACCOUNT_LOST);
	write_account(p, 0, ERR_BUSY, 0);
	assert_int_equal(account_look(p->dir, 2), ACCOUNT_AGAIN);
	write_account(p, 0, ERR_INTERRUPT, -1);
	assert_int_equal(account_look(p->dir, 2), ACCOUNT_STOPPED);
	write_account(p, 0, 0, -1);
	assert_int_equal(account_look(p->dir, 2), ACCOUNT_SAID);
	account_forget(p->dir, 0);
	account_forget(p->dir, 1);
	assert_int_equal(account_look(p->dir, 2), ACCOUNT_NONE);
}

static void test_lives(void **state)
{
	struct place *p = *state;

	assert_false(life_is_over(p->dir, 0));
	assert_int_equal(life_begin(p->dir, 0), 0);
	assert_false(life_is_over(p->dir, 0));
	assert_int_equal(life_begin(p->dir, 2), 0);
	assert_true(life_is_over(p->dir, 0));
	assert_true(life_is_over(p->dir, 1));
	assert_false(life_is_over(p->dir, 2));
	error_set(ERR_STEP, "a reason that stays");
	assert_true(life_is_over(p->dir, 0));
	assert_string_equal(error_text(), "a reason that stays");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(test_read),
		PLACE_TEST(test_no_state),
		PLACE_TEST(test_ends),
		PLACE_TEST(test_lives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
