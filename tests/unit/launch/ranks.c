/* ranks.c - tests of lib/launch/ranks/ranks.c: ranks start together and end together. */
#define _GNU_SOURCE
#include "tests/unit/launch/place.h"

#include <sched.h>
#include <sys/mman.h>

#include "lib/launch/litter.h"
#include "lib/launch/ranks/ranks.h"

struct team {
	struct place *place;
	struct ranks_plan plan;
	struct ranks_result result;
	char dir[96], checkpoint[96], events[96];
};

static int open_team(void **state)
{
	struct team *t = xcalloc(1, sizeof *t);
	void *place;

	if (place_open(&place) < 0)
		return -1;
	t->place = place;
	snprintf(t->dir, sizeof t->dir, "%s/ranks", t->place->dir);
	snprintf(t->checkpoint, sizeof t->checkpoint, "%s/checkpoint", t->place->dir);
	snprintf(t->events, sizeof t->events, "%s/events", t->place->dir);
	t->plan.process = t->place->plan;
	t->plan.ranks = 3;
	t->plan.threads = 6;
	t->plan.dir = t->dir;
	t->plan.checkpoint = t->checkpoint;
	t->plan.events = t->events;
	t->plan.run_id = "run-1";
	*state = t;
	return 0;
}

static int close_team(void **state)
{
	struct team *t = *state;
	void *place = t->place;

	place_close(&place);
	free(t);
	return 0;
}

/* Run a command in which each NAP is the place's own sleep; none of them is left. */
static int team_run(struct team *t, const char *command)
{
	struct buf b = BUF_INIT;
	int rc;

	for (const char *s = command; *s;)
		if (strncmp(s, "NAP", 3) == 0) {
			buf_addstr(&b, t->place->nap);
			s += 3;
		} else {
			buf_addch(&b, *s++);
		}
	t->plan.process.command = b.data;
	rc = ranks_run(&t->plan, &t->result);
	assert_int_equal(count_processes(t->place->nap), 0);
	buf_clear(&b);
	return rc;
}

static void assert_log_has(struct team *t, const char *text)
{
	struct buf b = BUF_INIT;

	assert_int_equal(file_read(t->place->log, &b), 0);
	if (!strstr(b.data, text))
		fail_msg("no '%s' in the log:\n%s", text, b.data);
	buf_clear(&b);
}

static void test_environment(void **state)
{
	struct team *t = *state;

	assert_int_equal(
		team_run(t, "echo $RANK $LOCAL_RANK $GROUP_RANK $ROLE_RANK $ROLE_NAME $WORLD_SIZE "
			    "$LOCAL_WORLD_SIZE $GROUP_WORLD_SIZE $ROLE_WORLD_SIZE $MASTER_ADDR "
			    "$TORCHELASTIC_RESTART_COUNT $TORCHELASTIC_MAX_RESTARTS "
			    "$TORCHELASTIC_RUN_ID $TORCH_NCCL_ASYNC_ERROR_HANDLING "
			    "[$TORCHELASTIC_USE_AGENT_STORE] $OMP_NUM_THREADS $MICH_THREADS "
			    "$MICH_RANK/$MICH_WORLD $MICH_RESTART [$MICH_RESUME]"),
		0);
	assert_log_has(t, "[r2] 2 2 0 2 default 3 3 1 3 127.0.0.1 0 0 run-1 1 [] 2 2 2/3 0 []\n");
	assert_int_equal(t->result.world, 3);
	assert_int_equal(t->result.failed, -1);
}

/* All ranks meet at one port, and what is theirs alone is theirs alone. */
static void test_own(void **state)
{
	struct team *t = *state;

	assert_int_equal(team_run(t, "echo $MASTER_PORT >>port; echo '{\"step\":'$RANK'}' "
				     ">>$MICH_EVENTS; echo x >$MICH_ERROR_FILE; "
				     "test -s $MICH_TEAM && test -S /proc/self/fd/$MICH_CTL_FD"),
			 0);
	assert_int_equal(team_run(t, "test $(sort -u port | wc -l) = 1"), 0);
	assert_file(t->place, "events", "{\"step\":0}\n");
	assert_file(t->place, "ranks/2/events.jsonl", "{\"step\":2}\n");
}

