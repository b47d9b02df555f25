/* version_find.c - the version that a name means. */
#include "lib/record/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/record/head.h"
#include "lib/record/inside.h"
#include "lib/record/name.h"
#include "lib/record/release/release.h"
#include "lib/record/release/stage.h"

/* The first column of every row. */
static int list_texts(struct repo *r, const char *sql, const char *a, const char *b,
		      struct strlist *out)
{
	struct statement *st;
	int rc = statement_open(r->index, sql, &st);

	if (rc < 0)
		return rc;
	if (a)
		statement_bind_text(st, 1, a);
	if (b)
		statement_bind_text(st, 2, b);
	while ((rc = statement_step(st)) == 1)
		strlist_add(out, statement_text(st, 0));
	statement_close(st);
	return rc;
}

static int fail_unknown(struct repo *r, const char *kind, const char *name)
{
	struct strlist names = STRLIST_INIT;
	const char *near;
	int rc;

	if (*kind)
		rc = error_set(ERR_NOT_FOUND, "no %s is named '%s'", kind, name);
	else
		rc = error_set(ERR_NOT_FOUND, "nothing is named '%s'", name);
	list_texts(r,
		   *kind ? "SELECT name FROM artifact WHERE kind = ?1"
			 : "SELECT DISTINCT name FROM artifact",
		   *kind ? kind : NULL, NULL, &names);
	near = strlist_nearest((const char *const *)names.v, names.n, name);
	if (near)
		error_hint(rc, "did you mean '%s%s%s'?", kind, *kind ? "/" : "", near);
	else
		error_hint(rc, "mich ls");
	strlist_clear(&names);
	return rc;
}

/* The kind of an artifact that was named without one. */
static int find_kind(struct repo *r, struct name *n)
{
	struct strlist kinds = STRLIST_INIT;
	struct buf all = BUF_INIT;
	int rc;

	rc = list_texts(r, "SELECT kind FROM artifact WHERE name = ?1 AND (?2 = '' OR kind = ?2)",
			n->name, n->kind, &kinds);
	if (!rc && !kinds.n)
		rc = fail_unknown(r, n->kind, n->name);
	if (!rc && kinds.n > 1) {
		for (size_t i = 0; i < kinds.n; i++)
			buf_addf(&all, "%s%s/%s", i ? ", " : "", kinds.v[i], n->name);
		rc = error_set(ERR_INPUT, "'%s' is ambiguous: %s", n->name, all.data);
		error_hint(rc, "name one of them with its kind");
	}
	if (!rc)
		snprintf(n->kind, sizeof n->kind, "%s", kinds.v[0]);
	strlist_clear(&kinds);
	buf_clear(&all);
	return rc;
}

static int fail_latest(struct repo *r, const struct name *n)
{
	struct version *v;
	size_t count, retired = 0;
	int rc = version_list(r, n->kind, n->name, &v, &count);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < count; i++)
		retired += !strcmp(v[i].life, "retired");
	rc = error_set(
		ERR_NOT_FOUND,
		"'%s/%s' has no good version that is not retired (%zu versions, %zu retired)",
		n->kind, n->name, count, retired);
	error_hint(rc, "mich log %s/%s", n->kind, n->name);
	for (size_t i = 0; i < count; i++)
		version_clear(&v[i]);
	free(v);
	return rc;
}

static int fail_number(struct repo *r, const struct name *n)
{
	const char *texts[] = { n->kind, n->name };
	struct version last = VERSION_INIT;
	int rc = head_find(r,
			   "SELECT " HEAD_COLUMNS " FROM version v WHERE kind = ?1 AND name = ?2"
			   " ORDER BY number DESC LIMIT 1",
			   texts, 2, &last);

	if (rc < 0)
		return rc;
	rc = error_set(ERR_NOT_FOUND, "'%s/%s' has no version %lld, its newest is %lld", n->kind,
		       n->name, (long long)n->number, (long long)last.number);
	version_clear(&last);
	return error_hint(rc, "mich log %s/%s", n->kind, n->name);
}

