/* process.c - tests of lib/launch: how a program ends, its log, its environment, its errors. */
#include "tests/unit/launch/place.h"

static void test_success(void **state)
{
	struct place *p = *state;

	assert_int_equal(place_run(p, "echo out; echo err >&2; pwd >where"), 0);
	assert_int_equal(p->result.exit_code, 0);
	assert_file(p, "log", "out\nerr\n");
	assert_string_equal(p->result.network, "open");
	assert_string_equal(p->result.memory, "none");
	assert_string_equal(p->result.binds, "none");
	assert_true(p->result.peak_bytes > 100000);
	assert_int_equal(place_run(p, "echo more"), 0);
	assert_file(p, "log", "out\nerr\nmore\n");
}

static void test_failure_code(void **state)
{
	struct place *p = *state;

	assert_int_equal(place_run(p, "exit 7"), ERR_STEP);
	assert_int_equal(p->result.exit_code, 7);
	assert_string_equal(error_text(), "exited with code 7");
	assert_int_equal(place_run(p, "no-such-command-x"), ERR_STEP);
	assert_int_equal(p->result.exit_code, 127);
	assert_non_null(strstr(error_text(), "command not found"));
}

static void test_signal(void **state)
{
	struct place *p = *state;

	assert_int_equal(place_run(p, "kill -SEGV $$"), ERR_STEP);
	assert_int_equal(p->result.signal, SIGSEGV);
	assert_int_equal(p->result.exit_code, 139);
	assert_non_null(strstr(error_text(), "signal 11 (Segmentation fault)"));
}

static void test_argv(void **state)
{
	struct place *p = *state;
	const char *echo[] = { "printf", "%s|", "a b", "$c", NULL };
	const char *absent[] = { "no-such-program-x", NULL };

	p->plan.argv = echo;
	assert_int_equal(process_run(&p->plan, &p->result), 0);
	assert_file(p, "log", "a b|$c|");
	p->plan.argv = absent;
	assert_int_equal(process_run(&p->plan, &p->result), ERR_STEP);
	assert_int_equal(p->result.exit_code, 127);
	assert_string_equal(error_text(), "command not found: 'no-such-program-x'");
	p->plan.dir = "/no/such/folder";
	assert_int_equal(process_run(&p->plan, &p->result), ERR_NOT_FOUND);
	assert_non_null(strstr(error_text(), "cannot enter '/no/such/folder'"));
}

/* The environment is exactly what was given, and no descriptor of ours is open in the program. */
static void test_clean_start(void **state)
{
	struct place *p = *state;
	struct strlist env = STRLIST_INIT;
	int leak = open("/dev/null", O_RDONLY);
	int high = fcntl(leak, F_DUPFD, 50);

	strlist_add(&env, "PATH=/usr/bin:/bin");
	strlist_add(&env, "ONLY=this");
	p->plan.env = &env;
	setenv("MICH_TEST_LEAK", "1", 1);
	assert_int_equal(
		place_run(p, "env | grep -v -e ^PWD= -e ^_= -e ^OLDPWD= -e ^SHLVL= | sort"), 0);
	assert_file(p, "log", "ONLY=this\nPATH=/usr/bin:/bin\n");
	unlink(p->log);
	assert_int_equal(place_run(p, "test ! -e /proc/self/fd/50; echo $?; wc -c <&0"), 0);
	assert_file(p, "log", "0\n0\n");
	strlist_clear(&env);
	close(leak);
	close(high);
}