/* Nothing but what is handed over stays open in a rank. */
static void test_descriptors(void **state)
{
	struct team *t = *state;
	int fd = open("/dev/null", O_RDONLY); /* not close-on-exec */

	assert_int_equal(team_run(t, "ls /proc/$$/fd | tr '\\n' ' '; echo"), 0);
	assert_log_has(t, "[r1] 0 1 2 3 4 ");
	close(fd);
}

static void test_lines(void **state)
{
	struct team *t = *state;

	t->plan.ranks = 2;
	assert_int_equal(team_run(t, "printf 'a\\nb'; echo oops >&2; exit 0"), 0);
	assert_log_has(t, "[r0] a\n");
	assert_log_has(t, "[r1] b\n");
	assert_log_has(t, "[r1!] oops\n");
	assert_file(t->place, "ranks/0/log", "a\nboops\n");
}

/* A line without an end is cut at 64 KiB; a rank that says much is not held up by the others. */
static void test_long_lines(void **state)
{
	struct team *t = *state;
	struct buf b = BUF_INIT;
	size_t lines = 0;

	t->plan.ranks = 2;
	assert_int_equal(team_run(t, "head -c 200000 /dev/zero | tr '\\0' x; yes | head -n 100000"),
			 0);
	assert_int_equal(file_read(t->place->log, &b), 0);
	for (const char *p = b.data; (p = strchr(p, '\n')); p++)
		lines++;
	assert_in_range(lines, 2 * 100003, 2 * 100005);
	buf_clear(&b);
}

static void test_first_failure(void **state)
{
	struct team *t = *state;

	assert_int_equal(
		team_run(t, "echo '{\"step\":'$RANK'7}' >>$MICH_EVENTS\n"
			    "if [ $RANK = 1 ]; then sleep 0.2; echo deep trouble >&2; exit 5; fi\n"
			    "(setsid NAP &) ; trap '' TERM; NAP & wait; NAP"),
		ERR_STEP);
	assert_string_equal(error_text(),
			    "rank 1 of 3 exited with code 5 at step 17: deep trouble");
	assert_int_equal(t->result.failed, 1);
	assert_int_equal(t->result.step, 17);
	assert_int_equal(t->result.process.exit_code, 5);
	assert_string_equal(t->result.lines, "deep trouble");
	assert_in_range(t->result.stop_ms, 0,
			4500); /* less than what a program has that was told */
}

/* The one that failed first, not the ones that fell over it. */
static void test_consequences(void **state)
{
	struct team *t = *state;

	t->plan.ranks = 4;
	assert_int_equal(team_run(t, "if [ $RANK = 2 ]; then sleep 0.1; kill -SEGV $$; fi\n"
				     "trap 'exit 9' TERM; NAP & wait"),
			 ERR_STEP);
	assert_string_equal(error_text(),
			    "rank 2 of 4 was killed by signal 11 (Segmentation fault)");
	assert_int_equal(t->result.process.exit_code, 139);
	assert_int_equal(t->result.process.signal, SIGSEGV);
}

/* Ranks that hear end at once: nobody waits for the grace of those that do not. Seen once is enough. */
static void test_stop_at_once(void **state)
{
	struct team *t = *state;
	int64_t least = INT64_MAX;

	t->plan.ranks = 4;
	for (int i = 0; i < 20 && least > 190; i++) {
		assert_int_equal(team_run(t, "[ $RANK = 2 ] && exit 1; NAP"), ERR_STEP);
		least = t->result.stop_ms < least ? t->result.stop_ms : least;
	}
	assert_in_range(least, 0, 190);
}

/* 76 only says that somebody else is gone. */
static void test_aborted_is_no_reason(void **state)
{
	struct team *t = *state;

	t->plan.ranks = 2;
	assert_int_equal(
		team_run(t,
			 "trap '' TERM; sleep 0.$((RANK + 1)); [ $RANK = 0 ] && exit 76; exit 4"),
		ERR_STEP);
	assert_string_equal(error_text(), "rank 1 of 2 exited with code 4");
}

/* What a rank that failed first still does after the others have fallen over it, and are gone. */
#define WAIT_FOR_THE_OTHER                                                                      \
	"until [ -s pid ]; do sleep 0.01; done; while [ -d /proc/$(cat pid) ]; do sleep 0.01; " \
	"done; sleep 0.3; "

