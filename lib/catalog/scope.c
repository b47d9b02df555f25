/* scope.c - a word is a kind before it is a name. */
#define _GNU_SOURCE
#include "lib/catalog/scope.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/base/strlist.h"
#include "lib/index/statement.h"
#include "lib/record/name.h"

/* A repository without models is not an error in `ls model`. */
static const char *const kinds[] = { "dataset", "model", "eval", "prediction", "bench" };

/* 1: the statement, with kind and name bound, has a row. */
static int has_row(struct index *x, const char *sql, const char *kind, const char *name)
{
	struct statement *st;
	int rc = statement_open(x, sql, &st);

	if (rc < 0)
		return rc;
	statement_bind_text(st, 1, kind);
	statement_bind_text(st, 2, name);
	rc = statement_step(st);
	statement_close(st);
	return rc;
}

static int has_kind(struct index *x, const char *kind)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (!strcmp(kind, kinds[i]))
			return 1;
	return has_row(x, "SELECT 1 FROM artifact WHERE kind = ?1 AND ?2 IS NULL LIMIT 1", kind,
		       NULL);
}

static int has_artifact(struct index *x, const char *kind, const char *name)
{
	return has_row(
		x, "SELECT 1 FROM artifact WHERE (?1 IS NULL OR kind = ?1) AND name = ?2 LIMIT 1",
		kind, name);
}

/* A model's name is also that of its measurements, which are meant less often. */
static int first_kind(struct index *x, struct scope *s)
{
	static const char *const first[] = { "model", "dataset" };

	for (size_t i = 0; i < ARRAY_LEN(first); i++) {
		int rc = has_artifact(x, first[i], s->name);

		if (rc == 1)
			s->kind = xstrdup(first[i]);
		if (rc)
			return rc;
	}
	return 1;
}

static int refuse(struct index *x, const char *text)
{
	static const char NAMES[] =
		"SELECT kind || '/' || name, name, kind FROM artifact ORDER BY 1";
	bool whole = strchr(text, '/') != NULL;
	struct strlist known = STRLIST_INIT;
	struct statement *st;
	const char *near;

	for (size_t i = 0; !whole && i < ARRAY_LEN(kinds); i++)
		strlist_add(&known, kinds[i]);
	if (statement_open(x, NAMES, &st) == 0) {
		while (statement_step(st) == 1) {
			strlist_add(&known, statement_text(st, whole ? 0 : 1));
			if (!whole)
				strlist_add(&known, statement_text(st, 2));
		}
		statement_close(st);
	}
	near = strlist_nearest((const char *const *)known.v, known.n, text);
	error_set(ERR_NOT_FOUND,
		  whole ? "nothing was made of the name '%s'"
			: "no kind or artifact is called '%s'",
		  text);
	if (near)
		error_hint(ERR_NOT_FOUND, "did you mean '%s'?", near);
	else
		error_hint(ERR_NOT_FOUND, "mich ls");
	strlist_clear(&known);
	return ERR_NOT_FOUND;
}

static int find(struct index *x, const char *text, const char *slash, struct scope *out)
{
	int rc;

	if (slash) {
		out->kind = xstrndup(text, (size_t)(slash - text));
		out->name = xstrdup(slash + 1);
		if ((rc = name_check("kind", out->kind)) < 0 ||
		    (rc = name_check("name", out->name)) < 0)
			return rc;
		rc = has_artifact(x, out->kind, out->name);
	} else if ((rc = name_check("name", text)) == 0 && (rc = has_kind(x, text)) == 1) {
		out->kind = xstrdup(text);
	} else if (rc == 0 && (rc = has_artifact(x, NULL, text)) == 1) {
		out->name = xstrdup(text);
		rc = first_kind(x, out);
	}
	return rc;
}

int scope_find(struct index *x, const char *text, struct scope *out)
{
	int rc;

	*out = (struct scope)SCOPE_INIT;
	if (!text)
		return 0;
	if (strchr(text, '@')) {
		error_set(ERR_INPUT, "'%s' is one version, not a kind or an artifact", text);
		return error_hint(ERR_INPUT, "mich show %s", text);
	}
	rc = find(x, text, strchr(text, '/'), out);
	if (rc == 1)
		return 0;
	scope_clear(out);
	return rc < 0 ? rc : refuse(x, text);
}

void scope_clear(struct scope *s)
{
	free(s->kind);
	free(s->name);
	*s = (struct scope)SCOPE_INIT;
}
