/* rev-parse.c - the id that a name stands for. */
#include "cmd/cmd.h"

#include <stdlib.h>

#include "lib/make/pick.h"

struct rev_parse_args {
	struct strlist names;
	const char *kind;
	bool short_id, content, json;
};

static const struct opt opts[] = {
	OPT_FLAG(0, "short", struct rev_parse_args, short_id, "print the first 12 digits"),
	OPT_FLAG(0, "content", struct rev_parse_args, content,
		 "print the SHA-256 of what was made instead"),
	OPT_STRING(0, "kind", struct rev_parse_args, kind, "KIND", NULL, COMP_KIND,
		   "look among this kind only"),
	OPT_JSON(struct rev_parse_args),
	OPERAND("version", struct rev_parse_args, names, MANY, COMP_VERSION, "what to name"),
	OPT_END
};

enum { SHORT_HEX = 12 };

/* The answer to one name: a line, or with out an element of it. */
static int answer_one(struct repo *repo, const struct rev_parse_args *args, const char *name,
		      json_t *out)
{
	struct version v = VERSION_INIT;
	char *ref;
	int rc = pick_version(repo, args->kind, name, &v);

	if (rc == 0 && args->content && !*v.content)
		rc = error_set(ERR_NOT_FOUND, "'%s' made nothing: its state is %s", name, v.build);
	if (rc == 0 && out) {
		ref = version_ref(&v);
		json_array_append_new(out, json_pack("{s:s,s:s,s:s,s:s}", "ref", ref, "id", v.id,
						     "content", v.content, "commit", v.commit));
		free(ref);
	} else if (rc == 0)
		printf("%.*s\n", args->short_id ? SHORT_HEX : VERSION_CONTENT_HEX,
		       args->content ? v.content : v.id);
	version_clear(&v);
	return rc;
}

static int run(struct repo *repo, const void *p)
{
	const struct rev_parse_args *args = p;
	json_t *out = args->json ? json_array() : NULL;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < args->names.n; i++)
		rc = answer_one(repo, args, args->names.v[i], out);
	if (rc == 0 && out)
		return cmd_json(out);
	json_decref(out);
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
