/* handover.c - what a promote or rollback has still to do, and doing it. */
#define _GNU_SOURCE
#include "lib/record/release/handover.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/record/event.h"
#include "lib/record/journal.h"
#include "lib/record/release/release_source.h"
#include "lib/record/release/stage_entry.h"

/* "maps.eta": no name has a dot. */
static char *path_of(struct repo *r, const char *space, const char *name)
{
	return xasprintf("%s/handover/%s.%s", r->mich_dir, space, name);
}

int handover_lock(struct repo *r, const char *space, const char *name, int *fd_out)
{
	char *whole = xasprintf("%s/%s", space, name);
	int rc = journal_lock(r, "release", whole, fd_out);

	free(whole);
	return rc;
}

int handover_begin(struct repo *r, const struct handover *h)
{
	char *path = path_of(r, h->space, h->name), at[CLOCK_ISO_BYTES];
	json_t *doc;
	int rc;

	clock_iso(h->at_ms, at);
	doc = json_pack("{s:s,s:s,s:s,s:s,s:I,s:I,s:s?,s:s,s:s?,s:s?,s:s,s:s?,s:s?,s:s,s:s}",
			"space", h->space, "name", h->name, "stage", h->stage, "action", h->action,
			"major", (json_int_t)h->major, "minor", (json_int_t)h->minor, "tag", h->tag,
			"version", h->version, "left", h->left, "was", h->was, "before", h->before,
			"reason", h->reason, "forced", h->forced, "user", h->user, "at", at);
	if (!doc)
		rc = error_set(ERR_INPUT, "a reason must be UTF-8 text");
	else if ((rc = file_make_parents(path)) == 0)
		rc = json_write(path, doc);
	json_decref(doc);
	free(path);
	return rc;
}

/* Borrowed from doc. */
static int read_handover(const json_t *doc, struct handover *h)
{
	*h = (struct handover){
		.space = json_str(doc, "space", NULL),
		.name = json_str(doc, "name", NULL),
		.stage = json_str(doc, "stage", NULL),
		.action = json_str(doc, "action", NULL),
		.major = json_int(doc, "major", 0),
		.minor = json_int(doc, "minor", 0),
		.tag = json_str(doc, "tag", NULL),
		.version = json_str(doc, "version", NULL),
		.left = json_str(doc, "left", NULL),
		.was = json_str(doc, "was", NULL),
		.before = json_str(doc, "before", ""),
		.reason = json_str(doc, "reason", NULL),
		.forced = json_str(doc, "forced", NULL),
		.user = json_str(doc, "user", ""),
	};
	if (!h->space || !h->name || !h->stage || !h->action || !h->version ||
	    clock_parse_iso(json_str(doc, "at", ""), &h->at_ms) < 0)
		return error_set(ERR_CORRUPT, "malformed handover");
	return 0;
}

/* --- the three parts ----------------------------------------------------------------------------
 */

/* 1: its tag is set, or it makes none. */
static int tag_is_set(struct repo *r, const struct handover *h)
{
	char *ref, hex[OID_HEX + 1] = "";
	struct oid id;
	int rc;

	if (!h->tag)
		return 1;
	ref = xasprintf(RELEASE_PREFIX "%s/%s/%lld.%lld", h->space, h->name, (long long)h->major,
			(long long)h->minor);
	if ((rc = ref_read(r->store, ref, &id)) == 1)
		oid_hex(&id, hex);
	free(ref);
	return rc < 0 ? rc : !strcmp(hex, h->tag);
}

static json_t *event_data(const struct handover *h)
{
	char at[CLOCK_ISO_BYTES];
	struct buf text = BUF_INIT;
	bool back = !strcmp(h->action, "rollback");
	json_t *data;

	clock_iso(h->at_ms, at);
	if (back)
		buf_addf(&text, "%s/%s %s from %s to %lld.%lld", h->space, h->name, h->stage,
			 h->was ? h->was : "?", (long long)h->major, (long long)h->minor);
	else
		buf_addf(&text, "%s/%s@%lld.%lld to %s", h->space, h->name, (long long)h->major,
			 (long long)h->minor, h->stage);
	if (h->forced)
		buf_addf(&text, ", forced: %s", h->forced);
	if (h->reason)
		buf_addf(&text, ": %s", h->reason);
	data = json_pack("{s:s,s:s,s:s,s:I,s:I,s:s,s:s,s:s?,s:s?,s:s?}", "text", text.data, "space",
			 h->space, "name", h->name, "major", (json_int_t)h->major, "minor",
			 (json_int_t)h->minor, "stage", h->stage, "moved", at, "was", h->was,
			 "forced", h->forced, "reason", h->reason);
	buf_clear(&text);
	return data;
}

