/* filler.c - put what a journal's entries say into the index. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/record/filler.h"

enum {
	INSERT_VERSION,
	INSERT_EVENT,
	INSERT_INPUT,
	INSERT_PARAM,
	INSERT_METRIC,
	SET_TAG,
	DROP_TAG,
	INSERT_NOTE,
	SET_LIFE,
	SET_VALIDATION,
	SET_CLEAN,
	SET_COLLECTED,
	SET_TIP,
	FIND_VERSION,
	N_STATEMENTS,
};

static const char *const sql[N_STATEMENTS] = {
	[INSERT_VERSION] =
		"INSERT INTO version(id, kind, name, number, content, commit_id, fingerprint, build,"
		" validation, life, dirty, collected, started, finished, host, user, code_commit, seed)"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'active', ?10, 0, ?11, ?12, ?13, ?14, ?15, ?16)",
	[INSERT_EVENT] =
		"INSERT INTO event(commit_id, version, position, type, at, user, data)"
		" SELECT ?1, ?2, count(*) + 1, ?3, ?4, ?5, ?6 FROM event WHERE version = ?2",
	[INSERT_INPUT] = "INSERT INTO input(version, position, role, ref, input, content)"
			 " VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
	[INSERT_PARAM] = "INSERT OR REPLACE INTO param(version, key, value) VALUES(?1, ?2, ?3)",
	[INSERT_METRIC] = "INSERT OR REPLACE INTO metric(version, key, value) VALUES(?1, ?2, ?3)",
	[SET_TAG] = "INSERT OR REPLACE INTO tag(version, key, value) VALUES(?1, ?2, ?3)",
	[DROP_TAG] = "DELETE FROM tag WHERE version = ?1 AND key = ?2",
	[INSERT_NOTE] =
		"INSERT INTO note(commit_id, version, at, user, text) VALUES(?1, ?2, ?3, ?4, ?5)",
	[SET_LIFE] = "UPDATE version SET life = ?2 WHERE id = ?1",
	[SET_VALIDATION] = "UPDATE version SET validation = ?2 WHERE id = ?1",
	[SET_CLEAN] = "UPDATE version SET dirty = 0 WHERE id = ?1",
	[SET_COLLECTED] = "UPDATE version SET collected = 1 WHERE id = ?1",
	[SET_TIP] = "INSERT OR REPLACE INTO artifact(kind, name, ref, tip) VALUES(?1, ?2, ?3, ?4)",
	[FIND_VERSION] = "SELECT 1 FROM version WHERE id = ?1",
};

struct filler {
	struct repo *r;
	struct statement *v[N_STATEMENTS];
};

struct filler *filler_new(struct repo *r)
{
	struct filler *f = xcalloc(1, sizeof(*f));

	f->r = r;
	return f;
}

void filler_free(struct filler *f)
{
	if (!f)
		return;
	for (int i = 0; i < N_STATEMENTS; i++)
		statement_close(f->v[i]);
	free(f);
}

static struct statement *statement_of(struct filler *f, int which)
{
	if (!f->v[which] && statement_open(f->r->index, sql[which], &f->v[which]) < 0)
		return NULL;
	return f->v[which];
}

/* Bind texts to ?1, ?2 ... and run. */
static int run_texts(struct filler *f, int which, const char *const *texts, int n)
{
	struct statement *st = statement_of(f, which);

	if (!st)
		return ERR_FAIL;
	for (int i = 0; i < n; i++)
		statement_bind_text(st, i + 1, texts[i]);
	return statement_run(st);
}

/* A time of the manifest: ms since 1970, or ISO text. */
static int64_t time_of(const json_t *manifest, const char *key)
{
	const char *text = json_str(manifest, key, NULL);
	int64_t ms = 0;

	if (!text)
		return json_int(manifest, key, 0);
	if (clock_parse_iso(text, &ms) < 0)
		error_clear();
	return ms;
}

