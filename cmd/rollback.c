/* rollback.c - put back into a stage what was there before. */
#include "cmd/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/make/release/rollback.h"

struct rollback_args {
	const char *name, *stage, *to, *reason;
	bool json;
};

static const struct opt opts[] = {
	OPT_STRING(0, "stage", struct rollback_args, stage, "STAGE", "production", COMP_STAGE,
		   "which stage goes back"),
	OPT_STRING(0, "to", struct rollback_args, to, "REV", NULL, COMP_NONE,
		   "a release or version that was there; else the one before"),
	OPT_STRING(0, "reason", struct rollback_args, reason, "TEXT", NULL, COMP_NONE,
		   "why, for those who read the stage's history"),
	OPT_JSON(struct rollback_args),
	OPERAND("name", struct rollback_args, name, ONE, COMP_RELEASED,
		"NAMESPACE/NAME, or a model that is released under one name"),
	OPT_END
};

static void print(struct repo *repo, const struct stage *before, const struct stage *now, bool json)
{
	char *ref = stage_ref(now), *was = stage_ref(before), *version = NULL;
	struct version v = VERSION_INIT;

	if (version_by_id(repo, now->version, &v) == 0)
		version = version_ref(&v);
	error_clear();
	if (json)
		cmd_json(json_pack("{s:s,s:s,s:s,s:s,s:s}", "release", ref, "version",
				   version ? version : "", "id", now->version, "stage", now->stage,
				   "was", strchr(was, '@') + 1));
	else
		printf("%s in %s: %s, was %s\n", ref, now->stage, version ? version : now->version,
		       strchr(was, '@') + 1);
	version_clear(&v);
	free(version);
	free(ref);
	free(was);
}

static int run(struct repo *repo, const void *payload)
{
	const struct rollback_args *args = payload;
	const struct rollback_ask ask = {
		.name = args->name, .stage = args->stage, .to = args->to, .reason = args->reason
	};
	struct stage before, now;
	int rc = rollback_run(repo, &ask, &before, &now);

	if (rc == 0)
		print(repo, &before, &now, args->json);
	stage_clear(&before);
	stage_clear(&now);
	return rc;
}

const struct cmd cmd_rollback = {
	.name = "rollback",
	.summary = "put back into a stage what was there before",
	.group = GROUP_RELEASE,
	.flags = CMD_NEEDS_REPO,
	.opts = opts,
	.args_size = sizeof(struct rollback_args),
	.run = run,
};
