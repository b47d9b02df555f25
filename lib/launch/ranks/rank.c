/* rank.c - fork a rank, and read what it leaves. */
#define _GNU_SOURCE
#include "lib/launch/ranks/rank.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/launch/ranks/binding.h"
#include "lib/launch/ranks/rank_env.h"

enum { EVENT_TAIL_BYTES = 4096, FAR_FD = 64 };

/* What the child needs, and the ends that it gets. */
struct start {
	const struct ranks_plan *plan;
	const struct rank *rank;
	const struct rlimit *files;
	struct strlist env;
	int out, err, ctl, team, report;
};

int rank_init(struct rank *r, const struct ranks_plan *plan, int local)
{
	char *raw;
	int rc;

	*r = (struct rank){ .rank = plan->node * plan->ranks + local,
			    .local = local,
			    .pidfd = -1,
			    .out = -1,
			    .err = -1,
			    .ctl = -1,
			    .said = { .held = BUF_INIT, .tail = &r->tail },
			    .complained = { .held = BUF_INIT, .tail = &r->tail },
			    .raw = SINK_INIT,
			    .step = -1 };
	snprintf(r->said.prefix, sizeof r->said.prefix, "[r%d] ", r->rank);
	snprintf(r->complained.prefix, sizeof r->complained.prefix, "[r%d!] ", r->rank);
	r->dir = xasprintf("%s/%d", plan->dir, r->rank);
	r->error_file = path_join(r->dir, "error.json");
	if (plan->events)
		r->events = r->rank ? path_join(r->dir, "events.jsonl") : xstrdup(plan->events);
	raw = path_join(r->dir, "log");
	r->raw.mask = plan->process.mask;
	rc = file_make_dirs(r->dir);
	if (!rc)
		rc = sink_open(&r->raw, raw);
	r->raw.path = "of a rank";
	free(raw);
	return rc;
}

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void rank_close(struct rank *r)
{
	shut(&r->pidfd);
	shut(&r->out);
	shut(&r->err);
	shut(&r->ctl);
}

void rank_clear(struct rank *r)
{
	rank_close(r);
	sink_flush(&r->raw);
	sink_close(&r->raw);
	lines_clear(&r->said);
	lines_clear(&r->complained);
	lines_tail_clear(&r->tail);
	free(r->dir);
	free(r->events);
	free(r->error_file);
}

/* Where the rank finds it, whatever stands there now; all else ends with exec. */
static int hand_over(const struct start *s)
{
	int null = open("/dev/null", O_RDONLY);
	int ctl = fcntl(s->ctl, F_DUPFD_CLOEXEC, FAR_FD);
	int team = fcntl(s->team, F_DUPFD_CLOEXEC, FAR_FD);
	int report = fcntl(s->report, F_DUPFD_CLOEXEC, FAR_FD);

	if (null < 0 || ctl < 0 || team < 0 || report < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(s->out, STDOUT_FILENO) < 0 || dup2(s->err, STDERR_FILENO) < 0 ||
	    dup2(ctl, RANK_FD_CTL) < 0 || dup2(team, RANK_FD_TEAM) < 0)
		_exit(126);
	syscall(SYS_close_range, RANK_FD_TEAM + 1U, ~0U, CLOSE_RANGE_CLOEXEC);
	return report;
}

static void bind_cores(const struct start *s)
{
	cpu_set_t own;

	if (rank_cores(s->plan, s->rank->local, &own))
		sched_setaffinity(0, sizeof own, &own);
}

static void reset_signals(void)
{
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * Slurm signals every process of a job, the shell that waits for the program too: a handler that does
 * nothing keeps it, and is the default again in what it starts.
 */
static char *shell_command(const char *command)
{
	return getenv("SLURM_JOB_ID") ? xasprintf("trap : USR1 USR2\n%s", command)
				      : xstrdup(command);
}

static _Noreturn void become(const struct start *s, pid_t launcher)
{
	const struct process_plan *p = &s->plan->process;
	char *shell[] = { (char *)"/bin/sh", (char *)"-c",
			  p->command ? shell_command(p->command) : NULL, NULL };
	char *const *argv = p->command ? shell : (char *const *)(uintptr_t)p->argv;
	int report, why;

	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != launcher)
		_exit(126);
	reset_signals();
	bind_cores(s);
	report = hand_over(s);
	environ = s->env.v;
	if (s->files->rlim_max)
		setrlimit(RLIMIT_NOFILE, s->files);
	execvp(argv[0], argv);
	why = errno;
	file_write_fd(report, &why, sizeof why);
	_exit(why == ENOENT ? 127 : 126);
}

