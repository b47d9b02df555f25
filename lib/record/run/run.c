/*
 * run.c - one attempt at making a version. The folder is made and locked below tmp/ and then moved
 * to runs/, so whoever finds a run there with a free lock knows that its process is gone.
 */
#define _GNU_SOURCE
#include "lib/record/run/run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/stray.h"
#include "lib/record/draft.h"
#include "lib/record/event.h"
#include "lib/record/inside.h"
#include "lib/record/run/checkpoints.h"
#include "lib/record/run/holder.h"
#include "lib/record/run/scratch.h"
#include "lib/record/version.h"

enum { LEFT_MS = 5000 }; /* a guard ends what a killed mich had started in some milliseconds */

static char *run_id(int64_t now_ms)
{
	time_t t = (time_t)(now_ms / 1000);
	unsigned char salt[4] = { 0 };
	struct tm tm;
	char at[32];

	if (getrandom(salt, sizeof salt, 0) < 0)
		memcpy(salt, &(pid_t){ getpid() }, sizeof salt);
	gmtime_r(&t, &tm);
	strftime(at, sizeof at, "%Y%m%dT%H%M%S", &tm);
	return xasprintf("%s-%02x%02x%02x%02x", at, salt[0], salt[1], salt[2], salt[3]);
}

static int write_run(struct repo *r, const char *dir, const char *kind, const char *name,
		     const json_t *manifest)
{
	char *path = path_join(dir, "run.json");
	json_t *v = json_pack("{s:s, s:s, s:s, s:I, s:O?}", "kind", kind, "name", name, "host",
			      repo_host(r), "started", (json_int_t)clock_now_ms(), "manifest",
			      (json_t *)(uintptr_t)manifest);
	int rc;

	holder_write(v);
	rc = json_write(path, v);
	json_decref(v);
	free(path);
	return rc;
}

static int lock_folder(const char *dir)
{
	char *path = path_join(dir, "lock");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666), rc;

	if (fd < 0)
		rc = error_errno("cannot create '%s'", path);
	else if ((rc = lock_try(fd)) < 0)
		close(fd);
	free(path);
	return rc < 0 ? rc : fd;
}

/* The run is live: who removes files from here on sees it. Who began before is waited for. */
static int wait_for_collect(struct repo *r)
{
	char *path = path_join(r->mich_dir, COLLECT_LOCK);
	int fd = -1, rc = lock_take(path, "the removal of files", &r->wait, &fd);

	if (fd >= 0)
		close(fd);
	free(path);
	return rc;
}

int run_begin(struct repo *r, const char *kind, const char *name, const json_t *manifest,
	      struct run *out)
{
	char *id = run_id(clock_now_ms()), *temp = xasprintf("%s/run-%s", r->scratch_dir, id);
	char *runs = path_join(r->mich_dir, "runs"), *dir = path_join(runs, id);
	int fd = -1, rc = file_make_dirs(temp);

	*out = (struct run){ .lock_fd = -1 };
	if (!rc)
		rc = fd = lock_folder(temp);
	if (rc >= 0)
		rc = write_run(r, temp, kind, name, manifest);
	if (!rc)
		rc = file_make_dirs(runs);
	if (!rc && rename(temp, dir) < 0)
		rc = error_errno("cannot make the run folder '%s'", dir);
	else if (!rc && (rc = wait_for_collect(r)) < 0)
		file_remove_tree(dir);
	if (rc < 0) {
		if (fd >= 0)
			close(fd);
		if (file_remove_tree(temp) < 0)
			rc = error_wrap(rc, "run");
		free(id);
		free(dir);
	} else {
		*out = (struct run){ .id = id, .dir = dir, .lock_fd = fd };
	}
	free(temp);
	free(runs);
	return rc < 0 ? rc : 0;
}

/* The folder first leaves runs/ in one step: what is half removed is nobody's run. */
static void remove_run(const char *dir, int lock_fd)
{
	char *gone =
		xasprintf("%.*s../tmp/gone-%s", (int)(path_base(dir) - dir), dir, path_base(dir));

	if (rename(dir, gone) < 0 || file_remove_tree(gone) < 0)
		error_clear(); /* fsck removes what is old there */
	free(gone);
	close(lock_fd);
}

