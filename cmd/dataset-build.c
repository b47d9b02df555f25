/* dataset-build.c - make a data set of the Michfile. */
#include "cmd/cmd.h"
#include "cmd/made.h"

struct dataset_build_args {
	const char *name;
	struct strlist set;
	bool json;
};

static const struct opt opts[] = {
	OPT_LIST(0, "set", struct dataset_build_args, set, "KEY=VALUE", COMP_SETTING,
		 "override a key of its section for this run"),
	OPT_JSON(struct dataset_build_args),
	OPERAND("name", struct dataset_build_args, name, ONE, COMP_DATASET, "data set to build"),
	OPT_END
};

static int run(struct repo *repo, const void *p)
{
	const struct dataset_build_args *args = p;

	return made_named(repo, "dataset", args->name,
			  &(struct made_how){ .set = &args->set, .json = args->json });
}

const struct cmd cmd_dataset_build = {
	.name = "dataset build",
	.summary = "make a data set of the Michfile",
	.group = GROUP_MAKE,
	.flags = CMD_NEEDS_REPO,
	.opts = opts,
	.args_size = sizeof(struct dataset_build_args),
	.run = run,
};
