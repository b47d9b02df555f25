/* init.c - make a record in a git repository, or in a folder that becomes one. */
#include "cmd/cmd.h"

#include "lib/record/repo.h"

struct init_args {
	const char *dir;
};

static const struct opt opts[] = { OPERAND("dir", struct init_args, dir, OPTIONAL, COMP_DIR,
					   "folder; else the current one"),
				   OPT_END };

static int run(struct repo *repo, const void *p)
{
	const struct init_args *args = p;
	const char *dir = args->dir ? args->dir : ".";
	bool created = false;
	int rc = repo_init(dir, &created);

	(void)repo;
	if (!rc && created)
		fprintf(stderr, "made a git repository in '%s'\n", dir);
	return rc;
}

const struct cmd cmd_init = {
	.name = "init",
	.summary = "make a record in a git repository",
	.group = GROUP_START,
	.opts = opts,
	.args_size = sizeof(struct init_args),
	.run = run,
};