void run_end(struct run *run)
{
	if (!run->dir)
		return;
	remove_run(run->dir, run->lock_fd);
	free(run->id);
	free(run->dir);
	*run = (struct run){ .lock_fd = -1 };
}

/* Ours to judge: the same kernel, or this host before it was started again. */
static bool is_ours(struct repo *r, const json_t *run)
{
	return holder_same_boot(run) || !strcmp(json_str(run, "host", ""), repo_host(r));
}

/* The version was recorded and only the folder was left behind. */
static bool is_recorded(struct repo *r, const json_t *run)
{
	const json_t *manifest = json_object_get(run, "manifest"),
		     *started = json_object_get(manifest, "started");
	const char *kind = json_str(run, "kind", ""), *name = json_str(run, "name", "");
	struct version *v = NULL;
	size_t n = 0;
	bool found = false;

	if (!started || version_list(r, kind, name, &v, &n) < 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		json_t *m = NULL;

		if (!found && !strcmp(v[i].fingerprint, json_str(manifest, "fingerprint", "")) &&
		    !strcmp(v[i].host, json_str(run, "host", "")) &&
		    version_manifest(r, &v[i], &m) == 0)
			found = json_equal(json_object_get(m, "started"), started);
		json_decref(m);
		version_clear(&v[i]);
	}
	free(v);
	return found;
}

static int record_aborted(struct repo *r, const char *dir, const json_t *run, int strays)
{
	json_t *manifest = json_deep_copy(json_object_get(run, "manifest"));
	char *log = path_join(dir, "log"), *events = path_join(dir, "events.jsonl");
	struct code code = CODE_INIT;
	struct version v = VERSION_INIT;
	struct draft d = { .kind = json_str(run, "kind", ""),
			   .name = json_str(run, "name", ""),
			   .log_path = log,
			   .events_path = events };

	if (json_array_size(json_object_get(manifest, "secrets")))
		d.events_path = NULL; /* whoever could mask them is gone */
	int rc;

	if (!manifest)
		manifest = json_object();
	json_object_set_new(manifest, "state", json_string("aborted"));
	json_object_set_new(
		manifest, "reason",
		json_string(strays ? "its process is gone, and what that had left running was ended"
				   : "its process is gone"));
	if (!json_object_get(manifest, "finished"))
		json_object_set_new(manifest, "finished", json_integer(clock_now_ms()));
	if (!json_object_get(manifest, "started"))
		json_object_set(manifest, "started", json_object_get(run, "started"));
	if (json_is_object(json_object_get(manifest, "code"))) {
		code_load(json_object_get(manifest, "code"), &code);
		d.code = &code;
	}
	d.manifest = manifest;
	rc = draft_record(r, &d, &v);
	version_clear(&v);
	code_clear(&code);
	json_decref(manifest);
	free(log);
	free(events);
	return rc;
}

/* A validation that was being made fails with its process; one that had its verdict keeps it. */
static int record_unvalidated(struct repo *r, const json_t *run)
{
	const char *id = json_str(json_object_get(run, "manifest"), "validates", "");
	struct version v = VERSION_INIT;
	json_t *data;
	int rc = *id ? version_by_id(r, id, &v) : ERR_NOT_FOUND;

	if (rc == ERR_NOT_FOUND)
		return 0; /* a part of one, or the version is gone */
	if (!rc && !strcmp(v.validation, "running")) {
		data = json_pack("{s:b,s:s,s:[]}", "passed", 0, "reason", "its process is gone",
				 "checks");
		rc = event_record(r, &v, "validated", data);
		json_decref(data);
	}
	version_clear(&v);
	return rc;
}

/*
 * Whoever kills mich and the guard of its program at once leaves what that program had started in sessions of its
 * own: its $MICH_OUT is known. Negative: some of it is still there.
 */
static int end_strays(const char *dir)
{
	char *out = xasprintf("/%s/out", path_base(dir));
	int n = stray_kill("MICH_OUT", out, LEFT_MS);

	free(out);
	return n;
}

