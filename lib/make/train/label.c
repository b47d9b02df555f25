/* label.c - find a model's label. */
#include "lib/make/train/label.h"

#include "lib/spec/spec.h"
#include "lib/step/plan.h"

static const struct spec_node *dataset_node(const struct spec_node *node)
{
	for (size_t i = 0; i < node->n_ref; i++)
		if (node->ref[i].kind == SPEC_DATASET)
			return node->ref[i].node;
	return NULL;
}

int label_describe(struct plan *p, const struct spec_node *node, struct step *s)
{
	const struct step_input *in = step_find_input(s, "dataset");
	const struct spec_node *data = dataset_node(node);
	json_t *manifest = NULL;
	const char *label = node->label;
	int rc = 0;

	if (!label && in && in->content[0]) {
		rc = version_manifest(plan_repo(p), &in->version, &manifest);
		label = rc ? NULL : json_str(json_object_get(manifest, "recipe"), "label", NULL);
	} else if (!label && data) {
		label = data->label;
	}
	if (label)
		json_object_set_new(s->recipe, "label", json_string(label));
	json_decref(manifest);
	return rc;
}
