/* guard.c - tests of lib/launch: limits and signals, and that nothing is ever left running. */
#include "tests/unit/launch/place.h"

static void test_time_limit(void **state)
{
	struct place *p = *state;

	p->plan.time_limit_ms = 300;
	assert_int_equal(place_run_nap(p, "trap 'echo ended; exit 0' TERM; NAP & wait"),
			 ERR_TIMEOUT);
	assert_true(p->result.timed_out);
	assert_string_equal(error_text(), "stopped at its time limit of 0.3 s");
	assert_in_range(p->result.elapsed_ms, 290, PLACE_LATE_MS);
	assert_file(p, "log", "ended\n");
	assert_int_equal(count_processes(p->nap), 0);
}

/* SIGTERM is not heard, by the program nor by what it moved to sessions of their own. */
static void test_time_limit_deaf(void **state)
{
	struct place *p = *state;

	p->plan.time_limit_ms = 200;
	assert_int_equal(
		place_run_nap(p, "trap '' TERM; (setsid sh -c 'setsid NAP & NAP' &) & NAP & NAP"),
		ERR_TIMEOUT);
	assert_int_equal(p->result.signal, SIGKILL);
	assert_in_range(p->result.elapsed_ms, 5000, PLACE_LATE_MS);
	assert_int_equal(count_processes(p->nap), 0);
}

/* The shell that started it dies at once; what it started still has its time to save. */
static void test_time_to_save(void **state)
{
	struct place *p = *state;

	p->plan.time_limit_ms = 300;
	assert_int_equal(place_run(p, "sh -c 'trap \"sleep 0.3; echo saved >saved; exit\" TERM;"
				      "while :; do sleep 0.05; done'; echo"),
			 ERR_TIMEOUT);
	assert_file(p, "saved", "saved\n");
	assert_in_range(p->result.elapsed_ms, 550, PLACE_LATE_MS);
}

/* A stopped program is ended too. */
static void test_time_limit_stopped(void **state)
{
	struct place *p = *state;

	p->plan.time_limit_ms = 200;
	assert_int_equal(place_run(p, "kill -STOP $$"), ERR_TIMEOUT);
	assert_int_equal(p->result.signal, SIGTERM);
	assert_in_range(p->result.elapsed_ms, 190, PLACE_LATE_MS);
}

/* What a program leaves in the background ends with it, and its own code stands. */
static void test_daemon(void **state)
{
	struct place *p = *state;

	assert_int_equal(
		place_run_nap(p, "(setsid sh -c 'NAP & NAP' >/dev/null 2>&1 &); NAP & exit 0"), 0);
	assert_int_equal(count_processes(p->nap), 0);
	assert_int_equal(place_run_nap(p, "(setsid NAP &); sleep 0.1; exit 5"), ERR_STEP);
	assert_int_equal(p->result.exit_code, 5);
	assert_int_equal(count_processes(p->nap), 0);
}

/* Many processes that fork while they are being killed. */
static void test_forking(void **state)
{
	struct place *p = *state;

	p->plan.time_limit_ms = 400;
	assert_int_equal(place_run_nap(p,
				       "for i in 1 2 3 4; do (setsid sh -c 'trap \"\" TERM;"
				       "while :; do (sleep 0.01; NAP) & sleep 0.02; done' &); done;"
				       "NAP"),
			 ERR_TIMEOUT);
	assert_int_equal(count_processes(p->nap), 0);
}

/* A process beside the program, a child of ours, is never touched. */
static void test_foreign(void **state)
{
	struct place *p = *state;
	pid_t other = fork();
	int status;

	if (other == 0) {
		for (;;)
			pause();
	}
	p->plan.time_limit_ms = 200;
	assert_int_equal(place_run_nap(p, "(setsid NAP &); NAP"), ERR_TIMEOUT);
	assert_int_equal(waitpid(other, &status, WNOHANG), 0);
	kill(other, SIGKILL);
	waitpid(other, &status, 0);
}

/* A process of ours that runs the place's program, and what process_run told it as exit status. */
static pid_t start_runner(struct place *p, const char *command)
{
	pid_t pid = fork();

	if (pid == 0) {
		int rc = place_run_nap(p, command);

		_exit(rc == ERR_INTERRUPT && p->result.interrupted ? 128 + process_interrupted()
		      : rc == 0					   ? 0
								   : 1);
	}
	assert_true(pid > 0);
	return pid;
}

