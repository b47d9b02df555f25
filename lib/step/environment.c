/* environment.c - build a program's variables from nothing. */
#define _GNU_SOURCE
#include "lib/step/environment.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "lib/base/mem.h"
#include "lib/launch/process.h"
#include "lib/launch/ranks/resume.h"
#include "lib/spec/command.h"
#include "lib/step/attempt.h"

enum { PYTHON_LIMIT_MS = 20000 };

/* Seen and recorded, not in the fingerprint. */
static const char *const passed[] = { "LD_LIBRARY_PATH", "http_proxy", "https_proxy", "no_proxy",
				      "ftp_proxy",	 "all_proxy",  "HTTP_PROXY",  "HTTPS_PROXY",
				      "NO_PROXY",	 "SSL_CERT_*", "NCCL_*",      "OMP_*",
				      "SLURM_*" };
/* Seen always: the machine's own. */
static const char *const machine[] = { "PATH", "HOME", "CUDA_VISIBLE_DEVICES" };

extern char **environ;

char *environment_role(const char *role)
{
	char *s = xstrdup(role);

	for (char *p = s; *p; p++)
		*p = isalnum((unsigned char)*p) ? (char)toupper((unsigned char)*p) : '_';
	return s;
}

static void add_own(struct strlist *env, const char *name)
{
	const char *v = getenv(name);

	if (v)
		strlist_addf(env, "%s=%s", name, v);
}

static bool is_passed(const struct step *s, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(passed); i++)
		if (!fnmatch(passed[i], name, 0))
			return true;
	return strlist_has(&s->limits.pass, name);
}

/* Call fn for each NAME=VALUE of ours that is passed on. */
static void each_passed(const struct step *s,
			void (*fn)(const char *name, const char *value, void *), void *payload)
{
	for (char **e = environ; *e; e++) {
		const char *eq = strchr(*e, '=');
		char *name;

		if (!eq)
			continue;
		name = xstrndup(*e, (size_t)(eq - *e));
		if (is_passed(s, name))
			fn(name, eq + 1, payload);
		free(name);
	}
}

static void to_env(const char *name, const char *value, void *payload)
{
	strlist_addf(payload, "%s=%s", name, value);
}

/* A proxy's address may hold a password: what stands before the host is recorded as three stars. */
static void to_json(const char *name, const char *value, void *payload)
{
	const char *login = strstr(value, "://"), *at = NULL;
	char *masked;

	if (login)
		at = memrchr(login + 3, '@', strcspn(login + 3, "/"));
	if (!at) {
		json_object_set_new(payload, name, json_bytes(value));
		return;
	}
	masked = xasprintf("%.*s***%s", (int)(login + 3 - value), value, at);
	json_object_set_new(payload, name, json_bytes(masked));
	free(masked);
}

static json_t *passed_of(const struct step *s)
{
	json_t *o = json_object();

	each_passed(s, to_json, o);
	return o;
}

/* Where PATH, or for a name with a slash the step's own folder, has a program; caller frees. NULL: nowhere. */
static char *find_program(const struct attempt *a, const char *name)
{
	struct strlist dirs = STRLIST_INIT;
	const char *path = getenv("PATH");
	char *found = NULL;

	if (strchr(name, '/')) {
		found = *name == '/' ? xstrdup(name) : path_join(a->work, name);
		if (access(found, X_OK) == 0)
			return found;
		free(found);
		return NULL;
	}
	strlist_split(&dirs, path ? path : "/usr/bin:/bin", ":");
	for (size_t i = 0; i < dirs.n && !found; i++) {
		found = path_join(dirs.v[i], name);
		if (access(found, X_OK) < 0) {
			free(found);
			found = NULL;
		}
	}
	strlist_clear(&dirs);
	return found;
}

