/* train.c - make a model of the Michfile. */
#include "cmd/cmd.h"
#include "cmd/made.h"

struct train_args {
	const char *name;
	struct strlist set;
	bool json;
};

static const struct opt opts[] = {
	OPT_LIST(0, "set", struct train_args, set, "KEY=VALUE", COMP_NONE,
		 "override a key of its section, or a parameter, for this run"),
	OPT_JSON(struct train_args),
	OPERAND("name", struct train_args, name, ONE, COMP_MODEL, "model to train"), OPT_END
};

static int run(struct repo *repo, const void *p)
{
	const struct train_args *args = p;

	return made_named(repo, "model", args->name, &args->set, args->json);
}

const struct cmd cmd_train = {
	.name = "train",
	.summary = "make a model of the Michfile",
	.group = GROUP_MAKE,
	.flags = CMD_NEEDS_REPO,
	.opts = opts,
	.args_size = sizeof(struct train_args),
	.run = run,
};
