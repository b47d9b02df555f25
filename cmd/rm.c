/* rm.c - remove the files of versions that nothing uses. */
#include "cmd/cmd.h"

#include <stdlib.h>

#include "lib/base/mem.h"
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

/* What was made later first: a version goes after those that were made with it. */
static int newest_first(const void *a, const void *b)
{
	const struct version *x = a, *y = b;

	return (x->started_ms < y->started_ms) - (x->started_ms > y->started_ms);
}

static int remove_one(struct repo *repo, const struct rm_args *args, const struct version *v,
		      const struct strlist *gone, json_t *rows)
{
	struct collected c;
	int rc = collect_version(repo, v, gone, args->dry_run, &c);

	if (rc < 0)
		return rc;
	if (!args->json)
		printf("%s/%s@%lld: %s %zu stored file%s, %.1f MiB%s\n", v->kind, v->name,
		       (long long)v->number, args->dry_run ? "would remove" : "removed", c.files,
		       c.files == 1 ? "" : "s", (double)c.bytes / (1 << 20),
		       c.shared ? "; others hold the rest" : "");
	json_array_append_new(rows,
			      json_pack("{s:s,s:s,s:I,s:I,s:I,s:I,s:b}", "kind", v->kind, "name",
					v->name, "number", (json_int_t)v->number, "files",
					(json_int_t)c.files, "bytes", (json_int_t)c.bytes, "shared",
					(json_int_t)c.shared, "removed", !args->dry_run));
	return 0;
}

static int run(struct repo *repo, const void *p)
{
	const struct rm_args *args = p;
	struct version *v = xcalloc(args->names.n, sizeof *v);
	struct strlist gone = STRLIST_INIT;
	json_t *rows = json_array();
	int rc = 0;

	for (size_t i = 0; i < args->names.n && rc == 0; i++)
		rc = pick_version(repo, NULL, args->names.v[i], &v[i]);
	if (rc == 0)
		qsort(v, args->names.n, sizeof *v, newest_first);
	for (size_t i = 0; i < args->names.n && rc == 0; i++) {
		rc = remove_one(repo, args, &v[i], &gone, rows);
		strlist_add(&gone, v[i].id);
	}
	if (rc == 0 && args->json)
		rc = cmd_json(json_incref(rows));
	for (size_t i = 0; i < args->names.n; i++)
		version_clear(&v[i]);
	free(v);
	strlist_clear(&gone);
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