static int add_version_row(struct filler *f, const struct entry *e, const char *kind,
			   const char *name, int64_t number, const json_t *m)
{
	struct statement *st = statement_of(f, INSERT_VERSION);
	const json_t *code = json_object_get(m, "code"), *seed = json_object_get(m, "seed");
	const char *commit = json_str(code, "commit", NULL);
	char hex[OID_HEX + 1];

	if (!st)
		return ERR_FAIL;
	oid_hex(&e->commit, hex);
	statement_bind_text(st, 1, e->id);
	statement_bind_text(st, 2, kind);
	statement_bind_text(st, 3, name);
	statement_bind_int(st, 4, number);
	statement_bind_text(st, 5, json_str(m, "content", ""));
	statement_bind_text(st, 6, hex);
	statement_bind_text(st, 7, json_str(m, "fingerprint", ""));
	statement_bind_text(st, 8, json_str(m, "state", "good"));
	statement_bind_text(st, 9, json_str(m, "validation", "none"));
	statement_bind_int(st, 10, json_bool(code, "dirty", false));
	statement_bind_int(st, 11, time_of(m, "started"));
	statement_bind_int(st, 12, time_of(m, "finished"));
	statement_bind_text(st, 13, json_str(m, "host", NULL));
	statement_bind_text(st, 14, json_str(m, "user", NULL));
	statement_bind_text(st, 15, commit && *commit ? commit : NULL);
	if (json_is_integer(seed))
		statement_bind_int(st, 16, json_integer_value(seed));
	return statement_run(st);
}

static int add_inputs(struct filler *f, const char *id, const json_t *inputs)
{
	struct statement *st = statement_of(f, INSERT_INPUT);
	const json_t *in;
	size_t i;
	int rc = st ? 0 : ERR_FAIL;

	json_array_foreach(inputs, i, in) {
		if (rc < 0)
			break;
		statement_bind_text(st, 1, id);
		statement_bind_int(st, 2, (int64_t)i);
		statement_bind_text(st, 3, json_str(in, "role", NULL));
		statement_bind_text(st, 4, json_str(in, "ref", NULL));
		statement_bind_text(st, 5, json_str(in, "id", NULL));
		statement_bind_text(st, 6, json_str(in, "content", NULL));
		rc = statement_run(st);
	}
	return rc;
}

static void bind_json(struct statement *st, int at, const json_t *v)
{
	struct buf b = BUF_INIT;

	if (json_is_integer(v))
		statement_bind_int(st, at, json_integer_value(v));
	else if (json_is_real(v))
		statement_bind_real(st, at, json_real_value(v));
	else if (json_is_string(v))
		statement_bind_text(st, at, json_string_value(v));
	else if (json_is_null(v))
		statement_bind_null(st, at);
	else {
		json_canonical(v, &b);
		statement_bind_text(st, at, b.data);
	}
	buf_clear(&b);
}

static int add_params(struct filler *f, const char *id, json_t *params)
{
	struct statement *st = statement_of(f, INSERT_PARAM);
	const char *key;
	json_t *v;
	int rc = st ? 0 : ERR_FAIL;

	json_object_foreach(params, key, v) {
		if (rc < 0)
			break;
		statement_bind_text(st, 1, id);
		statement_bind_text(st, 2, key);
		bind_json(st, 3, v);
		rc = statement_run(st);
	}
	return rc;
}

/* {"test": {"rmse": 1}} becomes test.rmse; only numbers are metrics. */
static int add_metrics(struct filler *f, const char *id, const char *prefix, json_t *metrics)
{
	struct statement *st = statement_of(f, INSERT_METRIC);
	const char *key;
	json_t *v;
	int rc = st ? 0 : ERR_FAIL;

	json_object_foreach(metrics, key, v) {
		char *full = *prefix ? xasprintf("%s.%s", prefix, key) : xstrdup(key);

		if (!rc && json_is_object(v)) {
			rc = add_metrics(f, id, full, v);
		} else if (!rc && json_is_number(v)) {
			statement_bind_text(st, 1, id);
			statement_bind_text(st, 2, full);
			statement_bind_real(st, 3, json_number_value(v));
			rc = statement_run(st);
		}
		free(full);
	}
	return rc;
}

