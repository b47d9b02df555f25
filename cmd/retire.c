/* retire.c - end the life of a version: nothing new is made from it. */
#include "cmd/cmd.h"

#include <string.h>

#include "lib/make/pick.h"
#include "lib/record/event.h"
#include "lib/record/release/release.h"

struct retire_args {
	const char *name, *reason;
};

static const struct opt opts[] = {
	OPT_STRING(0, "reason", struct retire_args, reason, "TEXT", NULL, COMP_NONE,
		   "why, for those who meet it"),
	OPERAND("version", struct retire_args, name, ONE, COMP_VERSION, "which one"), OPT_END
};

static int run(struct repo *repo, const void *p)
{
	const struct retire_args *args = p;
	struct version v = VERSION_INIT;
	json_t *data = NULL;
	int rc = pick_version(repo, NULL, args->name, &v);

	if (rc == 0 && strcmp(v.life, "retired") != 0 &&
	    (rc = release_refuse(repo, &v, true, "retire")) == 0) {
		data = args->reason ? json_pack("{s:s}", "reason", args->reason) : NULL;
		rc = args->reason && !data ? error_set(ERR_INPUT, "the reason must be UTF-8 text")
					   : event_record(repo, &v, "retired", data);
	}
	json_decref(data);
	version_clear(&v);
	return rc;
}

const struct cmd cmd_retire = {
	.name = "retire",
	.summary = "end the life of a version: nothing new is made from it",
	.group = GROUP_RECORD,
	.flags = CMD_NEEDS_REPO,
	.opts = opts,
	.args_size = sizeof(struct retire_args),
	.run = run,
};
