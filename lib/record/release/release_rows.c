/* release_rows.c - releases and stages as rows of the index. */
#define _GNU_SOURCE
#include "lib/record/release/release_rows.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/record/journal.h"
#include "lib/record/release/release_source.h"

enum { NAMES = 3 };

static char *copy_text(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

static const char INSERT_RELEASE[] =
	"INSERT OR REPLACE INTO release(space, name, major, minor, version, tag, at, user, forced,"
	" stage, doc) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
static const char INSERT_MOVE[] =
	"INSERT OR REPLACE INTO move(commit_id, space, name, stage, position, version, major, minor,"
	" at, user, action, reason, forced)"
	" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
static const char INSERT_STAGE[] =
	"INSERT OR REPLACE INTO stage(space, name, stage, tip, version, major, minor, at, user,"
	" action, reason, forced) SELECT space, name, stage, commit_id, version, major, minor, at,"
	" user, action, reason, forced FROM move WHERE space = ?1 AND name = ?2 AND stage = ?3"
	" ORDER BY position DESC LIMIT 1";

static int put_release(struct repo *r, const struct release *l)
{
	struct buf doc = BUF_INIT;
	struct statement *st;
	int rc = statement_open(r->index, INSERT_RELEASE, &st);

	if (rc < 0)
		return rc;
	json_canonical(l->doc, &doc);
	statement_bind_text(st, 1, l->space);
	statement_bind_text(st, 2, l->name);
	statement_bind_int(st, 3, l->major);
	statement_bind_int(st, 4, l->minor);
	statement_bind_text(st, 5, l->version);
	statement_bind_text(st, 6, l->tag);
	statement_bind_int(st, 7, l->at_ms);
	statement_bind_text(st, 8, l->user);
	statement_bind_text(st, 9, l->forced);
	statement_bind_text(st, 10, l->stage);
	statement_bind_text(st, 11, doc.data);
	rc = statement_run(st);
	statement_close(st);
	buf_clear(&doc);
	return rc;
}

static int put_move(struct statement *st, const struct stage *s, int64_t position)
{
	statement_bind_text(st, 1, s->commit);
	statement_bind_text(st, 2, s->space);
	statement_bind_text(st, 3, s->name);
	statement_bind_text(st, 4, s->stage);
	statement_bind_int(st, 5, position);
	statement_bind_text(st, 6, s->version);
	statement_bind_int(st, 7, s->major);
	statement_bind_int(st, 8, s->minor);
	statement_bind_int(st, 9, s->at_ms);
	statement_bind_text(st, 10, s->user);
	statement_bind_text(st, 11, s->action);
	statement_bind_text(st, 12, s->reason);
	statement_bind_text(st, 13, s->forced);
	return statement_run(st);
}

/* Run sql with the three names of a release or stage bound. 1: it gave a row, with it in *text. */
static int run_named(struct repo *r, const char *sql, const char *const *names, int64_t minor,
		     char **text)
{
	struct statement *st;
	int rc = statement_open(r->index, sql, &st);

	if (rc < 0)
		return rc;
	for (int i = 0; i < NAMES && names[i]; i++)
		statement_bind_text(st, i + 1, names[i]);
	if (minor >= 0)
		statement_bind_int(st, 4, minor);
	rc = statement_step(st);
	if (rc == 1 && text)
		*text = copy_text(statement_text(st, 0));
	statement_close(st);
	return rc;
}

static int take_release(struct repo *r, const struct oid *id, struct release *l)
{
	char major[24], hex[OID_HEX + 1], *known = NULL;
	const char *const names[] = { l->space, l->name, major };
	int rc;

	snprintf(major, sizeof major, "%lld", (long long)l->major);
	oid_hex(id, hex);
	rc = run_named(r,
		       "SELECT tag FROM release WHERE space = ?1 AND name = ?2"
		       " AND major = CAST(?3 AS INT) AND minor = ?4",
		       names, l->minor, &known);
	if (rc >= 0 && known && !strcmp(known, hex)) {
		free(known);
		return 0;
	}
	if (rc == 1)
		rc = run_named(r,
			       "DELETE FROM release WHERE space = ?1 AND name = ?2"
			       " AND major = CAST(?3 AS INT) AND minor = ?4",
			       names, l->minor, NULL);
	free(known);
	if (rc >= 0 && (rc = release_read(r, id, l)) == 0)
		return put_release(r, l);
	if (rc == ERR_CORRUPT || rc == ERR_NOT_FOUND) {
		error_clear(); /* no row: tried again next time, and fsck says why */
		rc = 0;
	}
	return rc;
}

struct moves {
	struct entry *v; /* newest first */
	size_t n, cap;
};

/* A journal that was fetched with a depth begins where it was cut. */
static int read_moves(struct repo *r, const struct oid *tip, struct moves *out)
{
	struct oid at = *tip;

	while (!oid_is_zero(&at)) {
		int rc;

		ARRAY_GROW(out->v, out->n, out->cap);
		if ((rc = entry_read(r, &at, &out->v[out->n])) < 0)
			return rc == ERR_NOT_FOUND && out->n && store_is_shallow(r->store) ? 0 : rc;
		at = out->v[out->n++].before;
	}
	return 0;
}

static int put_moves(struct repo *r, const struct stage *of, const struct moves *m)
{
	struct statement *st;
	int64_t position = 0;
	int rc = statement_open(r->index, INSERT_MOVE, &st);

	for (size_t i = m->n; !rc && i-- > 0;) {
		struct stage s = STAGE_INIT;

		if (!strcmp(m->v[i].type, "begin"))
			continue;
		s.space = xstrdup(of->space);
		s.name = xstrdup(of->name);
		s.stage = xstrdup(of->stage);
		if ((rc = stage_read(r, &m->v[i], &s)) == 0)
			rc = put_move(st, &s, ++position);
		stage_clear(&s);
	}
	statement_close(st);
	return rc;
}

static int forget_stage(struct repo *r, const char *const *names)
{
	int rc = run_named(r, "DELETE FROM stage WHERE space = ?1 AND name = ?2 AND stage = ?3",
			   names, -1, NULL);

	return rc < 0 ? rc
		      : run_named(r,
				  "DELETE FROM move WHERE space = ?1 AND name = ?2 AND stage = ?3",
				  names, -1, NULL);
}

/* Whole journals are read anew: stages move rarely. */
static int take_stage(struct repo *r, const struct oid *id, const struct stage *s)
{
	const char *const names[] = { s->space, s->name, s->stage };
	char hex[OID_HEX + 1], *known = NULL;
	struct moves m = { 0 };
	int rc;

	oid_hex(id, hex);
	rc = run_named(r, "SELECT tip FROM stage WHERE space = ?1 AND name = ?2 AND stage = ?3",
		       names, -1, &known);
	if (rc < 0 || (known && !strcmp(known, hex)))
		goto out;
	if ((rc = forget_stage(r, names)) < 0 || (rc = index_exec(r->index, "SAVEPOINT stage")) < 0)
		goto out;
	if ((rc = read_moves(r, id, &m)) == 0 && (rc = put_moves(r, s, &m)) == 0)
		rc = run_named(r, INSERT_STAGE, names, -1, NULL);
	if (rc == ERR_CORRUPT || rc == ERR_NOT_FOUND) {
		error_clear();
		rc = index_exec(r->index, "ROLLBACK TO stage");
	}
	if (rc >= 0)
		rc = index_exec(r->index, "RELEASE stage");
out:
	for (size_t i = 0; i < m.n; i++)
		entry_clear(&m.v[i]);
	free(m.v);
	free(known);
	return rc < 0 ? rc : 0;
}

int release_rows_take(struct repo *r, const char *ref, const struct oid *id)
{
	struct release l;
	struct stage s;
	int rc = 0;

	if (release_split(ref, &l)) {
		rc = take_release(r, id, &l);
		release_clear(&l);
	} else if (stage_split(ref, &s)) {
		rc = take_stage(r, id, &s);
		stage_clear(&s);
	} else {
		return 0;
	}
	return rc < 0 ? rc : 1;
}

static int string_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The refs that sql names and that are not there any more are given to each of the deletes. */
static int forget(struct repo *r, const struct strlist *seen, const char *sql,
		  const char *const *deletes)
{
	struct strlist gone = STRLIST_INIT;
	struct statement *st;
	int rc = statement_open(r->index, sql, &st);

	if (rc < 0)
		return rc;
	while ((rc = statement_step(st)) == 1) {
		const char *text = statement_text(st, 0);

		if (!seen->n || !bsearch(&text, seen->v, seen->n, sizeof(*seen->v), string_compare))
			strlist_add(&gone, text);
	}
	statement_close(st);
	for (size_t i = 0; i < gone.n; i++)
		for (const char *const *d = deletes; !rc && *d; d++)
			if (!(rc = statement_open(r->index, *d, &st))) {
				statement_bind_text(st, 1, gone.v[i]);
				rc = statement_run(st);
				statement_close(st);
			}
	strlist_clear(&gone);
	return rc;
}

#define RELEASE_REF "'" RELEASE_PREFIX "' || space || '/' || name || '/' || major || '.' || minor"
#define STAGE_REF "'" STAGE_PREFIX "' || space || '/' || name || '/' || stage"

int release_rows_forget(struct repo *r, const struct strlist *seen)
{
	static const char *const releases[] = { "DELETE FROM release WHERE " RELEASE_REF " = ?1",
						NULL };
	static const char *const stages[] = { "DELETE FROM move WHERE " STAGE_REF " = ?1",
					      "DELETE FROM stage WHERE " STAGE_REF " = ?1", NULL };
	int rc = forget(r, seen, "SELECT " RELEASE_REF " FROM release", releases);

	return rc < 0 ? rc : forget(r, seen, "SELECT " STAGE_REF " FROM stage", stages);
}
