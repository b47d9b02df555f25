/* fsck.c - check that the record is whole, and mend what can be mended. */
#include "cmd/cmd.h"

#include <string.h>

#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/cli/progress.h"
#include "lib/record/check/check.h"
#include "lib/record/repo.h"

struct fsck_args {
	bool full, rebuild, json;
};

static const struct opt opts[] = {
	OPT_FLAG(0, "full", struct fsck_args, full, "read every byte and compare its hash"),
	OPT_FLAG(0, "rebuild", struct fsck_args, rebuild, "make the index anew from git"),
	OPT_JSON(struct fsck_args), OPT_END
};

static json_t *list_json(const struct strlist *l)
{
	json_t *v = json_array();

	for (size_t i = 0; i < l->n; i++)
		json_array_append_new(v, json_string(l->v[i]));
	return v;
}

static int print_json(const struct check_report *c)
{
	return cmd_json(json_pack("{s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "artifacts",
				  (json_int_t)c->artifacts, "versions", (json_int_t)c->versions,
				  "events", (json_int_t)c->events, "blobs", (json_int_t)c->blobs,
				  "bytes", (json_int_t)c->blob_bytes, "problems",
				  list_json(&c->problems), "mended", list_json(&c->mended)));
}

static void show_progress(const char *what, int64_t done_bytes, void *payload)
{
	progress_step(payload, what, done_bytes, 0, NULL);
}

static int run(struct repo *repo, const void *p)
{
	const struct fsck_args *args = p;
	struct check_plan plan = { .full = args->full, .rebuild = args->rebuild };
	struct check_report report;
	bool absent = false;
	size_t n;
	struct progress bar;
	int rc;

	progress_start(&bar);
	plan.progress = show_progress;
	plan.payload = &bar;
	rc = check_record(repo, &plan, &report);
	progress_end(&bar);
	if (rc < 0)
		return rc;
	n = report.problems.n;
	if (args->json)
		rc = print_json(&report);
	for (size_t i = 0; !args->json && i < n; i++)
		printf("%s\n", report.problems.v[i]);
	for (size_t i = 0; !args->json && i < report.mended.n; i++)
		fprintf(stderr, "%s\n", report.mended.v[i]);
	for (size_t i = 0; i < n; i++)
		absent |= strstr(report.problems.v[i], ": the bytes of '") &&
			  !strstr(report.problems.v[i], "cannot be read");
	check_clear(&report);
	if (!rc && n)
		rc = error_set(ERR_NO, "the record has %zu problem%s", n, n == 1 ? "" : "s");
	if (rc == ERR_NO && absent)
		error_hint(
			rc,
			"git lfs fetch --all brings what a remote has, mich fsck --full takes it in");
	return rc;
}

const struct cmd cmd_fsck = {
	.name = "fsck",
	.summary = "check that the record is whole",
	.group = GROUP_CARE,
	.flags = CMD_READS,
	.opts = opts,
	.args_size = sizeof(struct fsck_args),
	.run = run,
};
