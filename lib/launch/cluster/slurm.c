/* slurm.c - the batch script, and what squeue, sacct and scontrol say of a job. */
#define _GNU_SOURCE
#include "lib/launch/cluster/slurm.h"

#include <ctype.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/utf8.h"
#include "lib/launch/cluster/dispatch.h"

enum { READ_BYTES = 1 << 16, PING_MS = 10000, KILL_WAIT_MOST_S = 1000000 };

static char *output_path(const struct cluster_plan *c)
{
	return path_join(c->dir, "output");
}

/* A core for each rank, where nothing says how many threads. */
static int cores_of_task(const struct cluster_plan *c)
{
	int ranks = c->ranks.ranks / (c->slots * c->nodes);
	int threads = c->ranks.threads / c->slots;

	return threads > ranks ? threads : ranks;
}

static void add_word(struct buf *b, const char *word)
{
	char *quoted = process_quote(word);

	buf_addf(b, " %s", quoted);
	free(quoted);
}

void slurm_script(const struct cluster_plan *c, const char *name, struct buf *out)
{
	const struct ranks_plan *p = &c->ranks;
	struct strlist agent = STRLIST_INIT;
	char *output = output_path(c);

	buf_addf(out, "#!/bin/sh\n#SBATCH --job-name=%s\n#SBATCH --output=%s\n", name, output);
	buf_addf(out, "#SBATCH --nodes=%d\n#SBATCH --ntasks-per-node=%d\n", c->nodes, c->slots);
	buf_addf(out, "#SBATCH --cpus-per-task=%d\n", cores_of_task(c));
	if (c->gpus)
		buf_addf(out, "#SBATCH --gpus-per-node=%d\n", c->gpus / c->nodes);
	if (p->process.memory_bytes)
		buf_addf(out, "#SBATCH --mem=%lldK\n",
			 (long long)(p->process.memory_bytes + 1023) / 1024);
	if (p->process.time_limit_ms)
		buf_addf(out, "#SBATCH --time=%lld\n",
			 (long long)(p->process.time_limit_ms + 59999) / 60000);
	buf_addf(out, "#SBATCH --open-mode=append\n#SBATCH --export=ALL\n#SBATCH --%s\n",
		 p->max_restarts ? "requeue" : "no-requeue");
	buf_addf(out, "exec srun -K1 --mpi=%s --cpu-bind=none --export=ALL",
		 c->mpi ? c->srun_mpi : "none");
	dispatch_agent(c, &agent);
	for (size_t i = 0; i < agent.n; i++)
		add_word(out, agent.v[i]);
	buf_addch(out, '\n');
	strlist_clear(&agent);
	free(output);
}

/* What sbatch said is the reason. */
static int not_submitted(void)
{
	error_wrap(ERR_INPUT, "sbatch");
	return error_hint(
		ERR_INPUT,
		"sinfo says whether Slurm answers here and what it has; to train here: --launch local");
}

static int submit(struct job *j)
{
	char *path = path_join(j->plan->dir, "batch.sh");
	struct strlist argv = STRLIST_INIT;
	struct buf script = BUF_INIT, said = BUF_INIT;
	int rc;

	slurm_script(j->plan, j->name, &script);
	rc = file_write(path, script.data, script.len);
	strlist_add(&argv, "sbatch");
	strlist_add(&argv, "--parsable");
	if (j->plan->sbatch)
		strlist_split(&argv, j->plan->sbatch, " \t");
	strlist_add(&argv, path);
	if (!rc && (rc = job_ask(&argv, &said)) < 0)
		rc = rc == ERR_INTERRUPT ? rc : not_submitted();
	if (!rc) /* "123", or "123;cluster" */
		j->id = xstrndup(said.data, strspn(said.data, "0123456789"));
	if (!rc && !*j->id)
		rc = error_set(ERR_FAIL, "sbatch has not said which job it made, but '%s'",
			       said.data);
	strlist_clear(&argv);
	buf_clear(&script);
	buf_clear(&said);
	free(path);
	return rc;
}