/* Python tells its own version and every package that it would import. */
static void describe_python(const char *program, json_t *out)
{
	static const char
		script[] = /* nothing of the folder that mich was started in is imported */
		"import sys\n"
		"sys.path[:] = [p for p in sys.path if p]\n"
		"import json, importlib.metadata as m\n"
		"print(json.dumps({'python': sys.version.split()[0], 'packages': "
		"{d.metadata['Name']: d.version for d in m.distributions() if d.metadata['Name']}}))";
	const char *const argv[] = { program, "-c", script, NULL };
	struct buf b = BUF_INIT;
	json_t *said = NULL;

	if (process_capture(argv, PYTHON_LIMIT_MS, &b) == 0 &&
	    json_parse(b.data, b.len, program, &said) == 0)
		json_object_update(out, said);
	error_clear();
	json_decref(said);
	buf_clear(&b);
}

json_t *environment_describe(const struct attempt *a)
{
	json_t *out = json_pack("{s:o}", "passed", passed_of(a->step));
	struct strlist words = STRLIST_INIT;
	char sha[HASH_HEX + 1], *program = NULL;

	if (a->step->command)
		command_words(a->step->command, &words);
	for (size_t i = 0; i < words.n && !program; i++) /* past NAME=VALUE */
		if (!strchr(words.v[i], '='))
			program = find_program(a, words.v[i]);
	if (program && hash_file(program, sha, NULL) == 0) {
		json_object_set_new(out, "program", json_string(program));
		json_object_set_new(out, "sha256", json_string(sha));
		if (!strncmp(path_base(program), "python", 6))
			describe_python(program, out);
	}
	error_clear();
	strlist_clear(&words);
	free(program);
	return out;
}

static void add_inputs(const struct attempt *a, struct strlist *env)
{
	for (size_t i = 0; i < a->step->n_inputs; i++) {
		char *role = environment_role(a->step->inputs[i].role);
		char *path = attempt_input_path(a, &a->step->inputs[i]);

		strlist_addf(env, "MICH_IN_%s=%s", role, path);
		free(role);
		free(path);
	}
}

/* Where it keeps what it would go on from, and what is there of a run that was cut short. */
static void add_checkpoint(const struct attempt *a, struct strlist *env)
{
	char *dir = path_join(a->run.dir, "checkpoint"), *newest = resume_find(dir);

	strlist_addf(env, "MICH_CHECKPOINT=%s", dir);
	if (newest)
		strlist_addf(env, "MICH_RESUME=%s", newest);
	free(newest);
	free(dir);
}

int environment_check(const struct step *s)
{
	for (size_t i = 0; i < s->limits.secret.n; i++) {
		const char *name = s->limits.secret.v[i];

		if (!getenv(name))
			return error_hint(error_set(ERR_INPUT, "its secret '%s' is not set", name),
					  "export %s=...", name);
	}
	return 0;
}

int environment_build(const struct attempt *a, struct strlist *env)
{
	const struct step *s = a->step;
	struct buf params = BUF_INIT;

	for (size_t i = 0; i < ARRAY_LEN(machine); i++)
		add_own(env, machine[i]);
	each_passed(s, to_env, env);
	for (size_t i = 0; i < s->limits.env.n; i++)
		add_own(env, s->limits.env.v[i]);
	json_canonical(s->params, &params);
	strlist_addf(env, "TMPDIR=%s", a->tmp);
	strlist_add(env, "LC_ALL=C.UTF-8");
	strlist_add(env, "TZ=UTC");
	strlist_add(env, "PYTHONHASHSEED=0");
	strlist_addf(env, "MICH_OUT=%s", a->out);
	strlist_addf(env, "MICH_PARAMS=%s", params.data);
	strlist_addf(env, "MICH_SEED=%lld", (long long)s->seed);
	if (json_str(s->recipe, "determinism", NULL))
		strlist_addf(env, "MICH_DETERMINISM=%s", json_str(s->recipe, "determinism", ""));
	strlist_addf(env, "MICH_THREADS=%d", a->threads);
	strlist_addf(env, "MICH_EVENTS=%s", a->events);
	add_checkpoint(a, env);
	if (s->refresh)
		strlist_addf(env, "MICH_REFRESH=%s", s->refresh);
	add_inputs(a, env);
	for (size_t i = 0; i < a->extra.n; i++)
		strlist_add(env, a->extra.v[i]);
	buf_clear(&params);
	for (size_t i = 0; i < s->limits.secret.n; i++)
		add_own(env, s->limits.secret.v[i]);
	return environment_check(s);
}
