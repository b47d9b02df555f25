/* attempt.c - the run folder, its programs, and the record of what came of it. */
#define _GNU_SOURCE
#include "lib/step/attempt.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/deal.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/utf8.h"
#include "lib/record/draft.h"
#include "lib/record/repo.h"
#include "lib/record/run/checkpoints.h"
#include "lib/step/environment.h"
#include "lib/step/options.h"
#include "lib/step/redact.h"
#include "lib/step/walls.h"
#include "lib/step/wording.h"
#include "lib/step/world.h"

char *attempt_input_path(const struct attempt *a, const struct step_input *in)
{
	char *dir = path_join(a->in, in->role), *path;

	if (!in->is_source || in->source.is_dir)
		return dir;
	path = path_join(dir, path_base(in->source.path));
	free(dir);
	return path;
}

/* A link is the stored bytes: where nothing bars a program of the user's from them it gets copies. */
static int place_input(struct attempt *a, const struct step_input *in)
{
	bool link = !a->apart && !a->step->limits.copy_inputs &&
		    (!a->step->command || process_can_bind());
	char *path = attempt_input_path(a, in);
	int rc;

	if (in->is_source) {
		rc = file_make_parents(path);
		if (!rc)
			rc = source_place(a->repo, &in->source, link ? PLACE_LINK : PLACE_COPY,
					  path);
	} else {
		rc = version_place(a->repo, &in->version, link ? PLACE_LINK : PLACE_COPY, path);
	}
	free(path);
	return rc ? error_wrap(rc, "input '%s'", in->ref) : 0;
}

static int place_all(struct attempt *a)
{
	int rc = code_place(a->repo, &a->step->code, a->work);

	for (size_t i = 0; !rc && i < a->step->n_inputs; i++)
		rc = place_input(a, &a->step->inputs[i]);
	return rc;
}

/* The step is const for whoever reads it; importing only adds bytes to the store. */
static int import_sources(struct attempt *a)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < a->step->n_inputs; i++)
		if (a->step->inputs[i].is_source)
			rc = source_import(a->repo, (struct source *)&a->step->inputs[i].source);
	return rc;
}

static void attempt_clear(struct attempt *a)
{
	run_end(&a->run);
	free(a->work);
	free(a->in);
	free(a->out);
	free(a->tmp);
	free(a->log);
	free(a->events);
	strlist_clear(&a->extra);
	json_decref(a->metrics);
	json_decref(a->profile);
	json_decref(a->judged);
	json_decref(a->facts);
	*a = (struct attempt){ 0 };
}

/* A pod may make no mounts, so what it reads is a copy. */
static int find_apart(struct attempt *a)
{
	struct settings s = { 0 };
	int rc = world_asked(a->step) ? options_read(a->repo, &s) : 0;

	a->apart = s.launch && !strcmp(s.launch, "k8s");
	settings_clear(&s);
	return rc;
}

int attempt_begin(struct repo *r, const struct step *s, bool echo, struct attempt *a)
{
	json_t *manifest = step_manifest(s);
	int rc;

	*a = (struct attempt){ .repo = r,
			       .step = s,
			       .echo = echo,
			       .facts = json_object(),
			       .threads = s->limits.threads ? s->limits.threads : deal_cores(),
			       .started_ms = clock_now_ms() };
	rc = run_begin(r, s->kind, s->name, manifest, &a->run);
	json_decref(manifest);
	if (rc)
		goto out;
	a->work = path_join(a->run.dir, "work");
	a->in = path_join(a->run.dir, "in");
	a->out = path_join(a->run.dir, "out");
	a->tmp = path_join(a->run.dir, "tmp");
	a->log = path_join(a->run.dir, "log");
	a->events = path_join(a->run.dir, "events.jsonl");
	if ((rc = file_make_dirs(a->work)) || (rc = file_make_dirs(a->in)) ||
	    (rc = file_make_dirs(a->out)) || (rc = file_make_dirs(a->tmp)))
		goto out;
	rc = find_apart(a);
	if (!rc)
		rc = import_sources(a);
	if (!rc)
		rc = place_all(a);
	if (!rc && checkpoints_take(r, s->fingerprint, a->run.dir))
		json_object_set_new(a->facts, "resumed", json_true());
out:
	if (rc)
		attempt_clear(a);
	return rc;
}

