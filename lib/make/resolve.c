/* resolve.c - names by the checkout first, then by the record. */
#include "lib/make/resolve.h"

#include <string.h>

#include "lib/base/error.h"
#include "lib/make/make.h"
#include "lib/record/repo.h"

static int by_checkout(struct plan *p, const struct spec_node *node, struct version *out)
{
	struct plan_item *it = NULL;
	const char *kind = spec_kind_name(node->kind);
	int rc = plan_item(p, node, &it);

	if (rc && !*error_hint_text())
		error_hint(rc, "mend that, or name a version: %s/%s@latest", kind, node->name);
	if (rc)
		return *error_hint_text()
			       ? rc
			       : error_hint(rc, "name a version: %s/%s@latest", kind, node->name);
	if (it->state == PLAN_CURRENT)
		return version_copy(&it->version, out);
	error_set(ERR_NOT_FOUND,
		  it->state == PLAN_NEVER ? "%s/%s was never made"
					  : "%s/%s is stale: this checkout's recipe was not made",
		  kind, node->name);
	if (it->state == PLAN_STALE)
		return error_hint(ERR_NOT_FOUND,
				  "mich build %s/%s, or name a version: %s/%s@latest", kind,
				  node->name, kind, node->name);
	return error_hint(ERR_NOT_FOUND, "mich build %s/%s", kind, node->name);
}

int resolve_version(struct repo *r, const char *kind, const char *text, struct version *out)
{
	const struct spec_node *node = NULL;
	struct plan *p = NULL;
	int rc;

	if (strchr(text, '@') || !repo_workdir(r) || plan_open(r, make_ops, &p) ||
	    plan_find(p, kind, text, &node)) {
		plan_close(p);
		error_clear();
		return version_find(r, kind, text, out);
	}
	rc = by_checkout(p, node, out);
	plan_close(p);
	return rc;
}
