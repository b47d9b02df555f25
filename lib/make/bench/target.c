/* target.c - one command through ssh, the bench as its input and the figures as its output. */
#define _GNU_SOURCE
#include "lib/make/bench/target.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/hardware.h"
#include "lib/base/mem.h"
#include "lib/make/bench/benchjob.h"
#include "lib/make/bundle.h"
#include "lib/record/repo.h"

static const char HARDWARE[] = "mich bench --hardware", STDIN[] = "mich bench --stdin";

enum {
	ASK_LIMIT_MS = 60 * 1000,
	MOVE_LIMIT_MS = 900 * 1000, /* to get there and back, beside what is measured */
	ANSWER_BLOCKS = 2048,	    /* of 512 bytes: more is no answer */
	SSH_FAILED = 255
};

int target_check(const char *host)
{
	if (*host && *host != '-' && hardware_is_plain(host) && !strpbrk(host, " \t"))
		return 0;
	return error_set(ERR_INPUT, "'%s' is no host that ssh could reach", host);
}

/* --- reaching it ---------------------------------------------------------------------------------- */

/* A line of sh that runs `there` on the host; caller frees. */
static int ssh_line(struct repo *r, const char *host, const char *there, char **out)
{
	const char *env = getenv("GIT_SSH_COMMAND"), *program = getenv("GIT_SSH");
	char *set = NULL, *ssh, *quoted_host, *quoted;
	int rc = target_check(host);

	if (!rc && !(env && *env))
		rc = repo_config(r, "core.sshCommand", &set);
	if (rc < 0)
		return rc;
	ssh = env && *env ? xstrdup(env)
	      : set	  ? xstrdup(set)
			  : process_quote(program && *program ? program : "ssh");
	quoted_host = process_quote(host);
	quoted = process_quote(there);
	*out = xasprintf("%s %s %s", ssh, quoted_host, quoted);
	free(quoted_host);
	free(quoted);
	free(ssh);
	free(set);
	return 0;
}

/* why: the last that was said there, or what befell ssh. */
static int unreached(const char *host, const char *why)
{
	char *said = xstrdup(why), *quoted = process_quote(host);
	int rc = error_set(ERR_FAIL, "target '%s': %s", host, said);

	error_hint(rc, "mich must be on the PATH there; try: ssh %s %s", quoted, HARDWARE);
	free(quoted);
	free(said);
	return rc;
}

static int no_answer(const char *host)
{
	char *why = xstrdup(error_text());
	int rc = error_set(ERR_INPUT, "what target '%s' answered cannot be used: %s", host, why);

	free(why);
	return error_hint(rc, "it must have this mich, and its shell must print nothing itself");
}

/* --- what machine it is --------------------------------------------------------------------------- */

/* {HOST: hardware}; new reference. */
static json_t *remembered(struct repo *r)
{
	char *path = path_join(repo_mich_dir(r), "targets.json");
	json_t *known = NULL;

	if (file_exists(path) && json_read(path, &known) < 0)
		error_clear(); /* then it is asked again */
	free(path);
	if (json_is_object(known))
		return known;
	json_decref(known);
	return json_object();
}

char *target_id(struct repo *r, const char *host)
{
	json_t *known = remembered(r);
	const char *id = json_str(json_object_get(known, host), "id", NULL);
	char *copy = id ? xstrdup(id) : NULL;

	json_decref(known);
	return copy;
}

/* 1: it was another one. */
static int remember(struct repo *r, const char *host, json_t *hardware)
{
	json_t *known = remembered(r);
	char *path = path_join(repo_mich_dir(r), "targets.json");
	const char *id = json_str(json_object_get(known, host), "id", "");
	int rc = 0, other = strcmp(id, json_str(hardware, "id", "")) != 0;

	json_object_set(known, host, hardware);
	if (other)
		rc = json_write(path, known);
	json_decref(known);
	free(path);
	return rc ? rc : other;
}

