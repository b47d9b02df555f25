/* eval.c - measure a model on a split that it did not learn from. */
#include "cmd/cmd.h"
#include "cmd/made.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/make/make.h"
#include "lib/make/resolve.h"

struct eval_args {
	const char *model, *on, *split, *name;
	double threshold;
	bool json;
};

static const struct opt opts[] = {
	OPT_STRING(0, "on", struct eval_args, on, "DATASET", NULL, COMP_DATASET,
		   "measure on this data set; else on the model's own"),
	OPT_CHOICE(0, "split", struct eval_args, split, NULL, "test|validation|train",
		   "the split to measure on; else test"),
	OPT_DOUBLE(
		0, "threshold", struct eval_args, threshold, "P", "-1",
		"probability from which a binary answer counts as yes; -1: what the Michfile says"),
	OPT_STRING(0, "name", struct eval_args, name, "NAME", NULL, COMP_NONE,
		   "record it as eval/NAME; else under the model's name"),
	OPT_JSON(struct eval_args),
	OPERAND("model", struct eval_args, model, ONE, COMP_VERSION, "model to measure"),
	OPT_END
};

/* "eta" of "model/eta@14" and of "eta"; caller frees. */
static char *bare_name(const char *text)
{
	const char *slash = strrchr(text, '/'), *start = slash ? slash + 1 : text;

	return xstrndup(start, strcspn(start, "@"));
}

/* "flights@3" of "dataset/flights@3"; caller frees. */
static char *bare_ref(const char *ref)
{
	const char *slash = strrchr(ref, '/');

	return xstrdup(slash ? slash + 1 : ref);
}

/* The data set that a recorded model was trained on, as "flights@3"; caller frees. */
static int own_dataset(struct repo *repo, const char *model, char **out)
{
	struct version v = VERSION_INIT;
	json_t *manifest = NULL, *in;
	size_t i;
	int rc = resolve_version(repo, "model", model, &v);

	if (!rc)
		rc = version_manifest(repo, &v, &manifest);
	json_array_foreach(json_object_get(manifest, "inputs"), i, in)
		if (!*out && !strcmp(json_str(in, "role", ""), "dataset"))
			*out = bare_ref(json_str(in, "ref", ""));
	if (!rc && !*out) {
		rc = error_set(ERR_INPUT,
			       "model/%s@%lld was not trained on a data set of this record", v.name,
			       (long long)v.number);
		error_hint(rc, "say what to measure on: --on DATASET");
	}
	json_decref(manifest);
	version_clear(&v);
	return rc;
}

/* What the command line asks for, as a section of the Michfile would say it. */
static int define(struct plan *p, const struct eval_args *args, const char *dataset,
		  const struct spec_node **out)
{
	char *name = args->name ? xstrdup(args->name) : bare_name(args->model), threshold[40];
	const char *pairs[9] = { "model", args->model };
	struct spec_node *node = NULL;
	size_t n = 2;
	int rc;

	pairs[n++] = "dataset";
	pairs[n++] = dataset;
	if (args->split) {
		pairs[n++] = "split";
		pairs[n++] = args->split;
	}
	if (args->threshold >= 0) {
		snprintf(threshold, sizeof threshold, "%.17g", args->threshold);
		pairs[n++] = "threshold";
		pairs[n++] = threshold;
	}
	pairs[n] = NULL;
	rc = spec_define(plan_spec(p), SPEC_EVAL, name, pairs, &node);
	if (rc == ERR_EXISTS)
		error_hint(rc, "record it under another name: --name NAME");
	*out = node;
	free(name);
	return rc;
}

static int run(struct repo *repo, const void *payload)
{
	const struct eval_args *args = payload;
	bool asked = args->on || args->split || args->name || args->threshold >= 0 ||
		     strchr(args->model, '@');
	const struct spec_node *node = NULL;
	char *dataset = args->on ? xstrdup(args->on) : NULL;
	struct plan *p = NULL;
	int rc = plan_open_any(repo, make_ops, &p);

	if (!rc && !asked) {
		char *name = bare_name(args->model);

		node = spec_find(plan_spec(p), SPEC_EVAL, name);
		free(name);
	}
	if (!rc && !node && !dataset)
		rc = own_dataset(repo, args->model, &dataset);
	if (!rc && !node)
		rc = define(p, args, dataset, &node);
	if (!rc)
		rc = made_node(p, node, args->json);
	plan_close(p);
	free(dataset);
	return rc;
}

const struct cmd cmd_eval = {
	.name = "eval",
	.summary = "measure a model on rows it did not learn from",
	.group = GROUP_MAKE,
	.flags = CMD_NEEDS_REPO,
	.opts = opts,
	.args_size = sizeof(struct eval_args),
	.run = run,
};
