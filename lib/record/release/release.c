/* release.c - find releases in the index. */
#define _GNU_SOURCE
#include "lib/record/release/release.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/base/strlist.h"
#include "lib/index/statement.h"
#include "lib/record/name.h"
#include "lib/record/repo.h"

#define COLUMNS "space, name, major, minor, version, tag, at, user, forced, stage, doc"

enum { SHOWN_MAX = 8 }; /* of a list in a message */

void release_clear(struct release *l)
{
	free(l->space);
	free(l->name);
	free(l->user);
	free(l->forced);
	free(l->stage);
	json_decref(l->doc);
	*l = (struct release)RELEASE_INIT;
}

void release_list_free(struct release *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		release_clear(&v[i]);
	free(v);
}

char *release_ref(const struct release *l)
{
	return xasprintf("%s/%s@%lld.%lld", l->space, l->name, (long long)l->major,
			 (long long)l->minor);
}

static char *read_text(struct statement *st, int column)
{
	const char *text = statement_text(st, column);

	return text ? xstrdup(text) : NULL;
}

static int read_row(struct statement *st, struct release *l)
{
	const char *doc = statement_text(st, 10);

	*l = (struct release)RELEASE_INIT;
	l->space = read_text(st, 0);
	l->name = read_text(st, 1);
	l->major = statement_int(st, 2);
	l->minor = statement_int(st, 3);
	snprintf(l->version, sizeof l->version, "%s", statement_text(st, 4));
	snprintf(l->tag, sizeof l->tag, "%s", statement_text(st, 5));
	l->at_ms = statement_int(st, 6);
	l->user = read_text(st, 7);
	l->forced = read_text(st, 8);
	l->stage = read_text(st, 9);
	return json_parse(doc, strlen(doc), "release", &l->doc);
}

static int list(struct repo *r, const char *sql, const char *a, const char *b, struct release **out,
		size_t *n_out)
{
	struct statement *st;
	size_t n = 0, cap = 0;
	int rc = statement_open(repo_index(r), sql, &st);

	*out = NULL;
	*n_out = 0;
	if (rc < 0)
		return rc;
	statement_bind_text(st, 1, a);
	if (b)
		statement_bind_text(st, 2, b);
	while ((rc = statement_step(st)) == 1) {
		ARRAY_GROW(*out, n, cap);
		if ((rc = read_row(st, &(*out)[n++])) < 0)
			break;
	}
	statement_close(st);
	*n_out = n;
	if (rc < 0) {
		release_list_free(*out, n);
		*out = NULL;
		*n_out = 0;
	}
	return rc;
}

int release_list(struct repo *r, const char *space, const char *name, struct release **out,
		 size_t *n_out)
{
	return list(r,
		    "SELECT " COLUMNS " FROM release WHERE (?1 IS NULL OR space = ?1)"
		    " AND (?2 IS NULL OR name = ?2) ORDER BY space, name, major DESC, minor DESC",
		    space, name, out, n_out);
}

int release_of_version(struct repo *r, const char *id, struct release **out, size_t *n_out)
{
	return list(r,
		    "SELECT " COLUMNS " FROM release WHERE version = ?1"
		    " ORDER BY space, name, major DESC, minor DESC",
		    id, NULL, out, n_out);
}

static int fail_unknown(struct repo *r, const char *space, const char *name, int64_t major,
			int64_t minor)
{
	struct release *v;
	struct buf b = BUF_INIT;
	size_t n;
	int rc = release_list(r, space, name, &v, &n);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < n && i < SHOWN_MAX; i++)
		buf_addf(&b, "%s%lld.%lld", i ? ", " : "", (long long)v[i].major,
			 (long long)v[i].minor);
	if (n > SHOWN_MAX)
		buf_addstr(&b, ", ...");
	if (n)
		rc = error_set(ERR_NOT_FOUND, "'%s/%s' has no release %lld.%lld, it has: %s", space,
			       name, (long long)major, (long long)minor, b.data);
	else
		rc = error_hint(
			error_set(ERR_NOT_FOUND, "nothing is released as '%s/%s'", space, name),
			"mich stages");
	release_list_free(v, n);
	buf_clear(&b);
	return rc;
}

