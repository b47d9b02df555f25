/* roster.c - who the members are, and whether they may be. */
#define _GNU_SOURCE
#include "lib/make/ensemble/roster.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/make/train/knowing.h"
#include "lib/make/trained.h"
#include "lib/model/model.h"
#include "lib/step/attempt.h"

static const char PREFIX[] = "member-";

/* Whether it is a member of the ensemble; its name there: borrowed. */
static bool is_member(const struct step_input *in, const char **name)
{
	*name = in->role + strlen(PREFIX);
	return !in->is_source && !strncmp(in->role, PREFIX, strlen(PREFIX));
}

size_t roster_count(const struct step *s)
{
	const char *name;
	size_t n = 0;

	for (size_t i = 0; i < s->n_inputs; i++)
		n += is_member(&s->inputs[i], &name);
	return n;
}

const struct step_input *roster_at(const struct step *s, size_t i, const char **name)
{
	for (size_t k = 0; k < s->n_inputs; k++)
		if (is_member(&s->inputs[k], name) && !i--)
			return &s->inputs[k];
	return NULL;
}

int roster_check_files(struct attempt *a)
{
	const struct step_input *in;
	const char *name;
	int rc = 0;

	for (size_t i = 0; !rc && (in = roster_at(a->step, i, &name)); i++) {
		char *dir = attempt_input_path(a, in), *path = path_join(dir, "model.json");

		if (access(path, R_OK) < 0) {
			rc = error_set(
				ERR_INPUT,
				"%s cannot be a member: it has no model.json, so mich cannot "
				"score with it",
				in->ref);
			error_hint(rc, "have its command leave one, or make it with a learner");
		}
		free(path);
		free(dir);
	}
	return rc;
}

static int refuse_other(const struct step_input *member, const struct version *trained,
			const struct step_input *data)
{
	char *ref = version_ref(trained);
	int rc = error_set(ERR_INPUT,
			   "%s cannot be stacked: it was trained on %s, not on %s, whose rows are "
			   "dealt out",
			   member->ref, ref, data->ref);

	free(ref);
	return rc;
}

/* What is dealt out must be what it learned from, so that each part can be held back. */
static int check_stacked(struct attempt *a, const struct step_input *member)
{
	const struct step_input *data = step_find_input(a->step, "dataset");
	struct version trained = VERSION_INIT;
	int rc = trained_dataset(a->repo, &member->version, &trained);

	if (rc == ERR_NOT_FOUND)
		rc = error_set(
			ERR_INPUT,
			"%s cannot be stacked: it was made elsewhere, so it cannot be trained "
			"again without the rows that it answers for",
			member->ref);
	else if (!rc && strcmp(trained.content, data->content) != 0)
		rc = refuse_other(member, &trained, data);
	version_clear(&trained);
	return rc;
}

int roster_check_rows(struct attempt *a, bool stacked)
{
	const struct step_input *in;
	const char *name;
	int rc = 0;

	for (size_t i = 0; !rc && (in = roster_at(a->step, i, &name)); i++)
		if (!(rc = knowing_check(a, in, "a member")) && stacked)
			rc = check_stacked(a, in);
	return rc;
}

int roster_open(const struct attempt *a, struct roster *out)
{
	size_t n = roster_count(a->step);
	int rc = 0;

	*out = (struct roster){ .e = ENSEMBLE_INIT, .joined = JOINED_INIT };
	out->models = xcalloc(n + 1, sizeof *out->models);
	for (size_t i = 0; !rc && i < n; i++) {
		const char *name;
		const struct step_input *in = roster_at(a->step, i, &name);
		char *dir = attempt_input_path(a, in);

		ensemble_add(&out->e, name, 1);
		rc = model_open(dir, &out->models[i]);
		if (!rc)
			rc = joined_add(&out->joined, model_contract(out->models[i]), name);
		free(dir);
	}
	return rc;
}

void roster_close(struct roster *r)
{
	for (size_t i = 0; i < r->e.n; i++)
		model_free(r->models[i]);
	free(r->models);
	joined_clear(&r->joined);
	ensemble_clear(&r->e);
}