/* One that said in the shared memory that it failed is named, and ends by itself. */
static void test_first_to_say_so(void **state)
{
	struct team *t = *state;

	t->plan.ranks = 2;
	assert_int_equal(
		team_run(
			t,
			"if [ $RANK = 1 ]; then\n"
			"  python3 -c 'import mmap, os; mmap.mmap(os.open(os.environ[\"MICH_TEAM\"],"
			" os.O_RDWR), 4096)[64] = 2'; touch said\n"
			"  " WAIT_FOR_THE_OTHER "echo the cause >&2; exit 4\n"
			"fi\n"
			"until [ -e said ]; do sleep 0.01; done; echo $$ >pid; exit 76"),
		ERR_STEP);
	assert_string_equal(error_text(), "rank 1 of 2 exited with code 4: the cause");
	assert_int_equal(t->result.process.exit_code, 4);
}

/* Of two error files the older one is the cause's, whoever ends first. */
static void test_older_error_file(void **state)
{
	struct team *t = *state;

	t->plan.ranks = 2;
	assert_int_equal(
		team_run(t, "if [ $RANK = 1 ]; then\n"
			    "  echo '{\"message\":\"no column\"}' >$MICH_ERROR_FILE; touch said\n"
			    "  " WAIT_FOR_THE_OTHER "exit 4\n"
			    "fi\n"
			    "until [ -e said ]; do sleep 0.01; done; sleep 0.1\n"
			    "echo '{\"message\":\"peer is gone\"}' >$MICH_ERROR_FILE\n"
			    "echo $$ >pid; exit 1"),
		ERR_STEP);
	assert_string_equal(error_text(), "rank 1 of 2 exited with code 4: no column");
}

/* A rank that was killed fell over nobody, though another one failed at that time. */
static void test_killed_is_first(void **state)
{
	struct team *t = *state;

	t->plan.ranks = 2;
	assert_int_equal(team_run(t, "echo '{\"message\":\"peer is gone\"}' >$MICH_ERROR_FILE\n"
				     "[ $RANK = 1 ] && { touch said; NAP; }\n"
				     "until [ -e said ]; do sleep 0.01; done; kill -SEGV $$"),
			 ERR_STEP);
	assert_int_equal(t->result.failed, 0);
}

static void test_error_file(void **state)
{
	struct team *t = *state;

	assert_int_equal(
		team_run(t,
			 "[ $RANK = 2 ] || NAP; echo '{\"message\":{\"message\":\"ValueError: no "
			 "column\",\"extraInfo\":{}}}' >$TORCHELASTIC_ERROR_FILE; exit 1"),
		ERR_STEP);
	assert_string_equal(error_text(), "rank 2 of 3 exited with code 1: ValueError: no column");
}

static void test_absent_program(void **state)
{
	static const char *const argv[] = { "/no/such/program", NULL };
	struct team *t = *state;

	t->plan.process.argv = argv;
	assert_int_equal(ranks_run(&t->plan, &t->result), ERR_STEP);
	assert_string_equal(error_text(),
			    "rank 0 of 3 could not be started: '/no/such/program': No "
			    "such file or directory");
	assert_int_equal(t->result.process.exit_code, 127);
}

static void test_again(void **state)
{
	struct team *t = *state;

	assert_int_equal(team_run(t, "[ $RANK = 0 ] && exit 75; NAP"), ERR_BUSY);
	assert_int_equal(t->result.process.exit_code, 75);
}

static void test_silence(void **state)
{
	struct team *t = *state;

	t->plan.silence_ms = 1500;
	assert_int_equal(team_run(t, "for i in 1 2 3; do echo '{\"step\":'$i'}' >>$MICH_EVENTS;\n"
				     "[ $i.$RANK = 2.1 ] && break; sleep 0.05; done; NAP"),
			 ERR_STEP);
	assert_string_equal(error_text(), "rank 1 of 3 showed no life for 1.5 s at step 2");
	assert_int_equal(t->result.end, RANKS_SILENT);
	assert_int_equal(t->result.process.exit_code, 0);
}

