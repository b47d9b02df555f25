/* promote.c - release a model that holds up, into a stage. */
#include "cmd/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/cli/plain.h"
#include "lib/make/release/promotion.h"

struct promote_args {
	const char *model, *as, *release, *stage, *force, *reason;
	bool dry_run, json;
};

static const struct opt opts[] = {
	OPT_STRING(0, "as", struct promote_args, as, "NAMESPACE/NAME", NULL, COMP_RELEASED,
		   "the released name; not needed once the model has one"),
	OPT_STRING(0, "release", struct promote_args, release, "MAJOR.MINOR", NULL, COMP_NONE,
		   "make this release; else the one it has is moved, or the next minor is made"),
	OPT_STRING(0, "to", struct promote_args, stage, "STAGE", "production", COMP_STAGE,
		   "where it goes: staging, production, or what mich.stages lists"),
	OPT_STRING(0, "force", struct promote_args, force, "REASON", NULL, COMP_NONE,
		   "release what does not hold up; the reason is shown with the release"),
	OPT_STRING(0, "reason", struct promote_args, reason, "TEXT", NULL, COMP_NONE,
		   "why, for those who read the stage's history"),
	OPT_FLAG('n', "dry-run", struct promote_args, dry_run,
		 "say whether it would be released, and as what"),
	OPT_JSON(struct promote_args),
	OPERAND("model", struct promote_args, model, ONE, COMP_VERSION,
		"a version of a model, or a release that goes to another stage"),
	OPT_END
};

static char *was_text(const struct promotion *p)
{
	return p->before.space ? xasprintf("%lld.%lld", (long long)p->before.major,
					   (long long)p->before.minor)
			       : NULL;
}

static char *what_text(const struct promotion *p)
{
	return xasprintf("%s/%s@%lld.%lld", p->space, p->name, (long long)p->release.major,
			 (long long)p->release.minor);
}

static int print_json(const struct promote_args *args, const struct promotion *p, bool done)
{
	char *ref = version_ref(&p->version), *was = was_text(p), *what = what_text(p);
	json_t *problems = json_array();
	bool forced = p->problems.n && args->force;
	json_t *out;

	for (size_t i = 0; i < p->problems.n; i++)
		json_array_append_new(problems, json_string(p->problems.v[i]));
	out = json_pack("{s:s,s:s,s:s,s:s,s:s?,s:b,s:b,s:b,s:s?,s:O?,s:o}", "release", what,
			"version", ref, "id", p->version.id, "stage", args->stage, "was", was,
			"made", p->makes, "signed", p->is_signed, "recorded", done, "forced",
			forced ? args->force : NULL, "gates", p->gates, "problems", problems);
	free(ref);
	free(was);
	free(what);
	return cmd_json(out);
}

/* "maps/eta@2.1 in production: model/eta@14, was 2.0" */
static void print_text(const struct promote_args *args, const struct promotion *p)
{
	char *ref = version_ref(&p->version), *was = was_text(p), *what = what_text(p);

	printf("%s %s %s: %s%s%s%s%s\n", what, args->dry_run ? "would go to" : "in", args->stage,
	       ref, was ? ", was " : "", was ? was : "", p->is_signed ? ", signed" : "",
	       p->problems.n ? ", forced" : "");
	free(ref);
	free(was);
	free(what);
}

static void say(const char *what, const char *text)
{
	struct buf b = BUF_INIT;

	plain_add(text, strlen(text), 0, &b);
	fprintf(stderr, "%s: %s\n", what, b.data);
	buf_clear(&b);
}

static void tell(const struct promote_args *args, const struct promotion *p)
{
	if (p->committed)
		fprintf(stderr, "model/%s@%lld is what HEAD says now: no longer dirty\n",
			p->version.name, (long long)p->version.number);
	if (!strcmp(p->version.life, "deprecated"))
		fprintf(stderr, "warning: model/%s@%lld is deprecated\n", p->version.name,
			(long long)p->version.number);
	for (size_t i = 0; (args->force || p->problems.n > 1) && i < p->problems.n; i++)
		say(args->force ? "forced" : "  no", p->problems.v[i]);
}

static int run(struct repo *repo, const void *payload)
{
	const struct promote_args *args = payload;
	const struct promotion_ask ask = { .model = args->model,
					   .as = args->as,
					   .release = args->release,
					   .stage = args->stage,
					   .force = args->force,
					   .reason = args->reason };
	struct promotion p;
	int rc;

	if (args->force && !*args->force)
		return error_set(ERR_USAGE,
				 "--force needs a reason that is shown with the release");
	rc = promotion_judge(repo, &ask, &p);
	if (rc == 0) {
		tell(args, &p);
		rc = args->dry_run ? promotion_refuse(&ask, &p) : promotion_do(repo, &ask, &p);
		if (args->json && (rc == 0 || rc == ERR_NO))
			print_json(args, &p, rc == 0 && !args->dry_run);
		else if (rc == 0)
			print_text(args, &p);
	}
	promotion_clear(&p);
	return rc;
}

const struct cmd cmd_promote = {
	.name = "promote",
	.summary = "release a model that holds up, into a stage",
	.group = GROUP_RELEASE,
	.flags = CMD_NEEDS_REPO,
	.opts = opts,
	.args_size = sizeof(struct promote_args),
	.run = run,
};
