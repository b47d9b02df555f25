/* vetting_commands.c - the programs that a model's section names as checks. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/make/judge/vetting.h"
#include "lib/make/trained.h"
#include "lib/record/run/run.h"
#include "lib/spec/command.h"
#include "lib/step/plan.h"

/* The code that it names, as HEAD has it: what is not committed would judge otherwise tomorrow. */
static int take_code(struct repo *r, struct step *s)
{
	struct strlist words = STRLIST_INIT, paths = STRLIST_INIT;
	int rc;

	command_words(s->command, &words);
	rc = code_words(r, &words, &paths);
	if (!rc)
		rc = code_snapshot(r, &paths, &s->code);
	if (!rc && s->code.dirty)
		rc = error_set(ERR_INPUT, "its code is not what HEAD holds: commit it first");
	strlist_clear(&words);
	strlist_clear(&paths);
	return rc;
}

static int take_inputs(const struct vetting *v, struct step *s)
{
	struct version data = VERSION_INIT;
	int rc = step_add_version(s, "model", &v->model);

	if (!rc)
		rc = trained_dataset(v->repo, &v->model, &data);
	if (!rc)
		rc = step_add_version(s, "dataset", &data);
	else if (rc == ERR_NOT_FOUND)
		rc = 0; /* it was made elsewhere */
	version_clear(&data);
	return rc;
}

static int describe(const struct vetting *v, const struct spec_node *node, const char *command,
		    struct step *s)
{
	json_t *manifest = NULL;
	int rc;

	step_init(s, RUN_VALIDATION, node->name);
	s->command = xstrdup(command);
	step_take_limits(node, s);
	rc = version_manifest(v->repo, &v->model, &manifest);
	if (!rc)
		json_object_update(s->params, json_object_get(manifest, "params"));
	s->seed = json_int(manifest, "seed", 0);
	json_decref(manifest);
	if (!rc)
		rc = take_code(v->repo, s);
	if (!rc)
		rc = take_inputs(v, s);
	return rc ? rc : step_print(s);
}

/* What it said last, or how it ended. */
static char *reason(const struct attempt *a, int rc)
{
	char *said = process_log_tail(a->log, 1), *why;

	if (!rc)
		return said;
	if (rc == ERR_STEP && a->last.exit_code && !a->last.signal && *said)
		why = xasprintf("exit %d: %s", a->last.exit_code, said);
	else
		why = xstrdup(error_text());
	free(said);
	return why;
}

static int run_command(struct vetting *v, const struct spec_node *node, const char *command)
{
	struct step s = { 0 };
	struct attempt a = { 0 };
	char *why = NULL;
	int rc = describe(v, node, command, &s);

	if (!rc)
		rc = attempt_begin(v->repo, &s, false, &a);
	if (!rc) {
		rc = attempt_program(&a, NULL);
		why = reason(&a, rc);
		attempt_discard(&a);
	} else {
		why = xstrdup(error_text());
	}
	if (rc != ERR_INTERRUPT) {
		vetting_add(v, "command", command, !rc, why, NULL);
		error_clear();
		rc = 0;
	}
	free(why);
	step_clear(&s);
	return rc;
}

int vetting_commands(struct vetting *v)
{
	const struct spec_node *node = spec_find(v->head, SPEC_MODEL, v->model.name);
	int rc = 0;

	for (size_t i = 0; node && !rc && i < node->check.n; i++)
		rc = run_command(v, node, node->check.v[i].text);
	return rc;
}