int target_ask(struct repo *r, const char *host)
{
	const char *argv[] = { "/bin/sh", "-c", NULL, NULL };
	struct buf said = BUF_INIT;
	json_t *answer = NULL;
	char *line = NULL;
	int rc = ssh_line(r, host, HARDWARE, &line);

	if (rc)
		return rc;
	argv[2] = line;
	rc = process_capture(argv, ASK_LIMIT_MS, &said);
	if (rc == ERR_STEP || rc == ERR_TIMEOUT)
		rc = unreached(host, error_text());
	else if (!rc && benchjob_parse(said.data, said.len, NULL, &answer) < 0)
		rc = no_answer(host);
	if (!rc)
		rc = remember(r, host, json_object_get(answer, "hardware"));
	json_decref(answer);
	buf_clear(&said);
	free(line);
	return rc;
}

/* --- measuring there ------------------------------------------------------------------------------ */

static int pack(struct attempt *a, const struct benchmark *b, const char *tar)
{
	char *dir = path_join(a->tmp, "job"), *model = path_join(dir, "model");
	struct benchjob job = { b, a->step->limits.memory_bytes, dir };
	const struct step_input *in = step_find_input(a->step, "model");
	int rc = file_make_dirs(dir);

	if (!rc)
		rc = version_place(a->repo, &in->version, PLACE_LINK, model);
	if (!rc)
		rc = attempt_body(a, benchjob_write, &job);
	if (!rc)
		rc = bundle_run("pack", dir, tar);
	free(model);
	free(dir);
	return rc;
}

static int failed_there(struct attempt *a, const char *host)
{
	char *said = process_log_tail(a->log, 3);
	int rc = unreached(host, *said ? said : error_text());

	if (a->last.exit_code != SSH_FAILED && a->last.exit_code != 127)
		error_set(rc, "%s", error_text()); /* it was reached: no hint how */
	free(said);
	return rc;
}

/* Its output goes to a file that cannot outgrow an answer; what it says besides is the log. */
static int send_bench(struct attempt *a, const char *host, const struct benchmark *b,
		      const char *tar, const char *answer)
{
	char *ssh = NULL, *from = process_quote(tar), *to = process_quote(answer), *line;
	int64_t limit = MOVE_LIMIT_MS + (int64_t)(b->seconds * 1200 * (double)b->n_batch);
	int rc = ssh_line(a->repo, host, STDIN, &ssh);

	line = xasprintf("ulimit -f %d; %s <%s >%s", ANSWER_BLOCKS, ssh ? ssh : "", from, to);
	if (!rc)
		rc = attempt_helper(a, line, limit);
	if (rc == ERR_STEP)
		rc = failed_there(a, host);
	free(line);
	free(ssh);
	free(from);
	free(to);
	return rc;
}

static int read_answer(const char *path, const char *host, const struct benchmark *b, json_t **out)
{
	struct buf said = BUF_INIT;
	int rc = file_read(path, &said);

	if (!rc && benchjob_parse(said.data, said.len, b, out) < 0)
		rc = no_answer(host);
	buf_clear(&said);
	return rc;
}

/* The version says which hardware it is of, before it is known: it must have stayed that. */
static int check_same(struct attempt *a, const char *host, json_t *hardware)
{
	const char *id = json_str(hardware, "id", ""),
		   *asked = json_str(a->step->params, "hardware", "");
	int rc;

	if (!strcmp(id, asked))
		return 0;
	rc = remember(a->repo, host, hardware);
	if (rc < 0)
		return rc;
	rc = error_set(ERR_FAIL, "target '%s' is hardware %s now, and was %s when it was asked",
		       host, id, asked);
	return error_hint(rc, "type it again to measure that one");
}

int target_measure(struct attempt *a, const char *host, const struct benchmark *b, json_t **out)
{
	char *tar = path_join(a->tmp, "job.tar"), *answer = path_join(a->tmp, "answer.json");
	int rc = pack(a, b, tar);

	if (!rc)
		rc = send_bench(a, host, b, tar, answer);
	if (!rc)
		rc = read_answer(answer, host, b, out);
	if (!rc)
		rc = check_same(a, host, json_object_get(*out, "hardware"));
	free(tar);
	free(answer);
	return rc;
}
