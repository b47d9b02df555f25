/* clean.c - lift the mark of a dirty version by evidence, from its manifest. */
#include "lib/make/judge/clean.h"

#include <string.h>

#include "lib/base/error.h"
#include "lib/record/content/code.h"
#include "lib/record/event.h"
#include "lib/record/version.h"

static bool same_recipe(const struct spec *head, const json_t *manifest)
{
	const char *kind = json_str(manifest, "kind", "");
	const json_t *keys = json_object_get(manifest, "keys");
	int k = spec_kind_parse(kind, strlen(kind));
	const struct spec_node *node =
		k < 0 ? NULL : spec_find(head, (enum spec_kind)k, json_str(manifest, "name", ""));

	return node && json_equal(node->json.output, json_object_get(keys, "output")) &&
	       json_equal(node->json.input, json_object_get(keys, "input"));
}

static int record(struct repo *r, struct version *v)
{
	const struct strlist none = STRLIST_INIT;
	struct code head = CODE_INIT; /* of no path: HEAD's commit */
	json_t *data = NULL;
	int rc = code_snapshot(r, &none, &head);

	if (!rc) {
		data = json_pack("{s:s}", "commit", head.commit);
		rc = event_record(r, v, "committed", data);
	}
	v->dirty = rc != 0;
	json_decref(data);
	code_clear(&head);
	return rc;
}

int clean_lift(struct repo *r, const struct spec *head, struct version *v)
{
	struct code code = CODE_INIT;
	json_t *manifest = NULL;
	bool lift = false;
	int rc;

	if (!v->dirty)
		return 0;
	rc = version_manifest(r, v, &manifest);
	if (!rc)
		rc = code_load(json_object_get(manifest, "code"), &code);
	if (!rc)
		lift = same_recipe(head, manifest) && code_in_head(r, &code);
	if (!rc && lift)
		rc = record(r, v);
	code_clear(&code);
	json_decref(manifest);
	return rc;
}