/* "KillWait                = 30 sec" of `scontrol show config`; 0: it does not say. */
static int64_t read_kill_wait_ms(const char *config)
{
	static const char key[] = "\nKillWait";
	const char *at = strstr(config, key);
	long long seconds;

	if (!at || sscanf(at + sizeof key - 1, " = %lld", &seconds) != 1 || seconds < 1 ||
	    seconds > KILL_WAIT_MOST_S)
		return 0;
	return seconds * 1000;
}

int64_t slurm_grace_ms(int64_t wanted_ms)
{
	const char *words[] = { "scontrol", "show", "config" };
	struct strlist argv = STRLIST_INIT;
	struct buf said = BUF_INIT;
	int64_t wanted = wanted_ms ? wanted_ms : RANKS_GRACE_MS, wait = 0;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		strlist_add(&argv, words[i]);
	if (job_ask(&argv, &said) < 0)
		error_clear();
	else
		wait = read_kill_wait_ms(said.data);
	strlist_clear(&argv);
	buf_clear(&said);
	return wait && wait / 4 * 3 < wanted ? wait / 4 * 3 : wanted;
}

/* The state that a word of n letters is; false: none. */
static bool find_state(const char *word, size_t n, enum job_state *out)
{
	static const struct {
		const char *word;
		enum job_state state;
	} all[] = { { "PENDING", JOB_WAITS },	     { "CONFIGURING", JOB_WAITS },
		    { "REQUEUED", JOB_WAITS },	     { "REQUEUE_HOLD", JOB_WAITS },
		    { "REQUEUE_FED", JOB_WAITS },    { "SPECIAL_EXIT", JOB_WAITS },
		    { "RUNNING", JOB_RUNS },	     { "COMPLETING", JOB_RUNS },
		    { "SUSPENDED", JOB_RUNS },	     { "STOPPED", JOB_RUNS },
		    { "RESIZING", JOB_RUNS },	     { "SIGNALING", JOB_RUNS },
		    { "STAGE_OUT", JOB_RUNS },	     { "COMPLETED", JOB_DONE },
		    { "FAILED", JOB_FAILED },	     { "CANCELLED", JOB_CANCELLED },
		    { "TIMEOUT", JOB_LATE },	     { "NODE_FAIL", JOB_LOST },
		    { "OUT_OF_MEMORY", JOB_FAILED }, { "PREEMPTED", JOB_LOST },
		    { "BOOT_FAIL", JOB_LOST },	     { "DEADLINE", JOB_FAILED },
		    { "REVOKED", JOB_CANCELLED } };

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (strlen(all[i].word) == n && !strncmp(all[i].word, word, n)) {
			*out = all[i].state;
			return true;
		}
	return false;
}

/* "PENDING|Resources", "FAILED|NonZeroExitCode", "CANCELLED by 1000", "CANCELLED+" */
bool slurm_read(const char *said, size_t n, enum job_state *state, char why[JOB_WHY_BYTES])
{
	const char *end = memchr(said, '\n', n), *bar;
	char line[JOB_WHY_BYTES];
	size_t word;

	if (end)
		n = (size_t)(end - said);
	snprintf(line, sizeof line, "%.*s", (int)(n < sizeof line ? n : sizeof line - 1), said);
	utf8_clean(line);
	word = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
	bar = strchr(line, '|');
	if (!find_state(line, word, state))
		return false;
	*why = '\0';
	if (*state > JOB_DONE) {
		snprintf(why, JOB_WHY_BYTES, "ended: %.*s", (int)word, line);
		for (char *p = why; *p; p++)
			*p = *p == '_' ? ' ' : (char)tolower((unsigned char)*p);
	} else if (bar && *state == JOB_WAITS && strcmp(bar, "|None") != 0) {
		snprintf(why, JOB_WHY_BYTES, "%s", bar + 1);
	}
	return true;
}

