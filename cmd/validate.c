/* validate.c - is a model fit to be released? */
#define _GNU_SOURCE
#include "cmd/cmd.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/make/pick.h"
#include "lib/make/judge/validation.h"
#include "lib/record/release/release.h"
#include "lib/record/repo.h"
#include "lib/record/version.h"

struct validate_args {
	const char *model, *as;
	bool async, json;
};

static const struct opt opts[] = {
	OPT_STRING(0, "as", struct validate_args, as, "NAMESPACE/NAME", NULL, COMP_RELEASED,
		   "the released name whose production its gates mean; else the model's only one"),
	OPT_FLAG(0, "async", struct validate_args, async,
		 "return as soon as it runs; mich wait waits for the verdict"),
	OPT_JSON(struct validate_args),
	OPERAND("model", struct validate_args, model, ONE, COMP_VERSION, "model to validate"),
	OPT_END
};

/* One check, as it is known. */
static void print_check(const json_t *check, void *payload)
{
	const char *why = json_str(check, "why", ""), *state = json_str(check, "state", "");
	const char *mark = !json_bool(check, "ok", false)     ? "FAIL"
			   : !strcmp(state, "not applicable") ? "n/a "
							      : "ok  ";

	(void)payload;
	printf("  %s  %s%s%s\n", mark, json_str(check, "what", ""), *why ? "   " : "", why);
	fflush(stdout);
}

static size_t failed(const json_t *checks)
{
	json_t *check;
	size_t i, n = 0;

	json_array_foreach((json_t *)checks, i, check)
		n += !json_bool(check, "ok", false);
	return n;
}

static int answer(const struct version *v, json_t *checks, bool ok, bool json)
{
	char *ref = version_ref(v);
	int rc = 0;

	if (json)
		rc = cmd_json(json_pack("{s:s,s:s,s:b,s:O}", "ref", ref, "id", v->id, "passed", ok,
					"checks", checks));
	else if (ok)
		printf("%s passed\n", ref);
	if (!rc && !ok)
		rc = error_set(ERR_NO, "%s did not pass: %zu of %zu checks fail", ref,
			       failed(checks), json_array_size(checks));
	free(ref);
	return rc;
}

static int validate(struct repo *repo, struct validation_ask *ask, bool json)
{
	json_t *checks = NULL;
	bool ok = false;
	int rc;

	if (!json)
		ask->on_check = print_check;
	rc = validation_run(repo, ask, &checks, &ok);
	if (!rc)
		rc = answer(ask->model, checks, ok, json);
	json_decref(checks);
	return rc;
}

/* The pipe's end tells that it runs; nothing but that is said here, the record has the rest. */
static void say_begun(void *payload)
{
	int *fd = payload;

	if (write(*fd, "r", 1) == 1 && close(*fd) == 0)
		*fd = -1;
}

/* In the child, which nobody waits for: a repository of its own, and no terminal. */
static _Noreturn void work_alone(const char *home, struct validation_ask *ask, int fd)
{
	struct repo *repo = NULL;
	json_t *checks = NULL;
	bool ok;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), rc;

	setsid();
	for (int i = 0; i < 3 && null >= 0; i++)
		dup2(null, i);
	ask->on_begin = say_begun;
	ask->payload = &fd;
	rc = repo_open(home, REPO_WRITE, &repo);
	if (!rc)
		rc = validation_run(repo, ask, &checks, &ok);
	if (rc && fd >= 0) /* it never began: the reason goes to who asked */
		rc = write(fd, error_text(), strlen(error_text())) < 0;
	json_decref(checks);
	repo_close(repo);
	_exit(rc ? 1 : 0);
}

/* "r" when it runs, else why it does not. */
static int hear(int fd, const char *ref)
{
	char said[1024];
	size_t n = 0;
	ssize_t got;

	while (n < sizeof said - 1 && (got = read(fd, said + n, sizeof said - 1 - n)) > 0)
		n += (size_t)got;
	said[n] = '\0';
	if (!strcmp(said, "r"))
		return 0;
	return error_set(ERR_FAIL, "cannot validate %s: %s", ref, n ? said : "its process ended");
}

static int start(struct repo *repo, struct validation_ask *ask, bool json)
{
	char *ref = version_ref(ask->model);
	int fds[2], rc = validation_refuse(repo, ask->model);
	pid_t pid = -1;

	if (!rc && pipe2(fds, O_CLOEXEC) < 0)
		rc = error_errno("cannot make a pipe");
	if (rc) {
		free(ref);
		return rc;
	}
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		work_alone(repo_workdir(repo), ask, fds[1]);
	}
	close(fds[1]);
	rc = pid < 0 ? error_errno("cannot start a process") : hear(fds[0], ref);
	close(fds[0]);
	if (!rc && json)
		rc = cmd_json(json_pack("{s:s,s:s,s:s,s:i}", "ref", ref, "id", ask->model->id,
					"state", "running", "pid", (int)pid));
	else if (!rc)
		printf("%s\n", ref);
	free(ref);
	return rc;
}

static int run(struct repo *repo, const void *p)
{
	const struct validate_args *args = p;
	char *space = NULL, *name = NULL;
	struct version v = VERSION_INIT;
	struct validation_ask ask = { .model = &v };
	int rc = args->as ? release_parse_name(args->as, &space, &name) : 0;

	ask.space = space;
	ask.name = name;
	if (!rc)
		rc = pick_version(repo, "model", args->model, &v);
	if (!rc)
		rc = args->async ? start(repo, &ask, args->json) : validate(repo, &ask, args->json);
	version_clear(&v);
	free(space);
	free(name);
	return rc;
}

const struct cmd cmd_validate = {
	.name = "validate",
	.summary = "check whether a model is fit to be released",
	.group = GROUP_RELEASE,
	.flags = CMD_NEEDS_REPO,
	.opts = opts,
	.args_size = sizeof(struct validate_args),
	.run = run,
};