static int read_json(struct filler *f, const struct entry *e, const char *path, json_t **out)
{
	struct buf b = BUF_INIT;
	struct pointer p;
	int rc = repo_read_blob(f->r, &e->tree, path, &b);

	if (!rc && pointer_parse(b.data, b.len, &p)) {
		char *blob = blob_path(f->r->blobs, p.sha256);

		rc = json_read(blob, out);
		free(blob);
	} else if (!rc) {
		rc = json_parse(b.data, b.len, path, out);
	}
	buf_clear(&b);
	return rc;
}

static int read_number(struct filler *f, const struct entry *e, int64_t *out)
{
	struct buf b = BUF_INIT;
	char *end;
	int rc = repo_read_blob(f->r, &e->tree, "version", &b);

	if (rc < 0)
		return rc;
	*out = strtoll(b.data, &end, 10);
	if (*out < 1 || end == b.data || (*end && *end != '\n'))
		rc = error_set(ERR_CORRUPT, "malformed version number");
	buf_clear(&b);
	return rc;
}

static int add_version(struct filler *f, const char *kind, const char *name, const struct entry *e)
{
	json_t *manifest = NULL, *metrics = NULL;
	int64_t number = 0;
	int rc = read_number(f, e, &number);

	if (!rc)
		rc = read_json(f, e, "manifest.json", &manifest);
	if (!rc && !json_is_object(manifest))
		rc = error_set(ERR_CORRUPT, "malformed manifest: no object");
	if (!rc)
		rc = add_version_row(f, e, kind, name, number, manifest);
	if (!rc)
		rc = add_inputs(f, e->id, json_object_get(manifest, "inputs"));
	if (!rc)
		rc = add_params(f, e->id, json_object_get(manifest, "params"));
	if (!rc && read_json(f, e, "metrics.json", &metrics) == 0)
		rc = add_metrics(f, e->id, "", metrics);
	json_decref(manifest);
	json_decref(metrics);
	return rc;
}

static int add_event_row(struct filler *f, const struct entry *e, int64_t at, const json_t *data)
{
	struct statement *st = statement_of(f, INSERT_EVENT);
	struct buf b = BUF_INIT;
	char hex[OID_HEX + 1];
	int rc;

	if (!st)
		return ERR_FAIL;
	oid_hex(&e->commit, hex);
	statement_bind_text(st, 1, hex);
	statement_bind_text(st, 2, e->id);
	statement_bind_text(st, 3, e->type);
	statement_bind_int(st, 4, at);
	statement_bind_text(st, 5, e->author);
	if (data && !json_is_null(data)) {
		json_canonical(data, &b);
		statement_bind_text(st, 6, b.data);
	}
	rc = statement_run(st);
	buf_clear(&b);
	return rc;
}

static int add_note(struct filler *f, const struct entry *e, int64_t at, const char *text)
{
	struct statement *st = statement_of(f, INSERT_NOTE);
	char hex[OID_HEX + 1];

	if (!st)
		return ERR_FAIL;
	oid_hex(&e->commit, hex);
	statement_bind_text(st, 1, hex);
	statement_bind_text(st, 2, e->id);
	statement_bind_int(st, 3, at);
	statement_bind_text(st, 4, e->author);
	statement_bind_text(st, 5, text);
	return statement_run(st);
}

static int add_tag(struct filler *f, const struct entry *e, const json_t *data)
{
	const char *key = json_str(data, "key", NULL);
	const char *texts[] = { e->id, key, json_str(data, "value", NULL) };

	if (!key)
		return 0;
	return run_texts(f, texts[2] ? SET_TAG : DROP_TAG, texts, texts[2] ? 3 : 2);
}

