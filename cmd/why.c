/* why.c - why a result is not what it was. */
#include "cmd/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/make/make.h"
#include "lib/step/difference.h"
#include "lib/step/why.h"

struct why_args {
	const char *x, *y;
	bool json, exit_code;
};

static const struct opt opts[] = {
	OPT_FLAG(0, "exit-code", struct why_args, exit_code, "exit 1 when something differs"),
	OPT_JSON(struct why_args),
	OPERAND("x", struct why_args, x, ONE, COMP_VERSION, "a name of the Michfile, or a version"),
	OPERAND("y", struct why_args, y, OPTIONAL, COMP_VERSION,
		"a second version; else the checkout"),
	OPT_END
};

/* X alone: this checkout against the version that X names, or against the latest good one. */
static int against_checkout(struct repo *repo, const char *x, json_t **rows)
{
	char *name = xstrndup(x, strcspn(x, "@"));
	const struct spec_node *node = NULL;
	struct version v = VERSION_INIT;
	struct plan *p = NULL;
	int rc = plan_open(repo, make_ops, &p);

	if (!rc)
		rc = plan_find(p, NULL, name, &node);
	if (!rc && strchr(x, '@'))
		rc = version_find(repo, spec_kind_name(node->kind), x, &v);
	if (!rc)
		rc = why_node(p, node, v.kind ? &v : NULL, rows);
	version_clear(&v);
	plan_close(p);
	free(name);
	return rc;
}

static int between(struct repo *repo, const char *x, const char *y, json_t **rows)
{
	struct version a = VERSION_INIT, b = VERSION_INIT;
	int rc = version_find(repo, NULL, x, &a);

	if (!rc)
		rc = version_find(repo, NULL, y, &b);
	if (!rc && strcmp(a.kind, b.kind))
		rc = error_set(ERR_INPUT, "cannot compare a %s with a %s", a.kind, b.kind);
	if (!rc)
		rc = why_versions(repo, &a, &b, rows);
	version_clear(&a);
	version_clear(&b);
	return rc;
}

static int run(struct repo *repo, const void *payload)
{
	const struct why_args *args = payload;
	json_t *rows = NULL, *row;
	size_t i;
	int rc = args->y ? between(repo, args->x, args->y, &rows)
			 : against_checkout(repo, args->x, &rows);

	if (!rc && args->json)
		rc = cmd_json(json_incref(rows));
	else if (!rc && !json_array_size(rows))
		printf("nothing differs\n");
	else if (!rc)
		json_array_foreach(rows, i, row) {
			char *text = strcmp(json_str(row, "what", ""), "never made")
					     ? difference_text(row)
					     : xstrdup("never made");

			printf("%s\n", text);
			free(text);
		}
	if (!rc && args->exit_code && json_array_size(rows))
		rc = error_set(ERR_NO, "something differs");
	json_decref(rows);
	return rc;
}

const struct cmd cmd_why = {
	.name = "why",
	.summary = "tell why a result is not what it was",
	.group = GROUP_MAKE,
	.flags = CMD_READS,
	.opts = opts,
	.args_size = sizeof(struct why_args),
	.run = run,
};
