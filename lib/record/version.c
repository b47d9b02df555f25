/* version.c - a version as the index has it, by its id, its recipe, or among all of its name. */
#include "lib/record/version.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/record/head.h"
#include "lib/record/inside.h"

void version_clear(struct version *v)
{
	free(v->kind);
	free(v->name);
	free(v->build);
	free(v->validation);
	free(v->life);
	free(v->host);
	free(v->user);
	*v = (struct version)VERSION_INIT;
}

static char *copy_text(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

int version_copy(const struct version *v, struct version *out)
{
	*out = *v;
	out->kind = copy_text(v->kind);
	out->name = copy_text(v->name);
	out->build = copy_text(v->build);
	out->validation = copy_text(v->validation);
	out->life = copy_text(v->life);
	out->host = copy_text(v->host);
	out->user = copy_text(v->user);
	return 0;
}

char *version_ref(const struct version *v)
{
	return xasprintf("%s/%s@%lld", v->kind, v->name, (long long)v->number);
}

/* Up to four texts bound; the first row is the answer. 1: found, 0: none. */
int version_by_id(struct repo *r, const char *id, struct version *out)
{
	int rc;

	repo_index(r);
	rc = head_find(r, "SELECT " HEAD_COLUMNS " FROM version v WHERE id = ?1", &id, 1, out);
	return rc == 0 ? error_set(ERR_NOT_FOUND, "no version has the id %s", id) : rc < 0 ? rc : 0;
}

int version_by_fingerprint(struct repo *r, const char *kind, const char *name,
			   const char *fingerprint, struct version *out)
{
	const char *texts[] = { fingerprint, kind, name };
	int rc;

	repo_index(r);
	rc = head_find(r,
		       "SELECT " HEAD_COLUMNS
		       " FROM version v WHERE fingerprint = ?1 AND kind = ?2 AND name = ?3"
		       " AND build = 'good' AND NOT collected ORDER BY number LIMIT 1",
		       texts, 3, out);
	return rc == 0	? error_set(ERR_NOT_FOUND, "no version of %s/%s has this fingerprint", kind,
				    name)
	       : rc < 0 ? rc
			: 0;
}

int version_list(struct repo *r, const char *kind, const char *name, struct version **out,
		 size_t *n_out)
{
	struct statement *st;
	size_t n = 0, cap = 0;
	int rc;

	*out = NULL;
	*n_out = 0;
	repo_index(r);
	rc = statement_open(r->index,
			    "SELECT " HEAD_COLUMNS " FROM version v WHERE kind = ?1 AND name = ?2"
			    " ORDER BY number DESC",
			    &st);
	if (rc < 0)
		return rc;
	statement_bind_text(st, 1, kind);
	statement_bind_text(st, 2, name);
	while ((rc = statement_step(st)) == 1) {
		ARRAY_GROW(*out, n, cap);
		head_read(st, &(*out)[n++]);
	}
	statement_close(st);
	*n_out = n;
	return rc;
}
