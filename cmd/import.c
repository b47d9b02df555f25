/* import.c - record a model that was trained elsewhere. */
#include "cmd/cmd.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/make/import.h"

struct import_args {
	const char *model, *file, *contract, *like, *label, *task, *categories, *origin, *mode;
	struct strlist columns;
	int64_t rounds;
	bool json;
};

static const struct opt opts[] = {
	OPT_STRING(0, "like", struct import_args, like, "DATASET", NULL, COMP_DATASET,
		   "fit the contract to this data set: types, ranges, label"),
	OPT_STRING(0, "contract", struct import_args, contract, "FILE", NULL, COMP_FILE,
		   "take the contract from this file: JSON, or a model.json"),
	OPT_LIST('c', "columns", struct import_args, columns, "COLUMN,...", COMP_NONE,
		 "the columns of the inputs, in their order; else as the file names them"),
	OPT_STRING('l', "label", struct import_args, label, "COLUMN", NULL, COMP_NONE,
		   "the column that it predicts; else the data set's label"),
	OPT_CHOICE(0, "task", struct import_args, task, NULL,
		   "regression|binary|multiclass|ranking", "else as the file's objective says"),
	OPT_CHOICE(0, "categories", struct import_args, categories, NULL, "sorted|frequent|codes",
		   "the order of categories that the file does not name"),
	OPT_CHOICE(0, "mode", struct import_args, mode, NULL, "warn|reject|coerce",
		   "what scoring does with values out of contract; else warn"),
	OPT_INT(0, "rounds", struct import_args, rounds, "N", "0",
		"score with the first N rounds; 0: all"),
	OPT_STRING(0, "origin", struct import_args, origin, "TEXT", NULL, COMP_NONE,
		   "where it comes from, recorded with it: an address, a name"),
	OPT_JSON(struct import_args),
	OPERAND("model", struct import_args, model, ONE, COMP_MODEL, "name to record it under"),
	OPERAND("file", struct import_args, file, ONE, COMP_FILE,
		"XGBoost's .json or .ubj, or a model's folder or package of mich"),
	OPT_END
};

/* "eta" of "model/eta" and of "eta". */
static int model_name(const char *text, const char **out)
{
	*out = strncmp(text, "model/", 6) ? text : text + 6;
	if (strchr(*out, '/'))
		return error_hint(
			error_set(ERR_USAGE, "'%s' is no model: only models are imported", text),
			"mich import model/NAME FILE; a data set is a source of the Michfile");
	if (strchr(*out, '@'))
		return error_set(ERR_USAGE, "'%s': a version's number is given by the record",
				 text);
	return 0;
}

static int check(const struct import_args *args)
{
	if (args->contract &&
	    (args->like || args->columns.n || args->label || args->task || args->categories))
		return error_set(
			ERR_USAGE,
			"option '--contract' says it all: it goes without '--like', '--columns', '--label', '--task' and '--categories'");
	if (args->rounds < 0 || args->rounds > INT_MAX)
		return error_set(ERR_USAGE, "option '--rounds' wants a number from 0, not '%lld'",
				 (long long)args->rounds);
	return 0;
}

static int print(const struct import_result *res, bool json)
{
	char *ref = version_ref(&res->version);
	json_t *notes;
	int rc = 0;

	for (size_t i = 0; !json && i < res->notes.n; i++)
		fprintf(stderr, "note: %s\n", res->notes.v[i]);
	if (!json) {
		fprintf(stderr, res->made ? "imported %s\n" : "%s is that very model\n", ref);
		printf("%s\n", ref);
	} else {
		notes = json_array();
		for (size_t i = 0; i < res->notes.n; i++)
			json_array_append_new(notes, json_string(res->notes.v[i]));
		rc = cmd_json(json_pack("{s:s,s:s,s:s,s:s,s:o}", "ref", ref, "id", res->version.id,
					"content", res->version.content, "action",
					res->made ? "made" : "current", "notes", notes));
	}
	free(ref);
	return rc;
}

static int run(struct repo *repo, const void *payload)
{
	const struct import_args *args = payload;
	struct strlist columns = STRLIST_INIT;
	struct import_result res = { 0 };
	struct import_ask ask = { .path = args->file,
				  .contract = args->contract,
				  .like = args->like,
				  .label = args->label,
				  .task = args->task,
				  .categories = args->categories,
				  .origin = args->origin,
				  .mode = args->mode,
				  .rounds = (int)args->rounds };
	int rc = check(args);

	for (size_t i = 0; i < args->columns.n; i++)
		strlist_split(&columns, args->columns.v[i], ",");
	ask.columns = (const char *const *)columns.v;
	ask.n_columns = columns.n;
	if (!rc)
		rc = model_name(args->model, &ask.name);
	if (!rc)
		rc = import_model(repo, &ask, &res);
	if (!rc)
		rc = print(&res, args->json);
	import_result_clear(&res);
	strlist_clear(&columns);
	return rc;
}

const struct cmd cmd_import = {
	.name = "import",
	.summary = "record a model that was trained elsewhere",
	.group = GROUP_MAKE,
	.flags = CMD_NEEDS_REPO,
	.opts = opts,
	.args_size = sizeof(struct import_args),
	.run = run,
};
