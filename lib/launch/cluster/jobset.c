/* jobset.c - what kubectl is asked. */
#define _GNU_SOURCE
#include "lib/launch/cluster/jobset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/launch/cluster/account.h"
#include "lib/launch/cluster/pods.h"

enum { APPLY_MS = 60000 };

static int submit(struct job *j)
{
	struct strlist argv = STRLIST_INIT;
	struct buf said = BUF_INIT, text = BUF_INIT;
	json_t *manifest = NULL;
	int rc = jobset_manifest(j->plan, j->name, &manifest);

	pods_kubectl(j, &argv);
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

	return end == ACCOUNT_AGAIN || end == ACCOUNT_FAILED || end == ACCOUNT_SAID;
}

static int look(struct job *j, enum job_state *state, char why[JOB_WHY_BYTES])
{
	struct strlist argv = STRLIST_INIT;
	struct buf said = BUF_INIT;
	int rc;

	pods_kubectl(j, &argv);
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
	if (!rc && *state == JOB_WAITS)
		pods_ask(j, why);
	if (!rc)
		j->runs = *state == JOB_RUNS;
	if (!rc && is_settled(j))
		*state = JOB_DONE;
	strlist_clear(&argv);
	buf_clear(&said);
	return rc;
}

static void cancel_words(const struct job *j, struct strlist *argv)
{
	pods_kubectl(j, argv);
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
	.talk = pods_talk,
	.cancel = cancel,
	.tidy = cancel,
	.cancel_words = cancel_words,
};
