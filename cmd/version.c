/* version.c - which mich this is. */
#include "cmd/cmd.h"

#include "lib/base/json.h"

struct version_args {
	bool json;
};

static const struct opt opts[] = { OPT_JSON(struct version_args), OPT_END };

static int run(struct repo *repo, const void *p)
{
	const struct version_args *args = p;

	(void)repo;
	if (args->json)
		return cmd_json(json_pack("{s:s}", "version", MICH_VERSION));
	printf("mich version %s\n", MICH_VERSION);
	return 0;
}

const struct cmd cmd_version = {
	.name = "version",
	.summary = "print the version of mich",
	.group = GROUP_CARE,
	.opts = opts,
	.args_size = sizeof(struct version_args),
	.run = run,
};