/* Its lock is free. What cannot be read was never whole. */
static int sweep_one(struct repo *r, const char *dir, int fd)
{
	char *path = path_join(dir, "run.json");
	json_t *run = NULL;
	int rc = json_read(path, &run), strays = 0;

	if (rc < 0) {
		error_clear();
		remove_run(dir, fd);
	} else if (!is_ours(r, run) || (strays = end_strays(dir)) < 0) {
		close(fd);
	} else if (!strcmp(json_str(run, "kind", ""), RUN_VALIDATION)) {
		if (record_unvalidated(r, run) == 0)
			remove_run(dir, fd);
		else
			close(fd);
		error_clear();
	} else if (is_recorded(r, run)) {
		remove_run(dir, fd);
	} else if ((rc = record_aborted(r, dir, run, strays)) == 0) {
		checkpoints_keep(r, json_str(json_object_get(run, "manifest"), "fingerprint", ""),
				 dir);
		remove_run(dir, fd);
	} else {
		close(fd); /* the next command tries again */
		error_clear();
	}
	json_decref(run);
	free(path);
	return 0;
}

static bool is_left(const char *dir)
{
	char *path = path_join(dir, "run.json");
	json_t *run = NULL;
	bool left = json_read(path, &run) == 0 && holder_is_gone(run);

	json_decref(run);
	free(path);
	return left;
}

/*
 * The lock of a run that nobody holds, else ERR_BUSY. Where its mich was killed the guard holds it until it has
 * ended all that was started: that is waited for. Where the guard was killed too the launcher of ranks does so, which
 * a Ctrl-Z may have stopped before: it is woken.
 */
static int lock_ended(struct repo *r, const char *dir)
{
	const struct lock_wait wait = { .deadline_ms = LEFT_MS,
					.fn = r->wait.fn,
					.payload = r->wait.payload };
	int fd = lock_folder(dir);
	char *path;

	if (fd != ERR_BUSY || !is_left(dir))
		return fd;
	path = path_join(dir, "lock");
	stray_wake(path);
	if (lock_take(path, "what a killed run left behind", &wait, &fd) < 0)
		fd = ERR_BUSY;
	free(path);
	return fd;
}

int run_sweep(struct repo *r)
{
	char *runs = path_join(r->mich_dir, "runs");
	DIR *d = opendir(runs);
	struct strlist names = STRLIST_INIT;
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			strlist_add(&names, e->d_name);
	if (d)
		closedir(d);
	strlist_sort(&names);
	scratch_sweep(r);
	r->sweeping = true;
	for (size_t i = 0; i < names.n; i++) {
		char *dir = path_join(runs, names.v[i]);
		int fd = lock_ended(r, dir);

		if (fd >= 0)
			sweep_one(r, dir, fd);
		else
			error_clear();
		free(dir);
	}
	r->sweeping = false;
	if (names.n)
		pack_sweep(r->store);
	strlist_clear(&names);
	free(runs);
	return 0;
}

static void add_live(const char *path, json_t *list)
{
	char *file;
	json_t *run = NULL;
	int fd = lock_folder(path);

	if (fd >= 0) {
		close(fd);
		return;
	}
	file = path_join(path, "run.json");
	if (json_read(file, &run) == 0)
		json_array_append_new(
			list,
			json_pack("{s:s, s:s, s:s, s:I, s:I, s:s, s:s*}", "kind",
				  json_str(run, "kind", ""), "name", json_str(run, "name", ""),
				  "id", path_base(path), "pid", json_int(run, "pid", 0), "started",
				  json_int(run, "started", 0), "dir", path, "validates",
				  json_str(json_object_get(run, "manifest"), "validates", NULL)));
	error_clear();
	json_decref(run);
	free(file);
}

int run_live(struct repo *r, json_t **out)
{
	char *runs = path_join(r->mich_dir, "runs");
	DIR *d = opendir(runs);
	struct dirent *e;

	*out = json_array();
	while (d && (e = readdir(d))) {
		char *dir;

		if (e->d_name[0] == '.')
			continue;
		dir = path_join(runs, e->d_name);
		add_live(dir, *out);
		free(dir);
	}
	if (d)
		closedir(d);
	free(runs);
	return 0;
}