/* 1: the event is there. */
static int has_event(struct repo *r, const char *id, const char *type, const json_t *data)
{
	static const char EVENTS[] = "SELECT data FROM event WHERE version = ?1 AND type = ?2";
	struct statement *st;
	struct buf want = BUF_INIT;
	int rc = statement_open(repo_index(r), EVENTS, &st), found = 0;

	if (rc < 0)
		return rc;
	json_canonical(data, &want);
	statement_bind_text(st, 1, id);
	statement_bind_text(st, 2, type);
	while (!found && (rc = statement_step(st)) == 1)
		found = statement_text(st, 0) && !strcmp(statement_text(st, 0), want.data);
	statement_close(st);
	buf_clear(&want);
	return rc < 0 ? rc : found;
}

static int end_event(struct repo *r, const struct handover *h)
{
	bool back = !strcmp(h->action, "rollback");
	const char *id = back ? h->left : h->version, *type = back ? "rolled-back" : "promoted";
	struct version v = VERSION_INIT;
	json_t *data = event_data(h);
	int rc = id ? has_event(r, id, type, data) : 1;

	if (rc == 0 && (rc = version_by_id(r, id, &v)) == 0)
		rc = event_record(r, &v, type, data);
	version_clear(&v);
	json_decref(data);
	return rc < 0 ? rc : 0;
}

int handover_end(struct repo *r, const char *space, const char *name)
{
	char *path = path_of(r, space, name);
	json_t *doc = NULL;
	struct handover h;
	int rc = file_exists(path) ? json_read(path, &doc) : ERR_NOT_FOUND;

	if (rc == ERR_NOT_FOUND) {
		free(path);
		return 0;
	}
	if (!rc)
		rc = read_handover(doc, &h);
	if (!rc && (rc = tag_is_set(r, &h)) == 1)
		if ((rc = stage_entry_put(r, &h)) == 1)
			rc = end_event(r, &h);
	if (!rc && unlink(path) < 0 && errno != ENOENT)
		rc = error_errno("cannot remove '%s'", path);
	if (rc < 0) {
		error_wrap(rc, "the move of %s/%s is half written", space, name);
		if (rc == ERR_CORRUPT)
			error_hint(rc, "remove '%s', then see mich stages", path);
		else
			error_hint(rc, "mend that: the next mich command does the rest");
	}
	json_decref(doc);
	free(path);
	return rc;
}

/* "maps.eta", or "maps.eta.tmp-x1y2z3", which json_write() left when it was killed. */
static void end_one(struct repo *r, const char *file)
{
	size_t n = strcspn(file, "."), m = file[n] ? strcspn(file + n + 1, ".") : 0;
	char *space = xstrndup(file, n), *name = m ? xstrndup(file + n + 1, m) : NULL;
	int fd = -1;

	/* who holds the lock is at it */
	if (name && handover_lock(r, space, name, &fd) == 0) {
		char *path = xasprintf("%s/handover/%s", r->mich_dir, file);

		if (file[n + 1 + m])
			unlink(path);
		else
			handover_end(r, space, name);
		free(path);
	}
	if (fd >= 0)
		close(fd);
	error_clear();
	free(space);
	free(name);
}

int handover_sweep(struct repo *r)
{
	char *dir = path_join(r->mich_dir, "handover");
	DIR *d = opendir(dir);
	struct strlist files = STRLIST_INIT;
	struct dirent *e;
	bool sweeping = r->sweeping;

	while (d && (e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			strlist_add(&files, e->d_name);
	if (d)
		closedir(d);
	r->sweeping = true;
	for (size_t i = 0; i < files.n; i++)
		end_one(r, files.v[i]);
	r->sweeping = sweeping;
	strlist_clear(&files);
	free(dir);
	return 0;
}