/* A stopped rank is the one, where nobody tells a step. */
static void test_silence_stopped(void **state)
{
	struct team *t = *state;

	t->plan.silence_ms = 1500;
	assert_int_equal(team_run(t, "[ $RANK = 2 ] && kill -STOP $$; NAP"), ERR_STEP);
	assert_string_equal(error_text(), "rank 2 of 3 showed no life for 1.5 s");
}

/* Ranks with nothing to say hang as little as those who speak for them. */
static void test_silence_of_some(void **state)
{
	struct team *t = *state;

	t->plan.silence_ms = 1500;
	assert_int_equal(team_run(t, "if [ $RANK = 0 ]; then for i in $(seq 18); do sleep 0.1; "
				     "echo $i; done; else sleep 1.9; fi"),
			 0);
}

static void test_not_begun(void **state)
{
	struct team *t = *state;

	t->plan.begin_ms = 1500;
	assert_int_equal(team_run(t, "[ $RANK = 1 ] || printf R >&3; NAP"), ERR_STEP);
	assert_int_equal(t->result.end, RANKS_NOT_BEGUN);
	assert_string_equal(error_text(), "rank 1 of 3 was not ready within 1.5 s");
}

static void test_restart(void **state)
{
	struct team *t = *state;

	t->plan.max_restarts = 3;
	t->plan.ranks = 2;
	assert_int_equal(
		team_run(t,
			 "echo $RANK.$MICH_RESTART.$TORCHELASTIC_RESTART_COUNT ${MICH_RESUME##*/}\n"
			 "echo $MASTER_PORT >>ports; (setsid NAP &)\n"
			 "[ $RANK = 1 ] && exec sleep 0.2\n"
			 "if [ $MICH_RESTART -lt 2 ]; then mkdir -p $MICH_CHECKPOINT/part.tmp\n"
			 "  [ $MICH_RESTART = 1 ] && echo 1 >$MICH_CHECKPOINT/step-1\n"
			 "  echo 2 >$MICH_CHECKPOINT/.half; exit 5; fi"),
		0);
	assert_int_equal(t->result.restarts, 2);
	assert_int_equal(t->result.failed, -1);
	assert_log_has(t, "[mich] starting all ranks again, 1 of 3 times, from the beginning\n");
	assert_log_has(t, "[mich] starting all ranks again, 2 of 3 times, from step-1\n");
	assert_log_has(t, "[r1] 1.2.2 step-1\n");
	t->plan.ranks = 1;
	assert_int_equal(team_run(t, "test $(sort -u ports | wc -l) = 3"), 0);
}

static void test_restarts_used_up(void **state)
{
	struct team *t = *state;

	t->plan.max_restarts = 2;
	assert_int_equal(team_run(t, "[ $RANK = 1 ] && exit $((7 + MICH_RESTART)); NAP"), ERR_STEP);
	assert_string_equal(error_text(), "rank 1 of 3 exited with code 9");
	assert_int_equal(t->result.restarts, 2);
}

static void test_time_limit(void **state)
{
	struct team *t = *state;

	t->plan.process.time_limit_ms = 300;
	assert_int_equal(team_run(t, "trap 'echo saved; exit 0' TERM; NAP & wait"), ERR_TIMEOUT);
	assert_log_has(t, "[r2] saved\n");
	assert_in_range(t->result.process.elapsed_ms, 290, PLACE_LATE_MS);
}

/* The limit is that of all ranks together where a group holds it, else of each. */
static void test_memory(void **state)
{
	struct team *t = *state;

	t->plan.process.memory_bytes = 128 << 20;
	assert_int_equal(
		team_run(t, "[ $RANK = 1 ] || NAP; exec python3 -c 'b = bytearray(300 << 20)'"),
		ERR_STEP);
	if (strcmp(t->result.process.memory, "cgroup") == 0)
		assert_string_equal(error_text(), "killed at its memory limit of 128 MiB");
	else
		assert_string_equal(error_text(), "rank 1 of 3 exited with code 1: MemoryError");
}

/* One namespace for all: they reach each other, and nothing else. */
static void test_no_network(void **state)
{
	struct team *t = *state;

	t->plan.process.no_network = true;
	t->plan.ranks = 2;
	if (team_run(t, "readlink /proc/self/ns/net >>ns; sleep 0.1; test $(sort -u ns | wc -l) = 1"
			" && ! grep -q \"$(readlink /proc/$PPID/ns/net)x\" ns") == ERR_INPUT)
		skip();
	assert_int_equal(t->result.failed, -1);
}

