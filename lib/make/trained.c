/* trained.c - a model's training rows, by its manifest. */
#include "lib/make/trained.h"

#include <string.h>

#include "lib/base/error.h"
#include "lib/record/version.h"

int trained_dataset(struct repo *r, const struct version *model, struct version *out)
{
	json_t *manifest = NULL, *in;
	const char *id = NULL;
	size_t i;
	int rc = version_manifest(r, model, &manifest);

	json_array_foreach(json_object_get(manifest, "inputs"), i, in)
		if (!id && !strcmp(json_str(in, "role", ""), "dataset"))
			id = json_str(in, "id", NULL);
	if (!rc && id)
		rc = version_by_id(r, id, out);
	else if (!rc)
		rc = error_set(ERR_NOT_FOUND,
			       "%s/%s@%lld was not trained on a data set of this record",
			       model->kind, model->name, (long long)model->number);
	json_decref(manifest);
	return rc;
}

int trained_rows(struct repo *r, const struct version *model, char **out)
{
	static const char path[] = "files/train.parquet";
	struct version data = VERSION_INIT;
	int rc = trained_dataset(r, model, &data);

	*out = NULL;
	if (rc == ERR_NOT_FOUND) {
		error_clear();
		rc = 0;
	} else if (!rc && version_has(r, &data, path)) {
		rc = version_path(r, &data, path, out);
	}
	version_clear(&data);
	return rc;
}