/* What is recorded is what lies in this folder, so a link or a file in its place records nothing. */
static int check_out(const struct attempt *a)
{
	struct stat st;

	if (lstat(a->out, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	error_set(ERR_STEP,
		  "its program left something else where the folder $MICH_OUT was, or nothing");
	return error_hint(ERR_STEP, "fill the folder that $MICH_OUT names; do not replace it");
}

int attempt_program(struct attempt *a, const char *const *argv)
{
	struct strlist env = STRLIST_INIT, secrets = STRLIST_INIT;
	struct walls walls;
	struct process_plan plan = {
		.command = argv ? NULL : a->step->command,
		.argv = argv,
		.env = &env,
		.dir = a->work,
		.log_path = a->log,
		.echo = a->echo,
		.time_limit_ms = a->step->limits.time_ms,
		.memory_bytes = a->step->limits.memory_bytes,
		.no_network = a->step->limits.no_network,
		.forward = true,
		.mask = &secrets,
		.tick = a->tick,
		.tick_payload = a,
	};
	int rc = environment_build(a, &env);

	redact_words(a->step, &secrets);
	if (a->apart)
		walls = (struct walls){ .path = STRLIST_INIT };
	else
		walls_build(a, &walls);
	plan.binds = walls.v;
	plan.n_binds = walls.n;
	if (!rc)
		rc = world_asked(a->step) ? world_run(a, &plan) : process_run(&plan, &a->last);
	a->ran = true;
	if (a->tick)
		a->tick(a); /* what it reported last */
	if (!rc)
		rc = check_out(a);
	walls_clear(&walls);
	strlist_clear(&secrets);
	strlist_clear(&env);
	return rc;
}

int attempt_body(struct attempt *a, int (*body)(void *), void *payload)
{
	struct process_plan plan = {
		.body = body,
		.payload = payload,
		.dir = a->work,
		.log_path = a->log,
		.echo = a->echo,
		.time_limit_ms = a->step->limits.time_ms,
		.memory_bytes = a->step->limits.memory_bytes,
		.tick = a->tick,
		.tick_payload = a,
	};
	int rc = process_run(&plan, &a->last);

	a->ran = true;
	return rc;
}

int attempt_helper(struct attempt *a, const char *command, int64_t time_limit_ms)
{
	struct process_plan plan = {
		.command = command,
		.log_path = a->log,
		.echo = a->echo,
		.time_limit_ms = a->step->limits.time_ms ? a->step->limits.time_ms : time_limit_ms,
		.tick = a->tick,
		.tick_payload = a,
	};
	int rc = process_run(&plan, &a->last);

	a->ran = true;
	return rc;
}

/* What ran, where, and which of the limits that were asked held. */
static void add_facts(const struct attempt *a, json_t *m)
{
	char started[CLOCK_ISO_BYTES], finished[CLOCK_ISO_BYTES];

	clock_iso(a->started_ms, started);
	clock_iso(clock_now_ms(), finished);
	json_object_set_new(m, "started", json_string(started));
	json_object_set_new(m, "finished", json_string(finished));
	json_object_set_new(m, "threads", json_integer(a->threads));
	if (!json_object_get(a->facts, "environment"))
		json_object_set_new(a->facts, "environment", environment_describe(a));
	json_object_update(m, a->facts);
	if (!a->ran)
		return;
	json_object_set_new(m, "usage",
			    json_pack("{s:I,s:I,s:I,s:I}", "elapsed_ms",
				      (json_int_t)a->last.elapsed_ms, "user_ms",
				      (json_int_t)a->last.user_ms, "system_ms",
				      (json_int_t)a->last.system_ms, "peak_bytes",
				      (json_int_t)a->last.peak_bytes));
	json_object_set_new(
		m, "isolation",
		json_pack("{s:s,s:s,s:s}", "network", a->last.network, "memory", a->last.memory,
			  "inputs",
			  a->apart || a->step->limits.copy_inputs ? "copy" : a->last.binds));
}

static void add_state(const struct attempt *a, json_t *m, int rc, const char *why)
{
	const char *state = rc == 0 ? "good" : rc == ERR_INTERRUPT ? "aborted" : "failed";

	json_object_set_new(m, "state", json_string(state));
	if (rc)
		json_object_set_new(m, "reason", json_string(why));
	if (rc && a->ran && a->last.exit_code)
		json_object_set_new(m, "exit", json_integer(a->last.exit_code));
}

static int record(struct attempt *a, json_t *manifest, bool good, struct version *out)
{
	const struct step *s = a->step;
	const char **ids = xcalloc(s->n_inputs + 1, sizeof *ids);
	struct source *sources = xcalloc(s->n_inputs + 1, sizeof *sources);
	struct draft d = {
		.kind = s->kind,
		.name = s->name,
		.manifest = manifest,
		.files_dir = good ? a->out : NULL,
		.code = &s->code,
		.sources = sources,
		.metrics = a->metrics,
		.profile = a->profile,
		.events_path = a->events,
		.log_path = a->log,
		.inputs = ids,
	};
	int rc;

	for (size_t i = 0; i < s->n_inputs; i++)
		if (s->inputs[i].is_source)
			sources[d.n_sources++] = s->inputs[i].source; /* borrowed */
		else
			ids[d.n_inputs++] = s->inputs[i].version.id;
	rc = draft_record(a->repo, &d, out);
	free(ids);
	free(sources);
	return rc;
}

/* Where to read on, when a program of the user's failed and all that is known is its exit code. */
static void hint_log(const struct attempt *a, int rc, const struct version *v)
{
	if (rc == ERR_STEP && a->ran && a->step->command && v->kind && !*error_hint_text())
		error_hint(rc, "mich cat %s/%s@%lld:log shows what it said", v->kind, v->name,
			   (long long)v->number);
}

static int record_as(struct attempt *a, int rc, const char *why, struct version *out)
{
	json_t *manifest = step_manifest(a->step);
	int recorded;

	add_facts(a, manifest);
	add_state(a, manifest, rc, why);
	recorded = record(a, manifest, rc == 0, out);
	json_decref(manifest);
	return recorded;
}

/*
 * What failed is recorded without what it made, whose room on a full disk the record may need; where
 * even that is not enough, without its log.
 */
static int record_failure(struct attempt *a, int rc, const char *why, struct version *out)
{
	int recorded = redact_secrets(a);

	file_remove_tree(a->out);
	file_remove_tree(a->work);
	file_remove_tree(a->tmp);
	if (!recorded)
		recorded = record_as(a, rc, why, out);
	if (!recorded)
		return 0;
	unlink(a->log);
	unlink(a->events);
	return record_as(a, rc, why, out);
}

/* Was it cut short, rather than wrong? Then what it kept is for whoever trains it again. */
static bool goes_on_later(const struct attempt *a, int rc)
{
	return a->ran && (rc == ERR_BUSY || rc == ERR_INTERRUPT || rc == ERR_TIMEOUT ||
			  (rc == ERR_STEP && a->last.signal == SIGKILL));
}

/* Record why it failed; the reason stays set, whatever becomes of the record. */
static void fail(struct attempt *a, int rc, struct version *out)
{
	char *why, *hint;
	bool kept = false;
	int recorded;

	wording_set(a, rc);
	why = xstrdup(error_text());
	utf8_clean(why);
	hint = xstrdup(error_hint_text());
	recorded = record_failure(a, rc, why, out);
	if (goes_on_later(a, rc))
		kept = checkpoints_keep(a->repo, a->step->fingerprint, a->run.dir);
	error_set(rc, "%s", why); /* it matters more than why that could not be recorded */
	if (*hint)
		error_hint(rc, "%s", hint);
	else if (kept)
		error_hint(rc, "the same command goes on from its last checkpoint");
	else if (rc == ERR_BUSY && a->ran)
		error_hint(rc, "its program asks for the same command again, later");
	if (!recorded)
		hint_log(a, rc, out);
	free(why);
	free(hint);
}

int attempt_finish(struct attempt *a, int rc, struct version *out)
{
	if (!rc)
		rc = redact_secrets(a);
	if (!rc)
		rc = record_as(a, 0, "", out);
	if (rc)
		fail(a, rc, out);
	attempt_clear(a);
	return rc;
}

void attempt_discard(struct attempt *a)
{
	attempt_clear(a);
}
