/* pods.c - kubectl logs and kubectl get pods. */
#define _GNU_SOURCE
#include "lib/launch/cluster/pods.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/json.h"
#include "lib/launch/cluster/account.h"

enum { AGAIN_MS = 1000, LOGS_END_MS = 5000, LAST_LINES = 20, READ_BYTES = 1 << 16 };

void pods_kubectl(const struct job *j, struct strlist *argv)
{
	strlist_add(argv, "kubectl");
	if (j->plan->kube_context)
		strlist_addf(argv, "--context=%s", j->plan->kube_context);
	if (j->plan->kube_namespace)
		strlist_addf(argv, "--namespace=%s", j->plan->kube_namespace);
}

static int64_t now_ms(void)
{
	return clock_mono_us() / 1000;
}

static bool has_account(const struct job *j)
{
	return account_look(j->plan->dir, 1) != ACCOUNT_NONE;
}

/* The first agent's log has the lines of all. */
static void log_words(const struct job *j, struct strlist *argv)
{
	pods_kubectl(j, argv);
	strlist_add(argv, "logs");
	strlist_add(argv, "--follow");
	strlist_add(argv, "--timestamps");
	strlist_add(argv, "--tail=-1");
	if (*j->stamped.last)
		strlist_addf(argv, "--since-time=%s", j->stamped.last);
	strlist_addf(argv,
		     "--selector=jobset.sigs.k8s.io/jobset-name=%s,batch.kubernetes.io/"
		     "job-completion-index=0",
		     j->name);
}

static _Noreturn void become_kubectl(char *const *argv, int out, pid_t parent)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(out, STDOUT_FILENO);
	if (getppid() == parent)
		execvp(argv[0], argv);
	_exit(127);
}

static void start_logs(struct job *j)
{
	struct strlist argv = STRLIST_INIT;
	pid_t parent = getpid();
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	log_words(j, &argv);
	stamped_begin(&j->stamped);
	j->pid = fork();
	if (j->pid == 0)
		become_kubectl(argv.v, ends[1], parent);
	close(ends[1]);
	j->log = ends[0];
	strlist_clear(&argv);
}

/* What has come of it. True when it is over: kubectl has ended, and nothing is left in the pipe. */
static bool take_logs(struct job *j)
{
	struct buf out = BUF_INIT;
	char data[READ_BYTES];
	ssize_t n;

	while ((n = read(j->log, data, sizeof data)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			stamped_add(&j->stamped, data, (size_t)n, &out);
	if (n == 0)
		stamped_end(&j->stamped, &out);
	file_write_fd(STDOUT_FILENO, out.data, out.len);
	buf_clear(&out);
	return n == 0;
}

static void end_logs(struct job *j)
{
	kill(j->pid, SIGKILL);
	while (waitpid(j->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(j->log);
	j->log = -1;
	j->pid = 0;
	j->again_ms = now_ms() + AGAIN_MS;
}

/* An agent that met nobody has only its own pod's log to say why. */
static void tell_last_lines(const struct job *j)
{
	struct strlist argv = STRLIST_INIT;
	struct buf said = BUF_INIT;

	pods_kubectl(j, &argv);
	strlist_add(&argv, "logs");
	strlist_addf(&argv, "--tail=%d", LAST_LINES);
	strlist_addf(&argv, "--selector=jobset.sigs.k8s.io/jobset-name=%s", j->name);
	if (job_ask(&argv, &said) == 0)
		file_write_fd(STDOUT_FILENO, said.data, said.len);
	error_clear();
	strlist_clear(&argv);
	buf_clear(&said);
}

/*
 * Whether kubectl's connection broke, the container was not there yet, or it was another start's: while the JobSet
 * runs it is followed again, from the last line on.
 */
void pods_talk(struct job *j, bool last)
{
	int64_t end = now_ms() + LOGS_END_MS;

	if (j->pid > 0 && take_logs(j))
		end_logs(j);
	if (!last && j->runs && j->pid <= 0 && now_ms() >= j->again_ms)
		start_logs(j);
	if (!last)
		return;
	if (j->pid <= 0 && has_account(j)) /* it was too quick for us, or ended between two */
		start_logs(j);
	while (j->pid > 0 && now_ms() < end) {
		if (take_logs(j))
			end_logs(j);
		else
			usleep(20000);
	}
	if (j->pid > 0)
		end_logs(j);
	stamped_clear(&j->stamped);
	if (!has_account(j))
		tell_last_lines(j);
}

static bool say_why(const char *reason, const char *message, char why[JOB_WHY_BYTES])
{
	if (!*reason || !strcmp(reason, "ContainerCreating") || !strcmp(reason, "PodInitializing"))
		return false;
	snprintf(why, JOB_WHY_BYTES, "%s%s%s", reason, *message ? ": " : "", message);
	why[strcspn(why, "\n")] = '\0';
	return true;
}

static bool read_containers(const json_t *statuses, char why[JOB_WHY_BYTES])
{
	json_t *one;
	size_t i;

	json_array_foreach(statuses, i, one) {
		const json_t *waits = json_object_get(json_object_get(one, "state"), "waiting");

		if (say_why(json_str(waits, "reason", ""), json_str(waits, "message", ""), why))
			return true;
	}
	return false;
}

static bool read_conditions(const json_t *conditions, char why[JOB_WHY_BYTES])
{
	json_t *one;
	size_t i;

	json_array_foreach(conditions, i, one)
		if (!strcmp(json_str(one, "type", ""), "PodScheduled") &&
		    !strcmp(json_str(one, "status", ""), "False") &&
		    say_why(json_str(one, "reason", ""), json_str(one, "message", ""), why))
			return true;
	return false;
}

bool pods_read(const char *data, size_t n, char why[JOB_WHY_BYTES])
{
	json_t *v = NULL, *pod;
	bool found = false;
	size_t i;

	if (json_parse(data, n, "what kubectl says of the pods", &v) < 0) {
		error_clear();
		return false;
	}
	json_array_foreach(json_object_get(v, "items"), i, pod) {
		const json_t *status = json_object_get(pod, "status");

		found = found ||
			read_containers(json_object_get(status, "initContainerStatuses"), why) ||
			read_containers(json_object_get(status, "containerStatuses"), why) ||
			read_conditions(json_object_get(status, "conditions"), why);
	}
	json_decref(v);
	return found;
}

void pods_ask(const struct job *j, char why[JOB_WHY_BYTES])
{
	struct strlist argv = STRLIST_INIT;
	struct buf said = BUF_INIT;

	pods_kubectl(j, &argv);
	strlist_add(&argv, "get");
	strlist_add(&argv, "pods");
	strlist_addf(&argv, "--selector=jobset.sigs.k8s.io/jobset-name=%s", j->name);
	strlist_add(&argv, "-o");
	strlist_add(&argv, "json");
	if (job_ask(&argv, &said) == 0)
		pods_read(said.data, said.len, why);
	error_clear();
	strlist_clear(&argv);
	buf_clear(&said);
}
