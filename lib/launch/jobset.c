/* jobset.c - what kubectl is asked. */
#define _GNU_SOURCE
#include "lib/launch/jobset.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/launch/account.h"

enum { APPLY_MS = 60000, LOGS_END_MS = 5000, LAST_LINES = 20 };

static void kubectl(const struct job *j, struct strlist *argv)
{
	strlist_add(argv, "kubectl");
	if (j->plan->kube_namespace)
		strlist_addf(argv, "--namespace=%s", j->plan->kube_namespace);
}

static int submit(struct job *j)
{
	struct strlist argv = STRLIST_INIT;
	struct buf said = BUF_INIT, text = BUF_INIT;
	json_t *manifest = NULL;
	int rc = jobset_manifest(j->plan, j->name, &manifest);

	kubectl(j, &argv);
	strlist_add(&argv, "apply");
	strlist_add(&argv, "-f");
	strlist_add(&argv, "-");
	if (!rc)
		json_pretty(manifest, &text);
	if (!rc)
		rc = process_feed((const char *const *)argv.v, text.data, text.len, APPLY_MS,
				  &said);
	if (rc == ERR_STEP)
		rc = error_wrap(ERR_INPUT, "kubectl apply");
	if (!rc)
		j->id = xstrdup(j->name);
	json_decref(manifest);
	strlist_clear(&argv);
	buf_clear(&text);
	buf_clear(&said);
	return rc;
}

static bool has_condition(const json_t *status, const char *type, const char **why)
{
	json_t *c;
	size_t i;

	json_array_foreach(json_object_get(status, "conditions"), i, c)
		if (!strcmp(json_str(c, "type", ""), type) &&
		    !strcmp(json_str(c, "status", ""), "True")) {
			*why = json_str(c, "message", json_str(c, "reason", ""));
			return true;
		}
	return false;
}

static bool any_runs(const json_t *status)
{
	json_t *job;
	size_t i;

	json_array_foreach(json_object_get(status, "replicatedJobsStatus"), i, job)
		if (json_int(job, "ready", 0) > 0)
			return true;
	return false;
}

int jobset_state(const char *data, size_t n, enum job_state *state, char why[JOB_WHY_BYTES])
{
	json_t *v = NULL, *status;
	const char *text = "";

	if (json_parse(data, n, "what kubectl says of the JobSet", &v) < 0)
		return ERR_CORRUPT;
	status = json_object_get(v, "status");
	*state = JOB_WAITS;
	if (has_condition(status, "Completed", &text))
		*state = JOB_DONE;
	else if (has_condition(status, "Failed", &text))
		*state = JOB_FAILED;
	else if (any_runs(status))
		*state = JOB_RUNS;
	if (*state == JOB_FAILED)
		snprintf(why, JOB_WHY_BYTES, "failed%s%s", *text ? ": " : "", text);
	json_decref(v);
	return 0;
}

/*
 * Has the first agent said what came of all? Then the JobSet, which would start a failed one's pods again, is of no
 * use any more. One that was only stopped, by a drained node, or has lost another, will be started again.
 */
static bool is_settled(const struct job *j)
{
	enum account_end end = account_look(j->plan->dir, 1);

	return end == ACCOUNT_AGAIN || end == ACCOUNT_SAID;
}

static int look(struct job *j, enum job_state *state, char why[JOB_WHY_BYTES])
{
	struct strlist argv = STRLIST_INIT;
	struct buf said = BUF_INIT;
	int rc;

	kubectl(j, &argv);
	strlist_add(&argv, "get");
	strlist_add(&argv, "jobset");
	strlist_add(&argv, j->id);
	strlist_add(&argv, "-o");
	strlist_add(&argv, "json");
	rc = job_ask(&argv, &said);
	if (!rc)
		rc = jobset_state(said.data, said.len, state, why);
	else if (rc == ERR_STEP && strstr(error_text(), "NotFound")) {
		*state = JOB_GONE;
		rc = 0;
	}
	if (!rc)
		j->runs = *state == JOB_RUNS;
	if (!rc && is_settled(j))
		*state = JOB_DONE;
	strlist_clear(&argv);
	buf_clear(&said);
	return rc;
}

/* The first agent's log has the lines of all. */
static void start_logs(struct job *j)
{
	struct strlist argv = STRLIST_INIT;
	pid_t parent = getpid();

	kubectl(j, &argv);
	strlist_add(&argv, "logs");
	strlist_add(&argv, "--follow");
	strlist_add(&argv, "--tail=-1");
	strlist_addf(&argv,
		     "--selector=jobset.sigs.k8s.io/jobset-name=%s,batch.kubernetes.io/"
		     "job-completion-index=0",
		     j->name);
	j->pid = fork();
	if (j->pid == 0) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			execvp(argv.v[0], argv.v);
		_exit(127);
	}
	strlist_clear(&argv);
}

/* Is it over? One that ended badly, since no container was there yet, is begun again. */
static bool logs_ended(struct job *j)
{
	int status = 0;

	if (j->pid > 0 && waitpid(j->pid, &status, WNOHANG) == j->pid) {
		j->pid = WIFEXITED(status) && WEXITSTATUS(status) == 0 ? -1 : 0;
		j->again_ms = clock_mono_us() / 1000 + 1000;
	}
	return j->pid <= 0;
}

/* An agent that met nobody has only its own pod's log to say why. */
static void tell_last_lines(const struct job *j)
{
	struct strlist argv = STRLIST_INIT;
	struct buf said = BUF_INIT;

	kubectl(j, &argv);
	strlist_add(&argv, "logs");
	strlist_addf(&argv, "--tail=%d", LAST_LINES);
	strlist_addf(&argv, "--selector=jobset.sigs.k8s.io/jobset-name=%s", j->name);
	if (job_ask(&argv, &said) == 0)
		file_write_fd(STDOUT_FILENO, said.data, said.len);
	error_clear();
	strlist_clear(&argv);
	buf_clear(&said);
}

static bool has_account(const struct job *j)
{
	return account_look(j->plan->dir, 1) != ACCOUNT_NONE;
}

static void talk(struct job *j, bool last)
{
	int64_t end = clock_mono_us() / 1000 + LOGS_END_MS;

	if (j->pid > 0)
		logs_ended(j);
	if (j->runs && j->pid == 0 && clock_mono_us() / 1000 >= j->again_ms)
		start_logs(j);
	if (!last)
		return;
	if (j->pid == 0 && has_account(j)) /* it was too quick for us */
		start_logs(j);
	while (j->pid > 0 && !logs_ended(j) && clock_mono_us() / 1000 < end)
		usleep(20000);
	if (j->pid > 0)
		kill(j->pid, SIGKILL);
	if (!has_account(j))
		tell_last_lines(j);
}

static void cancel_words(const struct job *j, struct strlist *argv)
{
	kubectl(j, argv);
	strlist_add(argv, "delete");
	strlist_addf(argv, "jobset/%s", j->name);
	strlist_addf(argv, "secret/%s", j->name);
	strlist_add(argv, "--ignore-not-found");
	strlist_add(argv, "--wait=false");
}

static void cancel(struct job *j)
{
	struct strlist argv = STRLIST_INIT;
	struct buf said = BUF_INIT;

	cancel_words(j, &argv);
	job_ask(&argv, &said);
	error_clear();
	strlist_clear(&argv);
	buf_clear(&said);
}

const struct job_ops jobset_ops = {
	.program = "kubectl",
	.package = "kubectl",
	.submit = submit,
	.look = look,
	.talk = talk,
	.cancel = cancel,
	.tidy = cancel,
	.cancel_words = cancel_words,
};