int release_find(struct repo *r, const char *space, const char *name, int64_t major, int64_t minor,
		 struct release *out)
{
	static const char FIND[] = "SELECT " COLUMNS " FROM release WHERE space = ?1 AND name = ?2"
				   " AND major = ?3 AND minor = ?4";
	struct statement *st;
	int rc = statement_open(repo_index(r), FIND, &st);

	*out = (struct release)RELEASE_INIT;
	if (rc < 0)
		return rc;
	statement_bind_text(st, 1, space);
	statement_bind_text(st, 2, name);
	statement_bind_int(st, 3, major);
	statement_bind_int(st, 4, minor);
	rc = statement_step(st);
	if (rc == 1)
		rc = read_row(st, out);
	else if (rc == 0)
		rc = fail_unknown(r, space, name, major, minor);
	statement_close(st);
	return rc;
}

int release_next(struct repo *r, const char *space, const char *name, int64_t *major,
		 int64_t *minor)
{
	static const char HIGHEST[] = "SELECT major, minor FROM release WHERE space = ?1"
				      " AND name = ?2 ORDER BY major DESC, minor DESC LIMIT 1";
	struct statement *st;
	int rc = statement_open(repo_index(r), HIGHEST, &st);

	*major = 1;
	*minor = 0;
	if (rc < 0)
		return rc;
	statement_bind_text(st, 1, space);
	statement_bind_text(st, 2, name);
	if ((rc = statement_step(st)) == 1) {
		*major = statement_int(st, 0);
		*minor = statement_int(st, 1) + 1;
	}
	statement_close(st);
	return rc < 0 ? rc : 0;
}

int release_check_free(struct repo *r, const char *space, const char *name, int64_t major,
		       int64_t minor)
{
	struct release there;
	char at[CLOCK_ISO_BYTES];
	int rc = release_find(r, space, name, major, minor, &there);

	if (rc == 0) {
		clock_iso(there.at_ms, at);
		rc = error_set(ERR_EXISTS,
			       "the release %s/%s@%lld.%lld exists already, made by %s on %.10s",
			       space, name, (long long)major, (long long)minor, there.user, at);
		error_hint(rc, "mich promote %s/%s@%lld.%lld --to STAGE puts it into a stage",
			   space, name, (long long)major, (long long)minor);
	} else if (rc == ERR_NOT_FOUND) {
		error_clear();
		rc = 0;
	}
	release_clear(&there);
	return rc;
}

int release_of_model(struct repo *r, const char *model, char **space, char **name)
{
	static const char NAMES[] =
		"SELECT DISTINCT l.space, l.name FROM release l JOIN version v ON v.id = l.version"
		" WHERE v.kind = 'model' AND v.name = ?1 ORDER BY 1, 2";
	struct statement *st;
	struct buf all = BUF_INIT;
	int rc = statement_open(repo_index(r), NAMES, &st), n = 0;

	*space = *name = NULL;
	if (rc < 0)
		return rc;
	statement_bind_text(st, 1, model);
	while ((rc = statement_step(st)) == 1) {
		if (n < SHOWN_MAX)
			buf_addf(&all, "%s%s/%s", n ? ", " : "", statement_text(st, 0),
				 statement_text(st, 1));
		if (!n++) {
			*space = xstrdup(statement_text(st, 0));
			*name = xstrdup(statement_text(st, 1));
		}
	}
	statement_close(st);
	if (n > SHOWN_MAX)
		buf_addstr(&all, ", ...");
	if (rc == 0 && !n)
		rc = error_hint(error_set(ERR_NOT_FOUND, "model/%s was never released", model),
				"mich promote %s --as NAMESPACE/%s", model, model);
	else if (rc == 0 && n > 1)
		rc = error_set(ERR_INPUT, "model/%s is released under several names: %s", model,
			       all.data);
	if (rc < 0) {
		free(*space);
		free(*name);
		*space = *name = NULL;
	}
	buf_clear(&all);
	return rc;
}