static void test_cores(void **state)
{
	struct team *t = *state;

	t->plan.ranks = 2;
	t->plan.bind = true;
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		skip();
	assert_int_equal(team_run(t, "taskset -cp $$ | sed 's/.*: //' >>cores"), 0);
	t->plan.bind = false;
	assert_int_equal(team_run(t, "[ $RANK = 0 ] || exit 0; test $(sort -u cores | wc -l) = 2"),
			 0);
}

/* Ranks whose GPUs are near one core share it, and reckon with no more threads than that. */
static void test_near(void **state)
{
	static const char *const gpus[] = { "GPU-a", "GPU-b" };
	struct team *t = *state;
	const char *near[2];
	char core[16], want[96];
	cpu_set_t all;
	int last = 0;

	assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &all))
			last = cpu;
	snprintf(core, sizeof core, "%d", last);
	near[0] = near[1] = core;
	t->plan.ranks = 2;
	t->plan.bind = true;
	t->plan.gpus = gpus;
	t->plan.near = near;
	assert_int_equal(team_run(t, "echo $CUDA_VISIBLE_DEVICES $CUDA_DEVICE_ORDER "
				     "$(taskset -cp $$ | sed 's/.*: //') $MICH_THREADS "
				     "[$OMPI_COMM_WORLD_RANK]"),
			 0);
	snprintf(want, sizeof want, "[r1] GPU-b PCI_BUS_ID %d 1 []\n", last);
	assert_log_has(t, want);
}

static void test_mpi_env(void **state)
{
	struct team *t = *state;

	t->plan.mpi_env = true;
	assert_int_equal(team_run(t, "echo $OMPI_COMM_WORLD_RANK/$OMPI_COMM_WORLD_SIZE "
				     "$OMPI_COMM_WORLD_LOCAL_RANK/$OMPI_COMM_WORLD_LOCAL_SIZE"),
			 0);
	assert_log_has(t, "[r2] 2/3 2/3\n");
}

static void assert_there(const struct team *t, const char *name, bool there)
{
	char *path = path_join(t->place->dir, name);

	assert_int_equal(file_exists(path), there);
	free(path);
}

/* What a killed rank leaves as NCCL does goes; what was there before stays. */
static void test_litter(void **state)
{
	struct team *t = *state;
	char *dir = path_join(t->place->dir, "shm");

	place_write(t->place, "shm/nccl-before", "x");
	t->plan.process.litter = dir;
	assert_int_equal(team_run(t, "[ $RANK = 1 ] || exec NAP; cd shm; touch nccl-a other; "
				     "mkdir nccl-dir; kill -9 $$"),
			 ERR_STEP);
	assert_there(t, "shm/nccl-a", false);
	assert_there(t, "shm/nccl-before", true);
	assert_there(t, "shm/nccl-dir", true);
	assert_there(t, "shm/other", true);
	free(dir);
}

/* Another run beside this one has it open, or mapped. */
static void test_litter_held(void **state)
{
	struct team *t = *state;
	const struct strlist none = STRLIST_INIT;
	char *dir = path_join(t->place->dir, "shm"), *open_one, *mapped;
	void *memory;
	int fd;

	place_write(t->place, "shm/nccl-open", "x");
	place_write(t->place, "shm/nccl-mapped", "x");
	place_write(t->place, "shm/nccl-left", "x");
	mapped = path_join(dir, "nccl-mapped");
	open_one = path_join(dir, "nccl-open");
	fd = open(mapped, O_RDONLY | O_CLOEXEC);
	memory = mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(memory, MAP_FAILED);
	close(fd);
	fd = open(open_one, O_RDONLY | O_CLOEXEC);
	litter_clear(dir, &none);
	assert_there(t, "shm/nccl-left", false);
	assert_there(t, "shm/nccl-open", true);
	assert_there(t, "shm/nccl-mapped", true);
	close(fd);
	munmap(memory, 1);
	litter_clear(dir, &none);
	assert_there(t, "shm/nccl-open", false);
	assert_there(t, "shm/nccl-mapped", false);
	free(open_one);
	free(mapped);
	free(dir);
}