/* A program starts with no signal blocked or ignored, whatever ours are. */
static void test_clean_signals(void **state)
{
	struct place *p = *state;
	struct buf b = BUF_INIT;

	signal(SIGUSR1, SIG_IGN);
	assert_int_equal(place_run(p, "grep -E '^Sig(Blk|Ign)' /proc/self/status"), 0);
	signal(SIGUSR1, SIG_DFL);
	assert_int_equal(file_read(p->log, &b), 0);
	/* 32 and 33 are the C library's own: whoever started us may ignore them, nobody can undo it */
	if (strcmp(b.data, "SigBlk:\t0000000000000000\nSigIgn:\t0000000180000000\n") != 0)
		assert_string_equal(b.data,
				    "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
	buf_clear(&b);
}

static int body_fails(void *payload)
{
	printf("from the body\n");
	error_set(ERR_NO, "the check '%s' does not hold", (const char *)payload);
	return error_hint(ERR_NO, "mich show %s", "x");
}

static int body_works(void *payload)
{
	(void)payload;
	fputs("said\n", stderr);
	return 0;
}

static int body_crashes(void *payload)
{
	(void)payload;
	raise(SIGKILL);
	return 0;
}

static void test_body(void **state)
{
	struct place *p = *state;

	p->plan.body = body_works;
	assert_int_equal(process_run(&p->plan, &p->result), 0);
	assert_file(p, "log", "said\n");
	unlink(p->log);
	p->plan.body = body_fails;
	p->plan.payload = (void *)(uintptr_t) "rows > 0";
	assert_int_equal(process_run(&p->plan, &p->result), ERR_NO);
	assert_string_equal(error_text(), "the check 'rows > 0' does not hold");
	assert_string_equal(error_hint_text(), "mich show x");
	assert_file(p, "log", "from the body\n");
	p->plan.body = body_crashes;
	assert_int_equal(process_run(&p->plan, &p->result), ERR_STEP);
	assert_int_equal(p->result.signal, SIGKILL);
}

/* A body may run programs of its own: the guards nest. */
static int body_runs(void *payload)
{
	struct place *p = payload, inner = *p;

	inner.plan.body = NULL;
	return error_wrap(place_run_nap(&inner, "echo inner; setsid NAP & exit 4"), "inner");
}

static void test_nested(void **state)
{
	struct place *p = *state;

	p->plan.body = body_runs;
	p->plan.payload = p;
	assert_int_equal(process_run(&p->plan, &p->result), ERR_STEP);
	assert_string_equal(error_text(), "inner: exited with code 4");
	assert_int_equal(count_processes(p->nap), 0);
}

static void count_tick(void *payload)
{
	++*(int *)payload;
}

static void test_tick(void **state)
{
	struct place *p = *state;
	int ticks = 0;

	p->plan.tick = count_tick;
	p->plan.tick_payload = &ticks;
	assert_int_equal(place_run(p, "sleep 0.55"), 0);
	assert_in_range(ticks, 1, 8); /* fewer where the machine is busy */
	assert_in_range(p->result.elapsed_ms, 540, PLACE_LATE_MS);
}

static void test_mask(void **state)
{
	struct place *p = *state;
	struct strlist mask = STRLIST_INIT;

	strlist_add(&mask, "hunter2");
	strlist_add(&mask, "hunter22");
	p->plan.mask = &mask;
	assert_int_equal(place_run(p,
				   "printf 'a hunter2 b hunter22 hunt'; printf 'hunt'; sleep 0.05;"
				   "printf 'er2 end hunter'"),
			 0);
	assert_file(p, "log", "a *** b *** hunt*** end hunter");
	strlist_clear(&mask);
}

/* More output than a pipe holds, faster than we read, from several processes. */
static void test_much_output(void **state)
{
	struct place *p = *state;
	struct stat st;

	assert_int_equal(place_run(p, "seq 400000 & seq 400000; wait"), 0);
	assert_int_equal(stat(p->log, &st), 0);
	assert_int_equal(st.st_size, 2 * 2688895);
}

static void test_bad_log(void **state)
{
	struct place *p = *state;

	p->plan.log_path = "/dev/full";
	assert_int_equal(place_run_nap(p, "echo x; NAP"), ERR_IO);
	assert_non_null(strstr(error_text(), "/dev/full"));
	assert_int_equal(count_processes(p->nap), 0);
	p->plan.log_path = "/no/such/log";
	assert_int_equal(place_run(p, "true"), ERR_NOT_FOUND);
}

static void check_tail(struct place *p, const char *text, int lines, const char *want)
{
	char *tail;

	place_write(p, "t", text);
	snprintf(p->log, sizeof p->log, "%s/t", p->dir);
	tail = process_log_tail(p->log, lines);
	assert_string_equal(tail, want);
	free(tail);
}

static void test_log_tail(void **state)
{
	struct place *p = *state;
	char *tail = process_log_tail("/no/such/log", 3);

	assert_string_equal(tail, "");
	free(tail);
	check_tail(p, "", 3, "");
	check_tail(p, "\n\n", 3, "");
	check_tail(p, "one", 3, "one");
	check_tail(p, "one\ntwo\nthree\nfour\n", 2, "three\nfour");
	check_tail(p, " 10%\r 20%\r 30%\nloss \033[31m0.5\033[0m\007\n", 5, " 30%\nloss 0.5");
	check_tail(p, "crlf\r\nx\033", 5, "crlf\nx");
	check_tail(p, "\033]0;title\aabc\033[", 5, "abc");
	check_tail(p, "caf\303\251 \377\303 \355\240\200 \342\202\254", 5,
		   "caf\303\251 ?? ??? \342\202\254");
}

static void test_quote(void **state)
{
	static const char *const words[] = { "",     "plain", "a b", "it's", "$(x)",
					     "a\nb", "-n",    "~",   "*" };
	struct place *p = *state;

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		char *quoted = process_quote(words[i]);
		char *command = xasprintf("printf %%s %s >got", quoted);

		assert_int_equal(place_run(p, command), 0);
		assert_file(p, "got", words[i]);
		free(command);
		free(quoted);
	}
}

