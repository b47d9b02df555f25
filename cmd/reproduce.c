/* reproduce.c - make a version again from its record, and compare the bytes. */
#include "cmd/cmd.h"

#include <stdlib.h>

#include "lib/make/pick.h"
#include "lib/make/reproduce.h"
#include "lib/record/version.h"

struct reproduce_args {
	const char *version;
	bool json;
};

static const struct opt opts[] = { OPT_JSON(struct reproduce_args),
				   OPERAND("version", struct reproduce_args, version, ONE,
					   COMP_VERSION, "version to make again"),
				   OPT_END };

static void print(const char *ref, const struct reproduced *r)
{
	json_t *v;
	size_t i;

	printf("%s: %s\n", ref, r->same ? "the same bytes" : "other bytes");
	if (r->same)
		return;
	json_array_foreach(r->files, i, v)
		printf("  differs: %s\n", json_str(v, "path", ""));
	json_array_foreach(r->notes, i, v)
		printf("  note: %s\n", json_string_value(v));
}

static int run(struct repo *repo, const void *p)
{
	const struct reproduce_args *args = p;
	struct version v = VERSION_INIT;
	struct reproduced r = { 0 };
	char *ref = NULL;
	int rc = pick_version(repo, NULL, args->version, &v);

	if (!rc)
		rc = reproduce(repo, &v, false, &r);
	if (!rc) {
		ref = version_ref(&v);
		if (args->json)
			rc = cmd_json(json_pack("{s:s,s:s,s:b,s:s,s:s,s:O,s:O}", "ref", ref, "id",
						v.id, "same", r.same, "before", v.content, "after",
						r.content, "files", r.files, "notes", r.notes));
		else
			print(ref, &r);
	}
	if (!rc && !r.same)
		rc = error_set(ERR_NO, "%s came out different", ref);
	free(ref);
	reproduced_clear(&r);
	version_clear(&v);
	return rc;
}

const struct cmd cmd_reproduce = {
	.name = "reproduce",
	.summary = "make a version again and compare the bytes",
	.group = GROUP_LOOK,
	.flags = CMD_NEEDS_REPO,
	.opts = opts,
	.args_size = sizeof(struct reproduce_args),
	.run = run,
};
