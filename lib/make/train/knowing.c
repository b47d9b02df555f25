/* knowing.c - a model's lineage of training rows, held against the rows that judge. */
#define _GNU_SOURCE
#include "lib/make/train/knowing.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/make/trained.h"
#include "lib/step/attempt.h"
#include "lib/table/split/seen.h"

struct search {
	struct attempt *a;
	const struct step_input *model, *data;
	const char *use;
	struct strlist done; /* ids of models that were looked at */
};

static int check_split(const struct search *s, const char *train, const char *part)
{
	char *dir = attempt_input_path(s->a, s->data),
	     *path = xasprintf("%s/%s.parquet", dir, part);
	struct table_seen seen = TABLE_SEEN_INIT;
	int rc = access(path, R_OK) < 0 ? 0
					: table_seen(path, train, s->a->threads, s->a->tmp, &seen);

	if (!rc && seen.n) {
		rc = error_set(ERR_INPUT,
			       "%s cannot be %s: it was trained on %lld of the %lld rows of the "
			       "split '%s' of %s",
			       s->model->ref, s->use, (long long)seen.n, (long long)seen.rows, part,
			       s->data->ref);
		error_hint(rc, "train it on %s, or use the data set that it knows", s->data->ref);
	}
	table_seen_clear(&seen);
	free(path);
	free(dir);
	return rc;
}

/* A data set of the same content has the same splits, whose rows are apart. */
static int check_rows(const struct search *s, const struct version *model)
{
	struct version trained = VERSION_INIT;
	char *rows = NULL;
	int rc = trained_dataset(s->a->repo, model, &trained);

	if (rc == ERR_NOT_FOUND) {
		error_clear();
		return 0;
	}
	if (!rc && strcmp(trained.content, s->data->content) != 0)
		rc = trained_rows(s->a->repo, model, &rows);
	if (rc == ERR_NOT_FOUND) { /* nobody can tell any more */
		error_clear();
		rc = 0;
	}
	if (!rc && rows)
		rc = check_split(s, rows, "test");
	if (!rc && rows)
		rc = check_split(s, rows, "validation");
	free(rows);
	version_clear(&trained);
	return rc;
}

static int visit(struct search *s, const struct version *model)
{
	json_t *manifest = NULL, *in;
	size_t i;
	int rc;

	if (strlist_has(&s->done, model->id))
		return 0;
	strlist_add(&s->done, model->id);
	rc = check_rows(s, model);
	if (!rc)
		rc = version_manifest(s->a->repo, model, &manifest);
	json_array_foreach(json_object_get(manifest, "inputs"), i, in) {
		const char *id = json_str(in, "id", NULL);
		struct version v = VERSION_INIT;

		if (rc || !id || strncmp(json_str(in, "ref", ""), "model/", 6))
			continue;
		rc = version_by_id(s->a->repo, id, &v);
		if (!rc)
			rc = visit(s, &v);
		version_clear(&v);
	}
	json_decref(manifest);
	return rc;
}

int knowing_check(struct attempt *a, const struct step_input *model, const char *use)
{
	struct search s = { .a = a,
			    .model = model,
			    .data = step_find_input(a->step, "dataset"),
			    .use = use,
			    .done = STRLIST_INIT };
	int rc = visit(&s, &model->version);

	strlist_clear(&s.done);
	return rc;
}