static int wait_status(pid_t pid)
{
	int status = -1;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void check_interrupt(struct place *p, int sig)
{
	pid_t pid = start_runner(
		p, "trap 'echo told; exit 0' TERM; (setsid NAP &); echo >ready; NAP & wait");

	assert_true(wait_file(p, "ready", 5000));
	kill(pid, sig);
	assert_int_equal(wait_status(pid), 128 + sig);
	assert_file(p, "log", "told\n");
	assert_int_equal(count_processes(p->nap), 0);
	unlink(p->log);
}

static void test_interrupt(void **state)
{
	struct place *p = *state;
	char *ready = path_join(p->dir, "ready");

	check_interrupt(p, SIGINT);
	unlink(ready);
	check_interrupt(p, SIGTERM);
	free(ready);
}

/* The second Ctrl-C does not wait for the grace to end; output in plenty does not hide the first. */
static void test_interrupt_twice(void **state)
{
	struct place *p = *state;
	int64_t start = clock_mono_us();
	pid_t pid;

	p->plan.log_path = NULL;
	pid = start_runner(p, "trap '' TERM; echo >ready; NAP & yes");
	assert_true(wait_file(p, "ready", 5000));
	kill(pid, SIGINT);
	pause_ms(200);
	assert_true(count_processes(p->nap) > 0);
	kill(pid, SIGINT);
	assert_int_equal(wait_status(pid), 130);
	assert_true(clock_mono_us() - start < 4000000);
	assert_int_equal(count_processes(p->nap), 0);
}

/* We are killed: within a second nothing is left, whatever session it moved to. */
static void test_killed(void **state)
{
	struct place *p = *state;
	pid_t pid = start_runner(p, "echo begun; trap '' TERM HUP INT;"
				    "(setsid sh -c 'trap \"\" TERM; setsid NAP & NAP' &);"
				    "sleep 0.1; echo end; echo >ready; NAP");
	int ms = 0;

	assert_true(wait_file(p, "ready", 5000));
	assert_true(count_processes(p->nap) >= 3);
	kill(pid, SIGKILL);
	assert_int_equal(wait_status(pid), -SIGKILL);
	for (; ms < 1000 && count_processes(p->nap) > 0; ms += 10)
		pause_ms(10);
	assert_int_equal(count_processes(p->nap), 0);
	pause_ms(100);
	assert_file(p, "log", "begun\nend\n");
}

/* Stopped, mich reads nothing; killed then, it leaves that to the guard. */
static void test_killed_deaf(void **state)
{
	struct place *p = *state;
	struct strlist mask = STRLIST_INIT;
	pid_t pid;

	strlist_add(&mask, "hunter2");
	p->plan.mask = &mask;
	pid = start_runner(
		p, "while [ ! -e go ]; do sleep 0.02; done; echo hunter2 said; echo >ready; NAP");
	pause_ms(100);
	kill(pid, SIGSTOP);
	place_write(p, "go", "");
	assert_true(wait_file(p, "ready", 5000));
	kill(pid, SIGKILL);
	assert_int_equal(wait_status(pid), -SIGKILL);
	for (int ms = 0; ms < 1000 && count_processes(p->nap) > 0; ms += 10)
		pause_ms(10);
	pause_ms(100);
	assert_file(p, "log", "*** said\n");
	strlist_clear(&mask);
}

/* The child of a process that is called mich-guard; 0: none. */
static pid_t guard_of(pid_t runner)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	pid_t found = 0;

	while (d && !found && (e = readdir(d))) {
		char path[300], text[512] = "";
		int fd, parent = 0;

		snprintf(path, sizeof path, "/proc/%s/stat", e->d_name);
		fd = open(path, O_RDONLY);
		if (fd >= 0 && read(fd, text, sizeof text - 1) > 0 &&
		    sscanf(text, "%*d (mich-guard) %*c %d", &parent) == 1 && parent == runner)
			found = (pid_t)strtol(e->d_name, NULL, 10);
		if (fd >= 0)
			close(fd);
	}
	if (d)
		closedir(d);
	return found;
}

