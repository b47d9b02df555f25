/* holdout.c - find the evaluation that measured a model as a section asks. */
#include "lib/make/judge/holdout.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/make/judge/twins.h"

static const char *const parts[] = { [SPEC_PART_TEST] = "test",
				     [SPEC_PART_VALIDATION] = "validation",
				     [SPEC_PART_TRAIN] = "train" };

static const char *part_known(const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (!strcmp(text, parts[i]))
			return parts[i];
	return parts[SPEC_PART_TEST];
}

/* The input of a role, NULL when there is none. */
static const json_t *input_of(const json_t *manifest, const char *role)
{
	json_t *in;
	size_t i;

	json_array_foreach(json_object_get(manifest, "inputs"), i, in)
		if (!strcmp(json_str(in, "role", ""), role))
			return in;
	return NULL;
}

/* Was the data set of that manifest the one that node names? */
static bool same_data(const struct spec_node *node, const json_t *manifest)
{
	const char *ref = json_str(input_of(manifest, "dataset"), "ref", "");
	const char *name = strchr(ref, '/') ? strchr(ref, '/') + 1 : ref;
	size_t n = strcspn(name, "@");

	for (size_t i = 0; i < node->n_ref; i++)
		if (node->ref[i].kind == SPEC_DATASET)
			return strlen(node->ref[i].name) == n &&
			       !strncmp(node->ref[i].name, name, n);
	return false;
}

static bool same_key(const json_t *a, const json_t *b, const char *key)
{
	const json_t *x = json_object_get(a, key), *y = json_object_get(b, key);

	return x && y ? json_equal(x, y) : !x && !y;
}

static bool matches(const struct spec_node *node, const json_t *manifest)
{
	const json_t *recipe = json_object_get(manifest, "recipe");

	if (!node)
		return strcmp(json_str(recipe, "split", "test"), "train") != 0;
	return same_key(recipe, node->json.output, "split") &&
	       same_key(recipe, node->json.output, "threshold") &&
	       same_key(recipe, node->json.output, "command") && same_data(node, manifest);
}

/* Is v an evaluation of that model, or of the same bytes; not made with it in another role? */
static int fits(struct repo *r, const struct spec_node *node, const struct version *model,
		const struct version *v)
{
	json_t *manifest = NULL;
	const char *content;
	int rc;

	if (strcmp(v->kind, "eval") || strcmp(v->build, "good") || !strcmp(v->life, "retired") ||
	    (node && strcmp(v->name, node->name)))
		return 0;
	rc = version_manifest(r, v, &manifest);
	content = json_str(input_of(manifest, "model"), "content", "");
	if (!rc)
		rc = !strcmp(content, model->content) && matches(node, manifest);
	json_decref(manifest);
	return rc;
}

static int find(struct repo *r, const struct spec_node *node, const struct version *model,
		struct version *out)
{
	struct version *users = NULL;
	size_t n = 0;
	int rc = twins_users(r, model, &users, &n), found = ERR_NOT_FOUND;

	for (size_t i = 0; i < n; i++) {
		int fit = rc ? 0 : fits(r, node, model, &users[i]);

		if (fit < 0)
			rc = fit;
		if (fit > 0 && (found || users[i].finished_ms >= out->finished_ms)) {
			version_clear(out);
			found = version_copy(&users[i], out);
		}
		version_clear(&users[i]);
	}
	free(users);
	return rc ? rc : found;
}

int holdout_find(struct repo *r, const struct spec_node *node, const struct version *model,
		 struct version *out)
{
	int rc = find(r, node, model, out);

	if (rc != ERR_NOT_FOUND)
		return rc;
	error_set(rc, "eval/%s did not measure %s/%s@%lld on the split '%s'", node->name,
		  model->kind, model->name, (long long)model->number, parts[node->part]);
	return error_hint(rc, "mich build eval/%s", node->name);
}

int holdout_any(struct repo *r, const struct version *model, struct version *out)
{
	int rc = find(r, NULL, model, out);

	if (rc != ERR_NOT_FOUND)
		return rc;
	error_set(rc, "no evaluation of %s/%s@%lld on rows that it did not learn from is recorded",
		  model->kind, model->name, (long long)model->number);
	return error_hint(rc, "mich eval %s@%lld", model->name, (long long)model->number);
}

int holdout_read(struct repo *r, const struct version *eval, struct version *model,
		 struct version *data, const char **part)
{
	json_t *manifest = NULL;
	const char *model_id, *data_id;
	int rc = version_manifest(r, eval, &manifest);

	model_id = json_str(input_of(manifest, "model"), "id", NULL);
	data_id = json_str(input_of(manifest, "dataset"), "id", NULL);
	*part = part_known(json_str(json_object_get(manifest, "recipe"), "split", "test"));
	if (!rc && (!model_id || !data_id))
		rc = error_set(ERR_CORRUPT, "eval/%s@%lld does not say what it measured",
			       eval->name, (long long)eval->number);
	if (!rc)
		rc = version_by_id(r, model_id, model);
	if (!rc)
		rc = version_by_id(r, data_id, data);
	json_decref(manifest);
	return rc;
}