int release_check_name(const char *space, const char *name)
{
	int rc = name_check("namespace", space);

	if (!rc)
		rc = name_check("name", name);
	if (!rc && name_is_kind(space)) {
		rc = error_set(ERR_INPUT, "'%s' cannot be a namespace: it is a kind", space);
		error_hint(rc, "name who the model is for, as in maps/%s", name);
	}
	return rc;
}

int release_parse_name(const char *text, char **space, char **name)
{
	const char *slash = strchr(text, '/');
	int rc;

	*space = *name = NULL;
	if (!slash || strchr(text, '@')) {
		rc = error_set(ERR_INPUT, "'%s' is no released name, want NAMESPACE/NAME", text);
		return error_hint(rc, "name who the model is for, as in maps/eta");
	}
	*space = xstrndup(text, (size_t)(slash - text));
	*name = xstrdup(slash + 1);
	if ((rc = release_check_name(*space, *name)) < 0) {
		free(*space);
		free(*name);
		*space = *name = NULL;
	}
	return rc;
}

static const char RELEASED[] =
	"SELECT l.space, l.name, l.major, l.minor, l.at, l.user, l.forced, s.stage, s.forced"
	" FROM release l LEFT JOIN stage s ON s.space = l.space AND s.name = l.name"
	" AND s.major = l.major AND s.minor = l.minor WHERE l.version = ?1"
	" ORDER BY l.space, l.name, l.major DESC, l.minor DESC, s.stage";

json_t *release_json_of(struct index *x, const char *id)
{
	json_t *rows = json_array(), *row = NULL;
	struct statement *st;

	if (statement_open(x, RELEASED, &st) < 0) {
		error_clear();
		return rows;
	}
	statement_bind_text(st, 1, id);
	while (statement_step(st) == 1) {
		char *ref = xasprintf("%s/%s@%lld.%lld", statement_text(st, 0),
				      statement_text(st, 1), (long long)statement_int(st, 2),
				      (long long)statement_int(st, 3)),
		     at[CLOCK_ISO_BYTES];
		const char *forced =
			statement_text(st, 6) ? statement_text(st, 6) : statement_text(st, 8);

		clock_iso(statement_int(st, 4), at);
		if (!row || strcmp(json_str(row, "release", ""), ref) != 0) {
			row = json_pack("{s:s,s:[],s:s,s:s?,s:s?}", "release", ref, "stages", "at",
					at, "user", statement_text(st, 5), "forced", forced);
			json_array_append_new(rows, row);
		}
		if (statement_text(st, 7))
			json_array_append_new(json_object_get(row, "stages"),
					      json_string(statement_text(st, 7)));
		free(ref);
	}
	statement_close(st);
	return rows;
}

char *release_text_of(struct index *x, const char *id)
{
	json_t *rows = release_json_of(x, id), *row, *stage;
	struct buf b = BUF_INIT;
	size_t i, k;

	json_array_foreach(rows, i, row) {
		const char *forced = json_str(row, "forced", NULL);

		buf_addf(&b, "%s%s", i ? "; " : "", json_str(row, "release", ""));
		json_array_foreach(json_object_get(row, "stages"), k, stage)
			buf_addf(&b, "%s%s", k ? ", " : " in ", json_string_value(stage));
		if (forced)
			buf_addf(&b, " (forced: %s)", forced);
	}
	json_decref(rows);
	return buf_take(&b);
}

int release_refuse(struct repo *r, const struct version *v, bool staged, const char *what)
{
	json_t *rows = release_json_of(repo_index(r), v->id), *row;
	size_t i;
	int rc = 0;

	json_array_foreach(rows, i, row) {
		json_t *stages = json_object_get(row, "stages");
		const char *ref = json_str(row, "release", ""),
			   *stage = json_string_value(json_array_get(stages, 0));

		if (rc < 0 || (staged && !stage))
			continue;
		rc = error_set(ERR_INPUT, "cannot %s %s/%s@%lld: it is released as %s%s%s", what,
			       v->kind, v->name, (long long)v->number, ref,
			       stage ? ", which is in " : "", stage ? stage : "");
		if (stage)
			error_hint(rc, "mich rollback %.*s --stage %s, or promote another",
				   (int)strcspn(ref, "@"), ref, stage);
	}
	json_decref(rows);
	return rc;
}
