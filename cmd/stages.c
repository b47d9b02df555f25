/* stages.c - what is where, since when, and who put it there. */
#include "cmd/cmd.h"
#include "cmd/moved.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/record/release/release.h"
#include "lib/record/release/stage.h"

struct stages_args {
	const char *name;
	bool history, json;
};

static const struct opt opts[] = {
	OPT_FLAG(0, "history", struct stages_args, history, "every move of the name, newest first"),
	OPT_JSON(struct stages_args),
	OPERAND("name", struct stages_args, name, OPTIONAL, COMP_RELEASED,
		"NAMESPACE, NAMESPACE/NAME, or a released model; everything when left out"),
	OPT_END
};

/* "maps", "maps/eta", "model/eta", "eta": a word alone is a model before it is a namespace. */
static int read_name(struct repo *repo, const char *text, char **space, char **name)
{
	bool model = text && !strncmp(text, "model/", 6);
	int rc;

	if (!text)
		return 0;
	if (strchr(text, '/') && !model)
		return release_parse_name(text, space, name);
	rc = release_of_model(repo, model ? text + 6 : text, space, name);
	if (rc != ERR_NOT_FOUND || model)
		return rc;
	error_clear();
	*space = xstrdup(text);
	return 0;
}

/* Nothing there: is it a name that was ever released? */
static int check_known(struct repo *repo, const char *text, const char *space, const char *name)
{
	struct release *v = NULL;
	size_t n = 0;
	int rc = release_list(repo, space, name, &v, &n);

	release_list_free(v, n);
	if (rc == 0 && text && !n)
		rc = error_hint(error_set(ERR_NOT_FOUND, "nothing is released as '%s'", text),
				"mich stages");
	return rc;
}

static int run(struct repo *repo, const void *payload)
{
	const struct stages_args *args = payload;
	char *space = NULL, *name = NULL;
	struct stage *v = NULL;
	size_t n = 0;
	int rc = read_name(repo, args->name, &space, &name);

	if (rc == 0)
		rc = args->history ? stage_history(repo, space, name, NULL, &v, &n)
				   : stage_list(repo, space, name, &v, &n);
	if (rc == 0 && !n)
		rc = check_known(repo, args->name, space, name);
	if (rc == 0)
		rc = moved_print(repo, v, n, args->json);
	stage_list_free(v, n);
	free(space);
	free(name);
	return rc;
}

const struct cmd cmd_stages = {
	.name = "stages",
	.summary = "show what is in which stage, since when and by whom",
	.group = GROUP_RELEASE,
	.flags = CMD_READS | CMD_PAGER,
	.opts = opts,
	.args_size = sizeof(struct stages_args),
	.run = run,
};
