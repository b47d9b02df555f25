/* rm.c - remove the files of versions that nothing uses. */
#include "cmd/cmd.h"

#include "lib/make/pick.h"
#include "lib/record/collect.h"

struct rm_args {
	struct strlist names;
	bool dry_run, json;
};

static const struct opt opts[] = { OPT_FLAG('n', "dry-run", struct rm_args, dry_run,
					    "say what would be removed, remove nothing"),
				   OPT_JSON(struct rm_args),
				   OPERAND("version", struct rm_args, names, MANY, COMP_VERSION,
					   "whose files to remove"),
				   OPT_END };

static int remove_one(struct repo *repo, const struct rm_args *args, const char *name, json_t *rows)
{
	struct version v = VERSION_INIT;
	struct collected c;
	int rc = pick_version(repo, NULL, name, &v);

	if (rc == 0 && (rc = collect_version(repo, &v, args->dry_run, &c)) == 0) {
		if (!args->json)
			printf("%s/%s@%lld: %s %zu stored files, %.1f MiB%s\n", v.kind, v.name,
			       (long long)v.number, args->dry_run ? "would remove" : "removed",
			       c.files, (double)c.bytes / (1 << 20),
			       c.shared ? "; others hold the rest" : "");
		json_array_append_new(
			rows, json_pack("{s:s,s:s,s:I,s:I,s:I,s:I,s:b}", "kind", v.kind, "name",
					v.name, "number", (json_int_t)v.number, "files",
					(json_int_t)c.files, "bytes", (json_int_t)c.bytes, "shared",
					(json_int_t)c.shared, "removed", !args->dry_run));
	}
	version_clear(&v);
	return rc;
}

static int run(struct repo *repo, const void *p)
{
	const struct rm_args *args = p;
	json_t *rows = json_array();
	int rc = 0;

	for (size_t i = 0; i < args->names.n && rc == 0; i++)
		rc = remove_one(repo, args, args->names.v[i], rows);
	if (rc == 0 && args->json)
		return cmd_json(rows);
	json_decref(rows);
	return rc;
}

const struct cmd cmd_rm = {
	.name = "rm",
	.summary = "remove the files of versions that nothing uses",
	.group = GROUP_RECORD,
	.flags = CMD_NEEDS_REPO,
	.opts = opts,
	.args_size = sizeof(struct rm_args),
	.run = run,
};
