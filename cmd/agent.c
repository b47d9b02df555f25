/* agent.c - the ranks of one machine, for a mich train elsewhere. */
#include "cmd/cmd.h"
#include "lib/launch/cluster/agent.h"

struct agent_args {
	const char *dir;
};

static const struct opt opts[] = { OPERAND("dir", struct agent_args, dir, ONE, COMP_DIR,
					   "the folder in which mich train left its orders"),
				   OPT_END };

static int run(struct repo *repo, const void *p)
{
	const struct agent_args *args = p;

	(void)repo;
	return agent_run(args->dir);
}

const struct cmd cmd_agent = {
	.name = "agent",
	.summary = "run the ranks of one machine, for mich train elsewhere",
	.group = GROUP_PLUMBING,
	.opts = opts,
	.args_size = sizeof(struct agent_args),
	.run = run,
};