/* A child of ours that kills our guard as soon as the program is there, and lives on until "go". */
static pid_t start_killer(const struct place *p)
{
	pid_t us = getpid(), pid = fork();

	if (pid == 0) {
		wait_file(p, "ready", PLACE_LATE_MS);
		kill(guard_of(us), SIGKILL);
		wait_file(p, "go", PLACE_LATE_MS);
		_exit(7);
	}
	assert_true(pid > 0);
	return pid;
}

/*
 * The guard is killed: all of the program goes with it, in sessions of its own or not, and the run is a
 * failure. Another child of ours is no part of that.
 */
static void test_guard_killed(void **state)
{
	struct place *p = *state;
	pid_t killer = start_killer(p);

	assert_int_equal(
		place_run_nap(
			p,
			"(setsid sh -c 'trap \"\" TERM; (setsid NAP &); NAP & echo >ready; NAP' &);"
			"while :; do NAP & wait; done"),
		ERR_FAIL);
	assert_non_null(strstr(error_text(), "(mich-guard) was killed"));
	assert_non_null(strstr(error_hint_text(), "dmesg"));
	assert_int_equal(count_processes(p->nap), 0);
	assert_int_equal(waitpid(killer, NULL, WNOHANG), 0);
	place_write(p, "go", "");
	assert_int_equal(wait_status(killer), 7);
}

/* One that somebody stopped hears that it is to end. */
static void test_guard_stopped(void **state)
{
	struct place *p = *state;
	pid_t pid = start_runner(p, "echo >ready; NAP"), guard;

	assert_true(wait_file(p, "ready", PLACE_LATE_MS));
	guard = guard_of(pid);
	assert_true(guard > 0);
	kill(guard, SIGSTOP);
	kill(pid, SIGTERM);
	assert_int_equal(wait_status(pid), 128 + SIGTERM);
	assert_int_equal(count_processes(p->nap), 0);
}

/* As from a shell's background job: a SIGINT that was ignored stays ignored. */
static void test_ignored(void **state)
{
	struct place *p = *state;
	pid_t pid;

	signal(SIGINT, SIG_IGN);
	pid = start_runner(p, "echo >ready; sleep 0.3");
	signal(SIGINT, SIG_DFL);
	assert_true(wait_file(p, "ready", 5000));
	kill(pid, SIGINT);
	assert_int_equal(wait_status(pid), 0);
}

static const char eat[] =
	"exec perl -e 'my @a; for (1..200) { push @a, \"x\" x 1048576 } print \"ate\\n\"'";

static void test_memory_limit(void **state)
{
	struct place *p = *state;

	p->plan.memory_bytes = 64 << 20;
	assert_int_equal(place_run(p, eat), ERR_STEP);
	if (strcmp(p->result.memory, "cgroup") == 0) {
		assert_true(p->result.out_of_memory);
		assert_string_equal(error_text(), "killed at its memory limit of 64 MiB");
		assert_in_range(p->result.peak_bytes, 60 << 20, 70 << 20);
	} else {
		assert_string_equal(p->result.memory, "rlimit");
	}
	p->plan.memory_bytes = (int64_t)1 << 30;
	unlink(p->log);
	assert_int_equal(place_run(p, eat), 0);
	assert_file(p, "log", "ate\n");
	assert_false(p->result.out_of_memory);
	assert_true(p->result.peak_bytes > 200 << 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(test_time_limit),
		PLACE_TEST(test_time_limit_deaf),
		PLACE_TEST(test_time_limit_stopped),
		PLACE_TEST(test_time_to_save),
		PLACE_TEST(test_daemon),
		PLACE_TEST(test_forking),
		PLACE_TEST(test_foreign),
		PLACE_TEST(test_interrupt),
		PLACE_TEST(test_interrupt_twice),
		PLACE_TEST(test_killed),
		PLACE_TEST(test_killed_deaf),
		PLACE_TEST(test_guard_killed),
		PLACE_TEST(test_guard_stopped),
		PLACE_TEST(test_ignored),
		PLACE_TEST(test_memory_limit),
	};

	return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