/* Our ends into r, the child's into s. */
static int open_ends(struct rank *r, struct start *s, int report[2])
{
	int out[2] = { -1, -1 }, err[2] = { -1, -1 }, ctl[2] = { -1, -1 };
	int rc = pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0 ||
		 pipe2(report, O_CLOEXEC) < 0 ||
		 socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ctl) < 0;

	r->out = out[0];
	r->err = err[0];
	r->ctl = ctl[0];
	s->out = out[1];
	s->err = err[1];
	s->ctl = ctl[1];
	s->report = report[1];
	if (rc)
		return error_errno("cannot open the channels of rank %d", r->rank);
	fcntl(r->out, F_SETFL, O_NONBLOCK);
	fcntl(r->err, F_SETFL, O_NONBLOCK);
	return 0;
}

static int fork_rank(struct rank *r, struct start *s, int report[2])
{
	pid_t launcher = getpid();

	r->pid = fork();
	if (r->pid == 0)
		become(s, launcher);
	if (r->pid < 0)
		return error_errno("cannot start rank %d", r->rank);
	r->pidfd = (int)syscall(SYS_pidfd_open, r->pid, 0);
	if (r->pidfd < 0)
		return error_errno("cannot watch rank %d", r->rank);
	fcntl(r->pidfd, F_SETFD, FD_CLOEXEC);
	shut(&s->report);
	if (read(report[0], &r->start_errno, sizeof r->start_errno) <= 0)
		r->start_errno = 0; /* the end of the pipe: it was exec'd */
	return 0;
}

int rank_start(struct rank *r, const struct round *round)
{
	struct start s = { .plan = round->plan,
			   .rank = r,
			   .files = &round->files,
			   .env = STRLIST_INIT,
			   .out = -1,
			   .err = -1,
			   .ctl = -1,
			   .team = round->team,
			   .report = -1 };
	int report[2] = { -1, -1 }, rc;

	r->ended = r->ready = r->speaks = false;
	r->status = r->start_errno = 0;
	r->step = -1;
	lines_tail_clear(&r->tail);
	unlink(r->error_file);
	rank_env(r, round, &s.env);
	rc = open_ends(r, &s, report);
	if (!rc)
		rc = fork_rank(r, &s, report);
	shut(&s.out);
	shut(&s.err);
	shut(&s.ctl);
	shut(&s.report);
	shut(&report[0]);
	strlist_clear(&s.env);
	return rc;
}

/* The step in the last whole line of an events file; -1: none. */
static int64_t last_step(const char *path, int64_t bytes)
{
	char block[EVENT_TAIL_BYTES + 1], *end, *line;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	json_t *event;
	int64_t step;
	ssize_t n;

	if (fd < 0)
		return -1;
	n = pread(fd, block, EVENT_TAIL_BYTES,
		  bytes > EVENT_TAIL_BYTES ? bytes - EVENT_TAIL_BYTES : 0);
	close(fd);
	block[n > 0 ? n : 0] = '\0';
	end = strrchr(block, '\n');
	if (!end)
		return -1;
	*end = '\0';
	line = strrchr(block, '\n');
	event = json_loads(line ? line + 1 : block, 0, NULL);
	step = json_int(event, "step", -1);
	json_decref(event);
	return step;
}

void rank_look(struct rank *r, int64_t now_ms)
{
	struct stat st;
	int64_t step;

	if (!r->events || stat(r->events, &st) < 0 || st.st_size == r->events_bytes)
		return;
	r->events_bytes = st.st_size;
	r->alive_ms = now_ms;
	step = last_step(r->events, st.st_size);
	if (step >= 0)
		r->step = step;
}

int rank_exit_code(const struct rank *r)
{
	return WIFSIGNALED(r->status) ? 128 + WTERMSIG(r->status) : WEXITSTATUS(r->status);
}

bool rank_failed(const struct rank *r)
{
	return r->ended && rank_exit_code(r) != 0;
}