/* What an event changes in the row of its version. */
static int apply_event(struct filler *f, const struct entry *e, int64_t at, const json_t *data)
{
	const char *texts[] = { e->id, e->type };

	if (!strcmp(e->type, "note"))
		return add_note(f, e, at, json_str(data, "text", ""));
	if (!strcmp(e->type, "tag"))
		return add_tag(f, e, data);
	if (!strcmp(e->type, "deprecated") || !strcmp(e->type, "retired") ||
	    !strcmp(e->type, "active"))
		return run_texts(f, SET_LIFE, texts, 2);
	if (!strcmp(e->type, "committed"))
		return run_texts(f, SET_CLEAN, texts, 1);
	if (!strcmp(e->type, "collected"))
		return run_texts(f, SET_COLLECTED, texts, 1);
	if (!strcmp(e->type, "validating") || !strcmp(e->type, "validated")) {
		texts[1] = !strcmp(e->type, "validating")    ? "running"
			   : json_bool(data, "passed", true) ? "passed"
							     : "failed";
		return run_texts(f, SET_VALIDATION, texts, 2);
	}
	return 0;
}

/* 1: its version is in the index. A journal fetched with a depth has events on what was cut off. */
static int version_known(struct filler *f, const char *id)
{
	struct statement *st = statement_of(f, FIND_VERSION);
	int rc;

	if (!st)
		return ERR_FAIL;
	statement_bind_text(st, 1, id);
	rc = statement_step(st);
	statement_reset(st);
	return rc;
}

static int add_event(struct filler *f, const struct entry *e)
{
	json_t *event = NULL;
	const json_t *data;
	int64_t at;
	int rc = version_known(f, e->id);

	if (rc <= 0 || (rc = read_json(f, e, "event.json", &event)) < 0)
		return rc;
	data = json_object_get(event, "data");
	at = time_of(event, "at");
	rc = add_event_row(f, e, at, data);
	if (!rc)
		rc = apply_event(f, e, at, data);
	json_decref(event);
	return rc;
}

int filler_add(struct filler *f, const char *kind, const char *name, const struct entry *e)
{
	if (!strcmp(e->type, "begin"))
		return 0;
	return strcmp(e->type, "version") ? add_event(f, e) : add_version(f, kind, name, e);
}

int filler_add_cut(struct filler *f, const char *kind, const char *name, const struct entry *e)
{
	struct entry version = *e;
	char hex[OID_HEX + 1];
	struct oid id;
	int rc;

	if (!strcmp(e->type, "begin") || !strcmp(e->type, "version"))
		return 0;
	if ((rc = tree_lookup(f->r->store, &e->tree, "manifest.json", NULL, &id)) <= 0)
		return rc;
	oid_hex(&id, hex);
	version.id = hex;
	return add_version(f, kind, name, &version);
}

int filler_forget(struct filler *f, const char *kind, const char *name)
{
	static const char *const tables[] = { "note", "tag", "metric", "param", "input", "event" };
	struct statement *st;
	int rc = 0;

	for (size_t i = 0; !rc && i <= ARRAY_LEN(tables); i++) {
		char *text =
			i < ARRAY_LEN(tables)
				? xasprintf(
					  "DELETE FROM %s WHERE version IN"
					  " (SELECT id FROM version WHERE kind = ?1 AND name = ?2)",
					  tables[i])
				: xstrdup("DELETE FROM version WHERE kind = ?1 AND name = ?2");

		if (!(rc = statement_open(f->r->index, text, &st))) {
			statement_bind_text(st, 1, kind);
			statement_bind_text(st, 2, name);
			rc = statement_run(st);
			statement_close(st);
		}
		free(text);
	}
	return rc;
}

int filler_tip(struct filler *f, const char *kind, const char *name, const char *tip)
{
	char *ref = journal_ref(kind, name);
	const char *texts[] = { kind, name, ref, tip };
	int rc = run_texts(f, SET_TIP, texts, 4);

	free(ref);
	return rc;
}