static int find_number(struct repo *r, const struct name *n, struct version *out)
{
	const char *texts[] = { n->kind, n->name, n->rev };
	int rc = head_find(r,
			   "SELECT " HEAD_COLUMNS " FROM version v WHERE kind = ?1 AND name = ?2"
			   " AND number = CAST(?3 AS INTEGER)",
			   texts, 3, out);

	return rc == 0 ? fail_number(r, n) : rc;
}

static int find_prefix(struct repo *r, const struct name *n, struct version *out)
{
	struct strlist ids = STRLIST_INIT;
	struct buf all = BUF_INIT;
	char pattern[NAME_MAX_LEN + 2];
	struct statement *st;
	int rc;

	snprintf(pattern, sizeof pattern, "%s*", n->rev);
	rc = statement_open(r->index,
			    "SELECT id FROM version v WHERE kind = ?1 AND name = ?2 AND id GLOB ?3",
			    &st);
	if (rc < 0)
		return rc;
	statement_bind_text(st, 1, n->kind);
	statement_bind_text(st, 2, n->name);
	statement_bind_text(st, 3, pattern);
	while ((rc = statement_step(st)) == 1)
		strlist_add(&ids, statement_text(st, 0));
	statement_close(st);
	for (size_t i = 0; i < ids.n; i++)
		buf_addf(&all, "%s%.12s", i ? ", " : "", ids.v[i]);
	if (!rc && ids.n > 1)
		rc = error_set(ERR_INPUT, "'@%s' is ambiguous: %s", n->rev, all.data);
	else if (!rc && !ids.n)
		rc = error_set(ERR_NOT_FOUND, "'%s/%s' has no version whose id begins with %s",
			       n->kind, n->name, n->rev);
	else if (!rc)
		rc = version_by_id(r, ids.v[0], out);
	buf_clear(&all);
	strlist_clear(&ids);
	return rc;
}

static int find_latest(struct repo *r, const struct name *n, struct version *out)
{
	const char *texts[] = { n->kind, n->name };
	int rc = head_find(r,
			   "SELECT " HEAD_COLUMNS
			   " FROM version v WHERE kind = ?1 AND name = ?2 AND build = 'good'"
			   " AND life != 'retired' ORDER BY number DESC LIMIT 1",
			   texts, 2, out);

	return rc == 0 ? fail_latest(r, n) : rc;
}

/* --- released names -----------------------------------------------------------------------------
 */

/* What stands before the slash is a namespace: no kind that is known, nor one that was recorded. */
static int is_namespace(struct repo *r, const char *word)
{
	struct strlist kinds = STRLIST_INIT;
	int rc;

	if (!*word || name_is_kind(word))
		return 0;
	rc = list_texts(r, "SELECT DISTINCT kind FROM artifact WHERE kind = ?1", word, NULL,
			&kinds);
	if (!rc)
		rc = !kinds.n;
	strlist_clear(&kinds);
	return rc;
}

/* maps/eta, maps/eta@production, maps/eta@2.1. */
static int find_released(struct repo *r, const char *space, const struct name *n,
			 struct version *out)
{
	struct release release = RELEASE_INIT;
	struct stage stage = STAGE_INIT;
	int rc;

	switch (n->rev_type) {
	case REV_RELEASE:
		rc = release_find(r, space, n->name, n->major, n->minor, &release);
		if (rc == 0)
			rc = version_by_id(r, release.version, out);
		break;
	case REV_NONE:
	case REV_WORD:
		rc = stage_now(r, space, n->name, *n->rev ? n->rev : "production", &stage);
		if (rc == 0)
			rc = version_by_id(r, stage.version, out);
		break;
	default:
		rc = error_set(ERR_INPUT,
			       "'%s/%s@%s': a released name takes @STAGE or @MAJOR.MINOR", space,
			       n->name, n->rev);
		error_hint(rc, "mich stages %s/%s", space, n->name);
	}
	release_clear(&release);
	stage_clear(&stage);
	return rc;
}