/* What rank 0 tells comes to all the others, and to nobody else. */
static void test_id(void **state)
{
	struct team *t = *state;

	assert_int_equal(
		team_run(t, "exec python3 -c 'import os, socket\n"
			    "s = socket.socket(fileno=int(os.environ[\"MICH_CTL_FD\"]))\n"
			    "if os.environ[\"RANK\"] == \"0\": s.send(b\"I\" + b\"k\" * 128)\n"
			    "else: assert s.recv(999) == b\"I\" + b\"k\" * 128\n'"),
		0);
}

/* The others hear of a failure by word, before they are made to end. */
static void test_abort_word(void **state)
{
	struct team *t = *state;

	t->plan.ranks = 2;
	assert_int_equal(
		team_run(
			t,
			"[ $RANK = 0 ] && { until [ -e up ]; do sleep 0.01; done; exit 6; }; exec python3 -c 'import signal, socket,"
			" mmap, os\n"
			"signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
			"s = socket.socket(fileno=3)\n"
			"open(\"up\", \"w\")\n"
			"print(\"heard\", s.recv(9), flush=True)\n"
			"f = os.open(os.environ[\"MICH_TEAM\"], os.O_RDWR)\n"
			"print(\"abort\", mmap.mmap(f, 4096)[64], flush=True)\n"
			"os._exit(76)'"),
		ERR_STEP);
	assert_int_equal(t->result.failed, 0);
	assert_log_has(t, "[r1] heard b'A'\n");
	assert_log_has(t, "[r1] abort 1\n");
}

static void test_refusals(void **state)
{
	struct team *t = *state;

	t->plan.ranks = 0;
	t->plan.process.command = "true";
	assert_int_equal(ranks_run(&t->plan, &t->result), ERR_INPUT);
	t->plan.ranks = 5000;
	assert_int_equal(ranks_run(&t->plan, &t->result), ERR_INPUT);
}

/* mich is killed: nothing of any rank is left, though sessions of their own hide them. */
static void test_killed(void **state)
{
	struct team *t = *state;
	pid_t pid = fork();

	if (pid == 0) {
		t->plan.process.command =
			"(setsid sh -c 'trap \"\" TERM; while :; do sleep 0.9017; done' &)"
			"; touch up.$RANK; while :; do sleep 0.9017; done";
		ranks_run(&t->plan, &t->result);
		_exit(0);
	}
	assert_true(wait_file(t->place, "up.0", 5000));
	assert_true(wait_file(t->place, "up.2", 5000));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	for (int i = 0; i < 200 && count_processes("sleep 0.9017"); i++)
		pause_ms(5);
	assert_int_equal(count_processes("sleep 0.9017"), 0);
}

#define TEAM_TEST(f) cmocka_unit_test_setup_teardown(f, open_team, close_team)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEAM_TEST(test_environment),
		TEAM_TEST(test_own),
		TEAM_TEST(test_descriptors),
		TEAM_TEST(test_lines),
		TEAM_TEST(test_long_lines),
		TEAM_TEST(test_first_failure),
		TEAM_TEST(test_consequences),
		TEAM_TEST(test_stop_at_once),
		TEAM_TEST(test_aborted_is_no_reason),
		TEAM_TEST(test_first_to_say_so),
		TEAM_TEST(test_older_error_file),
		TEAM_TEST(test_killed_is_first),
		TEAM_TEST(test_error_file),
		TEAM_TEST(test_absent_program),
		TEAM_TEST(test_again),
		TEAM_TEST(test_silence),
		TEAM_TEST(test_silence_stopped),
		TEAM_TEST(test_silence_of_some),
		TEAM_TEST(test_not_begun),
		TEAM_TEST(test_restart),
		TEAM_TEST(test_restarts_used_up),
		TEAM_TEST(test_time_limit),
		TEAM_TEST(test_memory),
		TEAM_TEST(test_no_network),
		TEAM_TEST(test_cores),
		TEAM_TEST(test_near),
		TEAM_TEST(test_mpi_env),
		TEAM_TEST(test_litter),
		TEAM_TEST(test_litter_held),
		TEAM_TEST(test_id),
		TEAM_TEST(test_abort_word),
		TEAM_TEST(test_refusals),
		TEAM_TEST(test_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
