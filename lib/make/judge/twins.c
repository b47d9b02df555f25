/* twins.c - users of all versions of the same bytes. */
#include "lib/make/judge/twins.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/record/lineage.h"
#include "lib/record/repo.h"

static int add_users(struct repo *r, const struct version *v, struct version **out, size_t *n_out)
{
	struct version *users = NULL;
	size_t n = 0;
	int rc = lineage_users(repo_index(r), v, &users, &n);

	if (!rc && n) {
		*out = xrealloc(*out, (*n_out + n) * sizeof **out);
		memcpy(*out + *n_out, users, n * sizeof **out); /* taken */
		*n_out += n;
	}
	free(users);
	return rc;
}

int twins_users(struct repo *r, const struct version *v, struct version **out, size_t *n_out)
{
	struct version *all = NULL;
	size_t n = 0;
	int rc = version_list(r, v->kind, v->name, &all, &n);

	*out = NULL;
	*n_out = 0;
	for (size_t i = 0; i < n; i++) {
		bool same = !strcmp(all[i].id, v->id) ||
			    (v->content[0] && !strcmp(all[i].content, v->content));

		if (!rc && same)
			rc = add_users(r, &all[i], out, n_out);
		version_clear(&all[i]);
	}
	free(all);
	return rc;
}
