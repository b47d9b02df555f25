/* train.c - make a model of the Michfile. */
#include "cmd/cmd.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/made.h"
#include "lib/base/error.h"
#include "lib/record/repo.h"
#include "lib/spec/key.h"

struct train_args {
	const char *name;
	struct strlist set;
	const char *ranks, *max_restarts, *launch, *nodes, *echo, *events;
	bool json;
};

static const struct opt opts[] = {
	OPT_LIST(0, "set", struct train_args, set, "KEY=VALUE", COMP_SETTING,
		 "override a key of its section, or a parameter, for this run"),
	OPT_STRING('n', "ranks", struct train_args, ranks, "RANKS", NULL, COMP_NONE,
		   "train as so many processes; as --set ranks=RANKS"),
	OPT_STRING(0, "max-restarts", struct train_args, max_restarts, "N", NULL, COMP_NONE,
		   "start all ranks again after a failure; as --set max-restarts=N"),
	OPT_CHOICE(0, "launch", struct train_args, launch, NULL, "local|mpi|slurm|k8s",
		   "who starts the ranks; as git config mich.launch"),
	OPT_STRING(0, "nodes", struct train_args, nodes, "N", NULL, COMP_NONE,
		   "over how many machines they are spread; as git config mich.nodes"),
	OPT_STRING(0, "echo", struct train_args, echo, "RANKS", NULL, COMP_NONE,
		   "show the lines of these ranks alone, such as 0,2; as git config mich.echo"),
	OPT_STRING(0, "events", struct train_args, events, "DIR", NULL, COMP_FILE,
		   "write its figures there for TensorBoard while it runs"),
	OPT_JSON(struct train_args),
	OPERAND("name", struct train_args, name, ONE, COMP_MODEL, "model to train"),
	OPT_END
};

/* Without a launcher of other machines nobody would read --nodes. */
static int check_nodes(struct repo *repo, const struct train_args *args)
{
	char *launch = NULL;
	int rc = args->nodes ? repo_config(repo, "mich.launch", &launch) : 0;

	if (args->nodes && (rc == 0 || (rc > 0 && !strcmp(launch, "local")))) {
		error_set(ERR_USAGE, "--nodes %s: without a launcher all ranks are on this machine",
			  args->nodes);
		rc = error_hint(ERR_USAGE, "--launch mpi, slurm or k8s");
	}
	free(launch);
	return rc < 0 ? rc : 0;
}

/* An option that is a key of the section: what is wrong with it is said of what was typed. */
static int check_number(const char *option, const char *name, const char *text)
{
	const struct key *key = key_find(SPEC_MODEL, name);
	char *end;
	long n = text ? strtol(text, &end, 10) : 0;

	if (!text || (isdigit((unsigned char)*text) && !*end && (double)n <= key->max))
		return 0;
	error_set(ERR_INPUT, "%s %s: %s are a whole number from 0 to %.0f", option, text, name,
		  key->max);
	return error_hint(ERR_INPUT, "mich help train");
}

static int run(struct repo *repo, const void *p)
{
	const struct train_args *args = p;
	struct strlist set = STRLIST_INIT;
	int rc;

	if ((rc = check_number("-n", "ranks", args->ranks)) < 0 ||
	    (rc = check_number("--max-restarts", "max-restarts", args->max_restarts)) < 0)
		return rc;
	if (args->launch)
		repo_override(repo, "mich.launch", args->launch);
	if ((rc = check_nodes(repo, args)) < 0)
		return rc;
	for (size_t i = 0; i < args->set.n; i++)
		strlist_add(&set, args->set.v[i]);
	if (args->ranks)
		strlist_addf(&set, "ranks=%s", args->ranks);
	if (args->max_restarts)
		strlist_addf(&set, "max-restarts=%s", args->max_restarts);
	if (args->nodes)
		repo_override(repo, "mich.nodes", args->nodes);
	if (args->echo)
		repo_override(repo, "mich.echo", args->echo);
	rc = made_named(repo, "model", args->name,
			&(struct made_how){ &set, args->events, args->json });
	strlist_clear(&set);
	return rc;
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
