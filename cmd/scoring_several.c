/* scoring_several.c - the answers of several models, side by side. */
#include <stdlib.h>
#include <string.h>

#include "cmd/scoring.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/make/score/lineup.h"

/* Several read the rows one after the other, so those of stdin are kept for as long. */
static int spool(struct scoring *s)
{
	int rc = lineup_spool(0, s->scratch, &s->spooled);

	if (rc || !s->spooled)
		return rc;
	s->sources[0] = (struct predict_source){ "stdin", s->spooled, NULL };
	s->plan.n_sources = 1;
	if (!s->args->format)
		s->plan.json_lines = scoring_is_json_lines(s->spooled);
	return 0;
}

static int load_models(struct repo *repo, const struct strlist *models, struct lineup_model *v,
		       char **names)
{
	int rc = 0;

	for (size_t i = 0; i < models->n && !rc; i++) {
		struct model *m = NULL;

		rc = scoring_load(repo, models->v[i], &m, &names[i]);
		v[i] = (struct lineup_model){ .name = names[i], .m = m };
		for (size_t k = 0; k < i && !rc; k++)
			if (!strcmp(names[k], names[i]))
				rc = error_set(ERR_USAGE, "option '--models' names %s twice",
					       names[i]);
	}
	return rc;
}

int scoring_print_several(struct repo *repo, struct scoring *s)
{
	struct strlist models = STRLIST_INIT;
	struct lineup_model *v;
	char **names;
	int rc;

	for (size_t i = 0; i < s->args->models.n; i++)
		strlist_split(&models, s->args->models.v[i], ",");
	v = xcalloc(models.n + 1, sizeof *v);
	names = xcalloc(models.n + 1, sizeof *names);
	rc = load_models(repo, &models, v, names);
	s->plan.scratch_dir = s->scratch;
	if (!rc && scoring_from_stdin(s->args))
		rc = spool(s);
	if (!rc && (s->spooled || !scoring_from_stdin(s->args)))
		rc = lineup_predict(v, models.n, &s->plan);
	for (size_t i = 0; i < models.n; i++) {
		scoring_print_counts(&v[i].result, names[i]);
		json_decref(v[i].result.counts);
		model_free(v[i].m);
		free(names[i]);
	}
	strlist_clear(&models);
	free(names);
	free(v);
	return rc;
}
