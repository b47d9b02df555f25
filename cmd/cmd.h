/*
 * cmd.h - what a subcommand is. One file a command; this is a whole one, cmd/graft.c:
 *
 *	#include "cmd/cmd.h"
 *
 *	struct graft_args { const char *run, *parent; bool force, json; };
 *
 *	static const struct opt opts[] = {
 *		OPT_FLAG('f', "force", struct graft_args, force, "allow several parents"),
 *		OPT_JSON(struct graft_args),
 *		OPERAND("run", struct graft_args, run, ONE, COMP_VERSION, "run to move"),
 *		OPERAND("parent", struct graft_args, parent, ONE, COMP_VERSION, "new parent"),
 *		OPT_END
 *	};
 *
 *	static int run(struct repo *repo, const void *p)
 *	{
 *		const struct graft_args *args = p;
 *
 *		return graph_graft(repo, args->run, args->parent, args->force);
 *	}
 *
 *	const struct cmd cmd_graft = {
 *		.name = "graft", .summary = "attach a run to another parent", .group = GROUP_RECORD,
 *		.flags = CMD_NEEDS_REPO, .opts = opts, .args_size = sizeof(struct graft_args), .run = run,
 *	};
 *
 * and one line in cmd/commands.def: COMMAND(graft). A command of two words, "dataset build", is
 * cmd/dataset-build.c, cmd_dataset_build and COMMAND(dataset_build).
 *
 * run() returns 0 or an error code with the reason set; it prints its answer to stdout and never
 * prints the reason: main does, with the hint, and turns the code into the exit status.
 */
#ifndef MICH_CMD_H
#define MICH_CMD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/cli/opt.h"

struct repo;

enum cmd_group {
	GROUP_START,	/* start a repository */
	GROUP_MAKE,	/* make data sets, models, measurements */
	GROUP_LOOK,	/* examine what was made */
	GROUP_RELEASE,	/* release and serve */
	GROUP_RECORD,	/* annotate, mark, remove */
	GROUP_CARE,	/* look after the repository and the installation */
	GROUP_PLUMBING, /* for scripts; listed by `mich help --all` */
};

enum cmd_flag {
	CMD_NEEDS_REPO = 1 << 0,    /* opened for reading and writing */
	CMD_READS = 1 << 1,	    /* needs a repository, read-only is enough */
	CMD_OPTIONAL_REPO = 1 << 2, /* with CMD_READS or alone: repo is NULL outside of one */
	CMD_PAGER = 1 << 3,	    /* long output: through the pager on a terminal */
};

struct cmd {
	const char *name;    /* as typed: "log", "dataset build" */
	const char *summary; /* lower case, no full stop */
	enum cmd_group group;
	unsigned flags;
	const struct opt *opts;
	size_t args_size;
	int (*run)(struct repo *repo, const void *args);
};

/* Every command in the order of its name. */
extern const struct cmd *const cmd_table[];
extern const size_t cmd_count;

/* By its whole name, NULL when there is none. */
const struct cmd *cmd_find(const char *name);

/* The name that was probably meant; NULL when none is near. */
const char *cmd_nearest(const char *typed);

/* Print v and a newline to stdout, for people and programs alike; takes v. */
int cmd_json(json_t *v);

/*
 * Open the repository here, with flags of repo_open(): for a command that reads with CMD_READS, and
 * with one of its options writes. repo_close() it.
 */
int cmd_repo(unsigned flags, struct repo **out);

/* Print what `mich NAME --help` prints. */
int cmd_usage(const struct cmd *cmd, FILE *out);

#endif
