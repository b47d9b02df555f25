/* measured.c - the model that is meant, and rows to measure it on. */
#include "cmd/measured.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/make/resolve.h"
#include "lib/record/version.h"

/* What is behind the kind: "eta@14". */
static const char *behind_kind(const char *ref)
{
	const char *slash = strrchr(ref, '/');

	return slash ? slash + 1 : ref;
}

char *measured_name(const char *model)
{
	const char *start = behind_kind(model);

	return xstrndup(start, strcspn(start, "@"));
}

int measured_dataset(struct repo *repo, const char *model, const char *option, char **out)
{
	struct version v = VERSION_INIT;
	json_t *manifest = NULL, *in;
	size_t i;
	int rc = resolve_version(repo, "model", model, &v);

	if (!rc)
		rc = version_manifest(repo, &v, &manifest);
	json_array_foreach(json_object_get(manifest, "inputs"), i, in) {
		const char *role = json_str(in, "role", "");

		if (!*out && (!strcmp(role, "dataset") || !strcmp(role, "like")))
			*out = xstrdup(behind_kind(json_str(in, "ref", "")));
	}
	if (!rc && !*out) {
		rc = error_set(ERR_INPUT,
			       "model/%s@%lld was not trained on a data set of this record", v.name,
			       (long long)v.number);
		error_hint(rc, "say what to measure on: %s", option);
	}
	json_decref(manifest);
	version_clear(&v);
	return rc;
}