/* Slurm forgets a job from its queue minutes after its end; where there is accounting, that knows it still. */
static bool ask(const struct job *j, const char *const *words, enum job_state *state,
		char why[JOB_WHY_BYTES], int *rc)
{
	struct strlist argv = STRLIST_INIT;
	struct buf said = BUF_INIT;
	bool knows = false;

	for (size_t i = 0; words[i]; i++)
		strlist_add(&argv, words[i]);
	strlist_add(&argv, j->id);
	*rc = job_ask(&argv, &said);
	if (!*rc && said.len)
		knows = slurm_read(said.data, said.len, state, why);
	strlist_clear(&argv);
	buf_clear(&said);
	return knows;
}

/* Does the controller not answer at all? */
static int is_deaf(void)
{
	static const char *const ping[] = { "scontrol", "ping", NULL };
	struct buf said = BUF_INIT;
	int rc = process_capture(ping, PING_MS, &said);

	buf_clear(&said);
	return rc;
}

static int look(struct job *j, enum job_state *state, char why[JOB_WHY_BYTES])
{
	static const char *const queue[] = {
		"squeue", "-h", "-t", "all", "-o", "%T|%r", "-j", NULL
	};
	static const char *const account[] = {
		"sacct", "-n", "-X", "-P", "-o", "State", "-j", NULL
	};
	int rc, again;

	if (ask(j, queue, state, why, &rc) || rc == ERR_INTERRUPT)
		return rc;
	if (ask(j, account, state, why, &again) || again == ERR_INTERRUPT)
		return again;
	error_clear();
	if (rc && (again = is_deaf()) < 0) /* else "Invalid job id" is an answer */
		return again;
	*state = JOB_GONE;
	return 0;
}

static void talk(struct job *j, bool last)
{
	char data[READ_BYTES];
	ssize_t n;

	(void)last;
	if (j->log < 0) {
		char *path = output_path(j->plan);

		j->log = open(path, O_RDONLY | O_CLOEXEC);
		free(path);
	}
	while (j->log >= 0 && (n = read(j->log, data, sizeof data)) > 0)
		file_write_fd(STDOUT_FILENO, data, (size_t)n);
}

static void run_scancel(const struct job *j, const char *option)
{
	struct strlist argv = STRLIST_INIT;
	struct buf said = BUF_INIT;

	strlist_add(&argv, "scancel");
	if (option)
		strlist_add(&argv, option);
	strlist_add(&argv, j->id);
	job_ask(&argv, &said);
	error_clear();
	strlist_clear(&argv);
	buf_clear(&said);
}

static void cancel(struct job *j)
{
	run_scancel(j, NULL);
}

/* What it was given to start with is given again: its script, its folder, its id. */
static int again(struct job *j)
{
	const char *words[] = { "scontrol", "requeue" };
	struct strlist argv = STRLIST_INIT;
	struct buf said = BUF_INIT;
	int rc;

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		strlist_add(&argv, words[i]);
	strlist_add(&argv, j->id);
	rc = job_ask(&argv, &said);
	error_clear();
	strlist_clear(&argv);
	buf_clear(&said);
	return rc;
}

static void pass_signal(struct job *j, int sig)
{
	run_scancel(j, sig == SIGUSR1 ? "--signal=USR1" : "--signal=USR2");
}

static void cancel_words(const struct job *j, struct strlist *argv)
{
	strlist_add(argv, "scancel");
	strlist_addf(argv, "--name=%s", j->name);
}

const struct job_ops slurm_ops = {
	.program = "sbatch",
	.package = "Slurm's client programs",
	.submit = submit,
	.look = look,
	.talk = talk,
	.cancel = cancel,
	.again = again,
	.signal = pass_signal,
	.cancel_words = cancel_words,
};
