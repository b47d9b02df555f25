/* diff.c - what differs between two versions. */
#define _GNU_SOURCE
#include "cmd/cmd.h"
#include "cmd/parted.h"

#include <stdlib.h>
#include <string.h>

#include "lib/catalog/compare.h"
#include "lib/catalog/measured.h"
#include "lib/catalog/partdiff.h"
#include "lib/make/pick.h"
#include "lib/record/head.h"
#include "lib/table/profile/differ.h"

struct diff_args {
	const char *before, *after;
	bool exit_code, json;
};

static const struct opt opts[] = {
	OPT_FLAG(0, "exit-code", struct diff_args, exit_code, "exit 1 when they differ"),
	OPT_JSON(struct diff_args),
	OPERAND("before", struct diff_args, before, ONE, COMP_VERSION, "one version"),
	OPERAND("after", struct diff_args, after, ONE, COMP_VERSION, "the other"), OPT_END
};

/* One version and its documents; all owned. */
struct side {
	struct version v;
	char *ref;
	json_t *manifest, *metrics, *profile, *partitions;
};

static int side_read(struct repo *repo, const char *name, struct side *s)
{
	int rc;

	if ((rc = pick_version(repo, NULL, name, &s->v)) < 0)
		return rc;
	s->ref = version_ref(&s->v);
	if ((rc = version_manifest(repo, &s->v, &s->manifest)) == 0 &&
	    (rc = head_metrics(repo, &s->v, &s->metrics)) == 0)
		rc = version_profile(repo, &s->v, &s->profile);
	if (rc == 0 && json_object_get(s->manifest, "partitions"))
		rc = measured_document(repo, &s->v, "files/partitions.json", &s->partitions);
	return rc;
}

static void side_clear(struct side *s)
{
	version_clear(&s->v);
	free(s->ref);
	json_decref(s->manifest);
	json_decref(s->metrics);
	json_decref(s->profile);
	json_decref(s->partitions);
}

static struct compare_side as_side(const struct side *s)
{
	return (struct compare_side){ .ref = s->ref,
				      .id = s->v.id,
				      .content = s->v.content,
				      .manifest = s->manifest,
				      .metrics = s->metrics };
}

/* The profile itself, or the report of a build that holds it. */
static bool has_profile(const json_t *p)
{
	return json_object_get(p, "profile") || json_object_get(p, "columns");
}

/* Tables have a profile; where a side has none there is nothing to compare. */
static int compare_profiles(const struct side *a, const struct side *b, json_t **out)
{
	*out = NULL;
	if (!has_profile(a->profile) || !has_profile(b->profile))
		return 0;
	return table_differ(a->profile, b->profile, out);
}

static void print_text(const json_t *comparison, const json_t *profile, const json_t *partitions)
{
	struct buf out = BUF_INIT;

	compare_text(comparison, &out);
	parted_add_diff(partitions, &out);
	if (profile && table_differ_any(profile)) {
		buf_addstr(&out, "profile\n");
		table_differ_text(profile, &out);
	}
	fwrite(out.data, 1, out.len, stdout);
	buf_clear(&out);
}

static int compare(const struct side *a, const struct side *b, const struct diff_args *args)
{
	struct compare_side before = as_side(a), after = as_side(b);
	json_t *comparison = compare_versions(&before, &after), *profile = NULL;
	json_t *partitions = partdiff_make(a->partitions, b->partitions);
	int rc = compare_profiles(a, b, &profile);
	bool same = compare_same(comparison);

	if (rc == 0 && args->json) {
		json_object_set_new(comparison, "profile",
				    profile ? json_incref(profile) : json_null());
		json_object_set(comparison, "partitions", partitions);
		cmd_json(json_incref(comparison));
	} else if (rc == 0) {
		print_text(comparison, profile, partitions);
	}
	json_decref(comparison);
	json_decref(profile);
	json_decref(partitions);
	if (rc == 0 && args->exit_code && !same) {
		error_clear();
		return ERR_NO;
	}
	return rc;
}

static int run(struct repo *repo, const void *p)
{
	const struct diff_args *args = p;
	struct side a = { .v = VERSION_INIT }, b = { .v = VERSION_INIT };
	int rc = side_read(repo, args->before, &a);

	if (rc == 0)
		rc = side_read(repo, args->after, &b);
	if (rc == 0 && strcmp(a.v.kind, b.v.kind) != 0)
		rc = error_set(ERR_INPUT, "cannot compare %s with %s: a %s and a %s", a.ref, b.ref,
			       a.v.kind, b.v.kind);
	if (rc == 0)
		rc = compare(&a, &b, args);
	side_clear(&a);
	side_clear(&b);
	return rc;
}

const struct cmd cmd_diff = {
	.name = "diff",
	.summary = "show what differs between two versions",
	.group = GROUP_LOOK,
	.flags = CMD_READS | CMD_PAGER,
	.opts = opts,
	.args_size = sizeof(struct diff_args),
	.run = run,
};
