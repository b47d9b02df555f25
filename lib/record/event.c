/* event.c - what happened to a version after it was made. */
#define _GNU_SOURCE
#include "lib/record/event.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/record/journal.h"
#include "lib/record/name.h"
#include "lib/record/version.h"

static json_t *event_json(struct repo *r, const struct version *v, const char *type, json_t *data)
{
	char at[CLOCK_ISO_BYTES];

	clock_iso(clock_now_ms(), at);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:O?}", "type", type, "id", v->id, "kind",
			 v->kind, "name", v->name, "at", at, "user", repo_user(r), "data", data);
}

/* "model eta@14: note: text", for git log. */
static char *event_subject(const struct version *v, const char *type, const json_t *data)
{
	const char *text = json_str(data, "text", NULL), *key = json_str(data, "key", NULL);
	char *line, *p;

	if (key)
		line = xasprintf("%s %s@%lld: %s %s=%s", v->kind, v->name, (long long)v->number,
				 type, key, json_str(data, "value", ""));
	else if (text || (text = json_str(data, "reason", NULL)))
		line = xasprintf("%s %s@%lld: %s: %.100s", v->kind, v->name, (long long)v->number,
				 type, text);
	else
		line = xasprintf("%s %s@%lld: %s", v->kind, v->name, (long long)v->number, type);
	for (p = line; *p; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	return line;
}

static int event_write(struct repo *r, const struct version *v, const char *type, json_t *data)
{
	struct entry_plan e = { .kind = v->kind, .name = v->name, .id = v->id, .type = type };
	char *ref = journal_ref(v->kind, v->name), *subject = event_subject(v, type, data);
	json_t *event = event_json(r, v, type, data);
	struct buf text = BUF_INIT;
	struct pack *p = NULL;
	struct entry last = { 0 };
	struct oid tip, blob;
	int rc = ref_read(r->store, ref, &tip);

	if (rc == 0)
		rc = error_set(ERR_NOT_FOUND, "no '%s/%s' is recorded", v->kind, v->name);
	if (rc > 0)
		rc = entry_read(r, &tip, &last);
	if (!rc)
		rc = pack_begin(r->store, r->scratch_dir, &p);
	if (!rc) {
		json_pretty(event, &text);
		rc = pack_add(p, OBJECT_BLOB, text.data, text.len, &blob);
	}
	if (!rc) {
		e.tree = tree_new(r->store, &last.tree);
		e.subject = subject;
		rc = tree_put(e.tree, "event.json", TREE_FILE, &blob);
	}
	if (!rc)
		rc = journal_append(r, p, &e);
	pack_release(p);
	tree_free(e.tree);
	entry_clear(&last);
	buf_clear(&text);
	json_decref(event);
	free(subject);
	free(ref);
	return rc;
}

int event_record(struct repo *r, const struct version *v, const char *type, json_t *data)
{
	int fd = -1, rc = name_check("event", type);

	if (!rc)
		rc = journal_lock(r, v->kind, v->name, &fd);
	if (!rc)
		rc = event_write(r, v, type, data);
	if (fd >= 0)
		close(fd);
	if (!rc) {
		repo_index(r);
		repo_tidy(r);
	}
	return rc < 0 ? error_wrap(rc, "%s %s/%s@%lld", type, v->kind, v->name,
				   (long long)v->number)
		      : 0;
}

int event_time(struct repo *r, const struct version *v, const char *type, int64_t *at_out)
{
	static const char find[] = "SELECT at FROM event WHERE version = ?1 AND type = ?2"
				   " ORDER BY position DESC LIMIT 1";
	struct statement *st;
	int rc;

	*at_out = 0;
	if ((rc = statement_open(repo_index(r), find, &st)) < 0)
		return rc;
	statement_bind_text(st, 1, v->id);
	statement_bind_text(st, 2, type);
	if ((rc = statement_step(st)) == 1)
		*at_out = statement_int(st, 0);
	statement_close(st);
	return rc < 0 ? rc : 0;
}

int event_last(struct repo *r, const struct version *v, const char *type, json_t **data_out)
{
	static const char find[] = "SELECT data FROM event WHERE version = ?1 AND type = ?2"
				   " ORDER BY position DESC LIMIT 1";
	struct statement *st;
	const char *text;
	int rc;

	*data_out = NULL;
	if ((rc = statement_open(repo_index(r), find, &st)) < 0)
		return rc;
	statement_bind_text(st, 1, v->id);
	statement_bind_text(st, 2, type);
	if ((rc = statement_step(st)) == 1) {
		text = statement_text(st, 0);
		if (text)
			rc = json_parse(text, strlen(text), "event", data_out);
		else
			rc = 0, *data_out = json_null();
	} else if (rc == 0) {
		rc = error_set(ERR_NOT_FOUND, "no event '%s' on %s/%s@%lld", type, v->kind, v->name,
			       (long long)v->number);
	}
	statement_close(st);
	return rc < 0 ? rc : 0;
}