/* Nothing is released under that name: was it a kind that was meant? */
static int check_released(struct repo *r, const char *space, const struct name *n)
{
	struct strlist words = STRLIST_INIT, names = STRLIST_INIT;
	const char *near;
	char *whole = xasprintf("%s/%s", space, n->name);
	int rc = list_texts(r, "SELECT DISTINCT space || '/' || name FROM release", NULL, NULL,
			    &names);

	if (!rc && !strlist_has(&names, whole)) {
		rc = list_texts(r, "SELECT kind || '/' || name FROM artifact", NULL, NULL, &words);
		for (size_t i = 0; i < names.n; i++)
			strlist_add(&words, names.v[i]);
		near = strlist_nearest((const char *const *)words.v, words.n, whole);
		if (rc == 0)
			rc = error_set(ERR_NOT_FOUND,
				       "'%s' is not a kind, and nothing is released as '%s'", space,
				       whole);
		if (near)
			error_hint(rc, "did you mean '%s'?", near);
		else
			error_hint(rc, "mich ls, or mich stages");
	}
	strlist_clear(&words);
	strlist_clear(&names);
	free(whole);
	return rc;
}

static int find_in_namespace(struct repo *r, const char *kind, const char *text,
			     const struct name *n, struct version *out)
{
	int rc = check_released(r, n->kind, n);

	if (!rc)
		rc = find_released(r, n->kind, n, out);
	if (!rc && kind && strcmp(kind, out->kind) != 0) {
		rc = error_set(ERR_INPUT, "'%s' is a %s, want a %s", text, out->kind, kind);
		version_clear(out);
	}
	return rc;
}

/* model/eta@production, model/eta@2.1: of the one name that it is released under. */
static int find_by_model(struct repo *r, const struct name *n, struct version *out)
{
	struct name of = *n;
	char *space = NULL, *name = NULL;
	int rc;

	if (strcmp(n->kind, "model") != 0) {
		rc = error_set(ERR_NOT_FOUND, "'%s/%s' has no revision '@%s'", n->kind, n->name,
			       n->rev);
		return error_hint(
			rc,
			"a revision is a number, 7 or more digits of an id, or latest: mich log %s/%s",
			n->kind, n->name);
	}
	rc = release_of_model(r, n->name, &space, &name);
	if (rc < 0)
		return error_wrap(rc, "'%s/%s@%s'", n->kind, n->name, n->rev);
	snprintf(of.name, sizeof of.name, "%s", name);
	if ((rc = find_released(r, space, &of, out)) == 0 &&
	    (strcmp(out->kind, n->kind) != 0 || strcmp(out->name, n->name) != 0)) {
		rc = error_set(ERR_NOT_FOUND,
			       "'%s/%s' has nothing at '@%s': %s/%s@%s is %s/%s@%lld", n->kind,
			       n->name, n->rev, space, name, n->rev, out->kind, out->name,
			       (long long)out->number);
		version_clear(out);
	}
	free(space);
	free(name);
	return rc;
}

int version_find(struct repo *r, const char *kind, const char *text, struct version *out)
{
	struct name n;
	int rc = name_parse(text, &n);

	*out = (struct version)VERSION_INIT;
	if (rc < 0)
		return rc;
	repo_index(r);
	if ((rc = is_namespace(r, n.kind)) != 0)
		return rc < 0 ? rc : find_in_namespace(r, kind, text, &n, out);
	if (kind && *n.kind && strcmp(kind, n.kind))
		return error_set(ERR_INPUT, "'%s' is a %s, want a %s", text, n.kind, kind);
	if (kind)
		snprintf(n.kind, sizeof n.kind, "%s", kind);
	if ((rc = find_kind(r, &n)) < 0)
		return rc;
	switch (n.rev_type) {
	case REV_NUMBER:
		rc = find_number(r, &n, out);
		break;
	case REV_ID:
		rc = find_prefix(r, &n, out);
		break;
	case REV_NONE:
	case REV_LATEST:
		rc = find_latest(r, &n, out);
		break;
	case REV_RELEASE:
	case REV_WORD:
		rc = find_by_model(r, &n, out);
	}
	return rc < 0 ? rc : 0;
}

char *version_latest(struct repo *r, const char *kind, const char *name)
{
	struct version v = VERSION_INIT;
	char *text = xasprintf("%s@latest", name), *ref = NULL;

	if (version_find(r, kind, text, &v) == 0)
		ref = version_ref(&v);
	else
		error_clear();
	version_clear(&v);
	free(text);
	return ref;
}
