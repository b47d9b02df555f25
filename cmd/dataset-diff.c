/* dataset-diff.c - how the data of two data sets differ. */
#include "cmd/cmd.h"

#include <string.h>

#include "lib/make/resolve.h"
#include "lib/record/version.h"
#include "lib/table/profile/differ.h"

struct dataset_diff_args {
	const char *a, *b;
	bool exit_code, json;
};

static const struct opt opts[] = {
	OPT_FLAG(0, "exit-code", struct dataset_diff_args, exit_code,
		 "exit 1 when something differs"),
	OPT_JSON(struct dataset_diff_args),
	OPERAND("a", struct dataset_diff_args, a, ONE, COMP_DATASET, "data set before"),
	OPERAND("b", struct dataset_diff_args, b, ONE, COMP_DATASET, "data set after"), OPT_END
};

static int profile_of(struct repo *repo, const char *name, json_t **out)
{
	struct version v = VERSION_INIT;
	int rc = resolve_version(repo, "dataset", name, &v);

	if (!rc)
		rc = version_profile(repo, &v, out);
	if (!rc && !json_object_get(*out, "profile"))
		rc = error_set(ERR_NOT_FOUND, "there is no profile of '%s': %s", name,
			       strcmp(v.build, "good") == 0 ? "it holds files, not a table"
							    : "its build failed");
	version_clear(&v);
	return rc;
}

static int print(const json_t *difference)
{
	struct buf b = BUF_INIT;

	if (table_differ_any(difference))
		table_differ_text(difference, &b);
	else
		buf_addstr(&b, "nothing differs\n");
	fputs(b.data, stdout);
	buf_clear(&b);
	return 0;
}

static int run(struct repo *repo, const void *p)
{
	const struct dataset_diff_args *args = p;
	json_t *a = NULL, *b = NULL, *difference = NULL;
	int rc = profile_of(repo, args->a, &a);

	if (!rc)
		rc = profile_of(repo, args->b, &b);
	if (!rc)
		rc = table_differ(a, b, &difference);
	if (!rc)
		rc = args->json ? cmd_json(json_incref(difference)) : print(difference);
	if (!rc && args->exit_code && table_differ_any(difference))
		rc = error_set(ERR_NO, "the data differ");
	json_decref(difference);
	json_decref(a);
	json_decref(b);
	return rc;
}

const struct cmd cmd_dataset_diff = {
	.name = "dataset diff",
	.summary = "compare the data of two data sets",
	.group = GROUP_LOOK,
	.flags = CMD_READS | CMD_PAGER,
	.opts = opts,
	.args_size = sizeof(struct dataset_diff_args),
	.run = run,
};
