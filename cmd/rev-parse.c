/* rev-parse.c - the id that a name stands for. */
#include "cmd/cmd.h"

#include "lib/make/pick.h"

struct rev_parse_args {
	struct strlist names;
	const char *kind;
	bool short_id, content;
};

static const struct opt opts[] = {
	OPT_FLAG(0, "short", struct rev_parse_args, short_id, "print the first 12 digits"),
	OPT_FLAG(0, "content", struct rev_parse_args, content,
		 "print the SHA-256 of what was made instead"),
	OPT_STRING(0, "kind", struct rev_parse_args, kind, "KIND", NULL, COMP_KIND,
		   "look among this kind only"),
	OPERAND("version", struct rev_parse_args, names, MANY, COMP_VERSION, "what to name"),
	OPT_END
};

enum { SHORT_HEX = 12 };

static int print_one(struct repo *repo, const struct rev_parse_args *args, const char *name)
{
	struct version v = VERSION_INIT;
	int rc = pick_version(repo, args->kind, name, &v);

	if (rc == 0 && args->content && !*v.content)
		rc = error_set(ERR_NOT_FOUND, "'%s' made nothing: its state is %s", name, v.build);
	if (rc == 0)
		printf("%.*s\n", args->short_id ? SHORT_HEX : VERSION_CONTENT_HEX,
		       args->content ? v.content : v.id);
	version_clear(&v);
	return rc;
}

static int run(struct repo *repo, const void *p)
{
	const struct rev_parse_args *args = p;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < args->names.n; i++)
		rc = print_one(repo, args, args->names.v[i]);
	return rc;
}

const struct cmd cmd_rev_parse = {
	.name = "rev-parse",
	.summary = "print the id that a name stands for",
	.group = GROUP_PLUMBING,
	.flags = CMD_READS,
	.opts = opts,
	.args_size = sizeof(struct rev_parse_args),
	.run = run,
};
