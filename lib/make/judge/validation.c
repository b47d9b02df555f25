/* validation.c - run all checks of a model between two events, live while its lock is held. */
#define _GNU_SOURCE
#include "lib/make/judge/validation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/make/judge/headfile.h"
#include "lib/make/judge/vetting.h"
#include "lib/record/content/code.h"
#include "lib/record/event.h"
#include "lib/record/run/run.h"
#include "lib/store/lock.h"

enum { PAUSE_MS = 50 };

/* The run that validates the version of this id; NULL: none does. Borrowed from live. */
static const json_t *run_of(const json_t *live, const char *id)
{
	json_t *run;
	size_t i;

	json_array_foreach((json_t *)live, i, run)
		if (!strcmp(json_str(run, "validates", ""), id))
			return run;
	return NULL;
}

static int refuse_live(struct repo *r, const struct version *model)
{
	json_t *live = NULL;
	const json_t *run;
	int rc = run_live(r, &live);

	run = rc ? NULL : run_of(live, model->id);
	if (run) {
		rc = error_set(ERR_BUSY, "%s/%s@%lld is being validated by process %lld",
			       model->kind, model->name, (long long)model->number,
			       (long long)json_int(run, "pid", 0));
		error_hint(rc, "mich wait %s@%lld", model->name, (long long)model->number);
	}
	json_decref(live);
	return rc;
}

static int refuse(struct repo *r, const struct version *model, const struct spec *head)
{
	int rc = headfile_check_gates(r, head, model->name);

	if (strcmp(model->kind, "model"))
		return error_set(ERR_INPUT, "cannot validate %s/%s@%lld: it is no model",
				 model->kind, model->name, (long long)model->number);
	return rc ? rc : refuse_live(r, model);
}

int validation_refuse(struct repo *r, const struct version *model)
{
	struct spec *head = NULL;
	int rc = headfile_open(r, &head);

	if (!rc)
		rc = refuse(r, model, head);
	spec_free(head);
	return rc;
}

static int vet(struct vetting *v)
{
	int rc = vetting_built_in(v);

	if (!rc)
		rc = vetting_gates(v);
	return rc ? rc : vetting_commands(v);
}

/* HEAD's commit, "" when there is none yet: what the gates and checks were read from. */
static void head_commit(struct repo *r, char out[41])
{
	const struct strlist none = STRLIST_INIT;
	struct code head = CODE_INIT;

	out[0] = '\0';
	if (code_snapshot(r, &none, &head))
		error_clear();
	else
		memcpy(out, head.commit, 41);
	code_clear(&head);
}

/* "passed", "failed: 2 of 9 checks": what the journal says in a line. Caller frees. */
static char *in_short(const struct vetting *v)
{
	size_t i, failed = 0;
	json_t *check;

	json_array_foreach(v->checks, i, check)
		failed += !json_bool(check, "ok", false);
	return v->ok ? xstrdup("passed")
		     : xasprintf("failed: %zu of %zu checks", failed, json_array_size(v->checks));
}

/* The verdict; reason: why it came to none. */
static int record(struct vetting *v, const char *reason)
{
	char commit[41], *text = in_short(v);
	json_t *data;
	int rc;

	head_commit(v->repo, commit);
	data = json_pack("{s:b,s:O,s:s}", "passed", v->ok, "checks", v->checks, "commit", commit);
	if (reason)
		json_object_set_new(data, "reason", json_bytes(reason));
	else
		json_object_set_new(data, "text", json_string(text));
	rc = event_record(v->repo, &v->model, "validated", data);
	json_decref(data);
	free(text);
	return rc;
}

/* What stopped it is recorded, and stays the reason that is told. */
static int record_broken(struct vetting *v, int rc)
{
	char *why = xstrdup(error_text()), *hint = xstrdup(error_hint_text());

	v->ok = false;
	record(v, why);
	error_set(rc, "%s", why);
	if (*hint)
		error_hint(rc, "%s", hint);
	free(why);
	free(hint);
	return rc;
}

/* Between the run that says it is live and the event that says what came of it. */
static int run_all(struct vetting *v)
{
	json_t *manifest = json_pack("{s:s}", "validates", v->model.id);
	struct run run;
	int rc = run_begin(v->repo, RUN_VALIDATION, v->model.name, manifest, &run);

	json_decref(manifest);
	if (rc)
		return rc;
	rc = event_record(v->repo, &v->model, "validating", NULL);
	if (!rc && v->ask->on_begin)
		v->ask->on_begin(v->ask->payload);
	if (!rc) {
		rc = vet(v);
		rc = rc ? record_broken(v, rc) : record(v, NULL);
	}
	run_end(&run);
	return rc;
}

int validation_run(struct repo *r, const struct validation_ask *ask, json_t **checks, bool *ok)
{
	struct vetting v = { .repo = r, .ask = ask, .checks = json_array(), .ok = true };
	int rc = headfile_open(r, &v.head);

	if (!rc)
		rc = refuse(r, ask->model, v.head);
	if (!rc)
		rc = version_copy(ask->model, &v.model);
	if (!rc)
		rc = run_all(&v);
	*checks = v.checks;
	*ok = !rc && v.ok;
	version_clear(&v.model);
	spec_free(v.head);
	return rc;
}

int validation_live(struct repo *r, json_t **ids)
{
	json_t *live = NULL, *run;
	size_t i;
	int rc = run_live(r, &live);

	*ids = json_array();
	json_array_foreach(live, i, run) {
		json_t *id = json_object_get(run, "validates");

		if (id)
			json_array_append(*ids, id);
	}
	json_decref(live);
	return rc;
}

/* Until the lock of its folder is free, or the folder is gone. */
static int wait_for_lock(const char *dir, int64_t end_us)
{
	const struct timespec pause = { 0, PAUSE_MS * 1000000L };
	char *path = path_join(dir, "lock");
	int fd = open(path, O_RDWR | O_CLOEXEC), rc = 0;

	while (fd >= 0 && (rc = lock_try(fd)) == ERR_BUSY && access(path, F_OK) == 0) {
		if (clock_mono_us() >= end_us)
			break;
		nanosleep(&pause, NULL);
	}
	if (fd >= 0)
		close(fd);
	free(path);
	if (rc == ERR_BUSY && clock_mono_us() >= end_us)
		return error_set(ERR_TIMEOUT, "it is still being validated");
	error_clear();
	return 0;
}

int validation_wait(struct repo *r, const char *id, int64_t limit_ms)
{
	int64_t end_us = limit_ms ? clock_mono_us() + limit_ms * 1000 : INT64_MAX;
	int rc = 0;

	for (;;) {
		json_t *live = NULL;
		const json_t *run;

		rc = run_live(r, &live);
		run = rc ? NULL : run_of(live, id);
		if (run)
			rc = wait_for_lock(json_str(run, "dir", ""), end_us);
		json_decref(live);
		if (rc || !run)
			return rc ? rc : run_sweep(r);
	}
}
