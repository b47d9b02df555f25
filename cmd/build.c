/* build.c - bring targets, or everything, up to date. */
#include "cmd/cmd.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/made.h"
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/make/make.h"
#include "lib/step/options.h"
#include "lib/spec/typed.h"
#include "lib/step/schedule.h"

struct build_args {
	struct strlist targets;
	const char *jobs;
	bool dry_run, refresh, json;
};

static const struct opt opts[] = {
	OPT_STRING('j', "jobs", struct build_args, jobs, "N", NULL, COMP_NONE,
		   "make up to N steps at the same time; else as git config mich.jobs says, or 1"),
	OPT_FLAG('n', "dry-run", struct build_args, dry_run,
		 "say what would be made, make nothing"),
	OPT_FLAG(0, "refresh", struct build_args, refresh,
		 "take what has a refresh key as changed now, also within its period"),
	OPT_JSON(struct build_args),
	OPERAND("target", struct build_args, targets, ANY, COMP_NAME,
		"kind/name or name of the Michfile; without any, everything"),
	OPT_END
};

static void on_start(const struct spec_node *node, void *payload)
{
	(void)payload;
	fprintf(stderr, "making %s/%s ...\n", spec_kind_name(node->kind), node->name);
}

static void on_row(const json_t *row, void *payload)
{
	const char *why = json_str(row, "why", ""), *hint = json_str(row, "hint", "");
	int64_t elapsed = json_int(row, "elapsed_ms", -1);
	json_t *text;
	char span[40] = "";
	size_t i;

	(void)payload;
	if (elapsed >= 0)
		clock_span(elapsed, span, sizeof span);
	fprintf(stderr, "%-10s %s%s%s%s%s\n", json_str(row, "action", ""), json_str(row, "ref", ""),
		*span ? " in " : "", span, *why ? ": " : "", why);
	if (*hint)
		fprintf(stderr, "           hint: %s\n", hint);
	json_array_foreach(json_object_get(row, "warnings"), i, text)
		fprintf(stderr, "           warning: %s\n", json_string_value(text));
	made_print_judged(json_object_get(row, "judged"), stderr);
}

/* Every node with a refresh key that a target needs, itself included; counts them. */
static int refresh_below(struct plan *p, const struct spec_node *node)
{
	int n = 0;

	if (node->kind == SPEC_DATASET && node->refresh.when != SPEC_REFRESH_NEVER) {
		plan_refresh(p, node);
		n = 1;
	}
	for (size_t i = 0; i < node->n_ref; i++)
		if (node->ref[i].node)
			n += refresh_below(p, node->ref[i].node);
	return n;
}

static int refresh(struct plan *p, const struct spec_node *const *targets, size_t n)
{
	const struct spec *spec = plan_spec(p);
	int found = 0;

	for (size_t i = 0; i < n; i++)
		found += refresh_below(p, targets[i]);
	for (size_t i = 0; !n && i < spec->n; i++)
		found += refresh_below(p, spec->v[i]);
	if (found)
		return 0;
	return error_hint(
		error_set(ERR_INPUT, "nothing here has a refresh key, so nothing can be refreshed"),
		"add refresh = 1d to the data set whose world changes");
}

/* A model by its bare name brings its evaluation along, since that is where its gates are judged. */
static int find_targets(struct plan *p, const struct strlist *names, const struct spec_node ***out,
			size_t *n)
{
	*out = xcalloc(names->n + 1, sizeof **out);
	*n = 0;
	for (size_t i = 0; i < names->n; i++) {
		const struct spec_node *node = NULL, *eval;
		int rc = plan_find(p, NULL, names->v[i], &node);

		if (rc)
			return rc;
		eval = node->kind == SPEC_MODEL ? spec_find(plan_spec(p), SPEC_EVAL, node->name)
						: NULL;
		(*out)[(*n)++] = eval && eval->implied && !strchr(names->v[i], '/') ? eval : node;
	}
	return 0;
}

static void summary(const json_t *rows)
{
	int made = 0, current = 0, bad = 0, would = 0;
	json_t *row;
	size_t i;

	json_array_foreach((json_t *)rows, i, row) {
		const char *action = json_str(row, "action", "");

		made += !strcmp(action, "made");
		current += !strcmp(action, "current");
		would += !strcmp(action, "would make");
		bad += !strcmp(action, "failed") || !strcmp(action, "refused") ||
		       !strcmp(action, "skipped");
	}
	if (would)
		printf("%d to make, %d current\n", would, current);
	else
		printf("%d made, %d current%s", made, current, bad ? "" : "\n");
	if (bad)
		printf(", %d not good\n", bad);
}

static int read_jobs(struct repo *repo, const struct build_args *args, struct schedule_opts *out)
{
	struct settings settings;
	int rc = options_read(repo, &settings);
	int64_t jobs = settings.jobs;

	settings_clear(&settings);
	if (rc)
		return rc;
	if (args->jobs && (!typed_int(args->jobs, &jobs) || jobs < 1 || jobs > 1024))
		return error_set(ERR_USAGE,
				 "option '--jobs' wants a number from 1 to 1024, not '%s'",
				 args->jobs);
	out->jobs = (int)jobs;
	out->echo = out->jobs == 1;
	return 0;
}

static int run(struct repo *repo, const void *payload)
{
	const struct build_args *args = payload;
	const struct spec_node **targets = NULL;
	struct plan *p = NULL;
	struct schedule_opts so = { .dry_run = args->dry_run,
				    .on_start = on_start,
				    .on_row = on_row };
	json_t *rows = NULL;
	size_t n = 0;
	int rc = read_jobs(repo, args, &so);

	if (!rc)
		rc = plan_open(repo, make_ops, &p);
	if (!rc)
		rc = find_targets(p, &args->targets, &targets, &n);
	if (!rc && args->refresh)
		rc = refresh(p, targets, n);
	if (!rc)
		rc = schedule_run(p, targets, n, &so, &rows);
	if (p)
		made_print_warnings(p);
	if (rows && args->json)
		cmd_json(json_incref(rows));
	else if (rows)
		summary(rows);
	json_decref(rows);
	free(targets);
	plan_close(p);
	return rc;
}

const struct cmd cmd_build = {
	.name = "build",
	.summary = "bring targets, or everything, up to date",
	.group = GROUP_MAKE,
	.flags = CMD_NEEDS_REPO,
	.opts = opts,
	.args_size = sizeof(struct build_args),
	.run = run,
};
