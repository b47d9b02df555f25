/* deprecate.c - warn whoever uses a version from now on. */
#include "cmd/cmd.h"

#include <string.h>

#include "lib/make/pick.h"
#include "lib/record/event.h"

struct deprecate_args {
	const char *name, *reason;
};

static const struct opt opts[] = {
	OPT_STRING(0, "reason", struct deprecate_args, reason, "TEXT", NULL, COMP_NONE,
		   "why, for those who meet it"),
	OPERAND("version", struct deprecate_args, name, ONE, COMP_VERSION, "which one"), OPT_END
};

static int check(const struct version *v)
{
	if (strcmp(v->life, "retired") != 0)
		return 0;
	return error_set(ERR_INPUT, "cannot deprecate %s/%s@%lld: it is retired, which is more",
			 v->kind, v->name, (long long)v->number);
}

static int run(struct repo *repo, const void *p)
{
	const struct deprecate_args *args = p;
	struct version v = VERSION_INIT;
	json_t *data = NULL;
	int rc = pick_version(repo, NULL, args->name, &v);

	if (rc == 0 && (rc = check(&v)) == 0 && strcmp(v.life, "deprecated") != 0) {
		data = args->reason ? json_pack("{s:s}", "reason", args->reason) : NULL;
		rc = args->reason && !data ? error_set(ERR_INPUT, "the reason must be UTF-8 text")
					   : event_record(repo, &v, "deprecated", data);
	}
	json_decref(data);
	version_clear(&v);
	return rc;
}

const struct cmd cmd_deprecate = {
	.name = "deprecate",
	.summary = "warn whoever uses a version",
	.group = GROUP_RECORD,
	.flags = CMD_NEEDS_REPO,
	.opts = opts,
	.args_size = sizeof(struct deprecate_args),
	.run = run,
};
