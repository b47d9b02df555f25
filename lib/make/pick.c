/* pick.c - the version that a person means, in this checkout. */
#define _GNU_SOURCE
#include "lib/make/pick.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/make/resolve.h"
#include "lib/record/name.h"

/* What is named after a model gives way to it: eta@2 is model/eta@2, not eval/eta@2. */
static const char *const first_kinds[] = { "model", "dataset" };

/* 1: a version of the kind, 0: no such artifact. */
static int try_kind(struct repo *r, const char *kind, const char *text, struct version *out)
{
	struct version *all = NULL;
	size_t n = 0;
	char *name = xstrndup(text, strcspn(text, "@"));
	int rc = version_list(r, kind, name, &all, &n);

	for (size_t i = 0; i < n; i++)
		version_clear(&all[i]);
	free(all);
	free(name);
	if (rc < 0 || !n)
		return rc;
	rc = version_find(r, kind, text, out);
	return rc < 0 ? rc : 1;
}

/* A name without its kind: the first kind that has it. An id's digits may be those of another
 * kind's. */
static int find_kindless(struct repo *r, const char *text, struct version *out)
{
	for (size_t i = 0; i < ARRAY_LEN(first_kinds); i++) {
		int rc = try_kind(r, first_kinds[i], text, out);

		if (rc == 1)
			return 0;
		if (rc < 0 && rc != ERR_NOT_FOUND)
			return rc;
		if (rc < 0)
			return version_find(r, NULL, text, out) == 0
				       ? 0
				       : version_find(r, first_kinds[i], text, out);
	}
	return version_find(r, NULL, text, out);
}

int pick_version(struct repo *r, const char *kind, const char *text, struct version *out)
{
	bool plain = !kind && !strchr(text, '/');
	int rc;

	if (plain && strchr(text, '@'))
		return find_kindless(r, text, out);
	rc = resolve_version(r, kind, text, out);
	return plain && rc == ERR_INPUT ? find_kindless(r, text, out) : rc;
}

int pick_pinned(struct repo *r, const char *kind, const char *text, char **out)
{
	struct version v = VERSION_INIT;
	struct name n;
	int rc = name_parse(text, &n);

	*out = NULL;
	if (rc < 0 || (n.rev_type != REV_WORD && n.rev_type != REV_RELEASE &&
		       (!*n.kind || name_is_kind(n.kind)))) {
		error_clear(); /* whoever reads the section says what is wrong */
		*out = xstrdup(text);
		return 0;
	}
	if ((rc = version_find(r, kind, text, &v)) == 0)
		*out = version_ref(&v);
	version_clear(&v);
	return rc;
}