static void test_capture(void **state)
{
	const char *version[] = { "sh", "-c", "echo 3.11; echo noise >&2", NULL };
	const char *failing[] = { "sh", "-c", "echo cause >&2; exit 2", NULL };
	struct place *p = *state;
	char *naps = xasprintf("%s & %s", p->nap, p->nap);
	const char *slow[] = { "sh", "-c", naps, NULL };
	struct buf b = BUF_INIT;

	assert_int_equal(process_capture(version, 5000, &b), 0);
	assert_string_equal(b.data, "3.11\n");
	assert_int_equal(process_capture(failing, 5000, &b), ERR_STEP);
	assert_string_equal(error_text(), "exited with code 2: cause");
	assert_int_equal(process_capture(slow, 200, &b), ERR_TIMEOUT);
	assert_int_equal(count_processes(p->nap), 0);
	free(naps);
	buf_clear(&b);
}

/* What running nothing costs. Loose: other work shares the machine. */
static void test_overhead(void **state)
{
	struct place *p = *state;
	int64_t best = INT64_MAX;

	for (int i = 0; i < 20; i++) {
		int64_t start = clock_mono_us(), took;

		assert_int_equal(place_run(p, "true"), 0);
		took = clock_mono_us() - start;
		best = took < best ? took : best;
	}
	print_message("# running true: %lld us\n", (long long)best);
	assert_true(best < 50000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(test_success),     PLACE_TEST(test_failure_code),
		PLACE_TEST(test_signal),      PLACE_TEST(test_argv),
		PLACE_TEST(test_clean_start), PLACE_TEST(test_clean_signals),
		PLACE_TEST(test_body),	      PLACE_TEST(test_nested),
		PLACE_TEST(test_tick),	      PLACE_TEST(test_mask),
		PLACE_TEST(test_much_output), PLACE_TEST(test_bad_log),
		PLACE_TEST(test_log_tail),    PLACE_TEST(test_quote),
		PLACE_TEST(test_capture),     PLACE_TEST(test_overhead),
	};

	return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
