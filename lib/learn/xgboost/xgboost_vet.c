/* xgboost_vet.c - parameters tried on a matrix that is made up. */
#include "lib/learn/xgboost/xgboost_vet.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/xgboost/xgboost_params.h"
#include "lib/learn/xgboost/xgboost_suit.h"

/* So wide that a constraint for each column finds one. */
enum { INPUTS = 4096, CLASSES = 3 };

/* As many classes as there are base scores: how many the label has is not known. */
static void made_up(const json_t *params, enum matrix_task task, struct matrix *out)
{
	const json_t *score = json_object_get(params, "base_score");
	size_t classes = json_is_array(score) ? json_array_size(score) : 1;

	*out = (struct matrix){ .task = task };
	for (const char *s = json_string_value(score); s && *s; s++)
		classes += *s == ',';
	if (classes < CLASSES)
		classes = CLASSES;
	for (size_t i = 0; i < classes && task == MATRIX_MULTICLASS; i++)
		strlist_addf(&out->classes, "%zu", i);
	for (size_t i = 0; i < INPUTS; i++)
		matrix_add_input(out, "x", false, 0);
}

/* How far it came: who comes further has the better reason, for it is less likely to be one of the task. */
struct verdict {
	int rc, far;
};

static struct verdict try(const struct xgboost_api *api, const json_t *params,
			  enum matrix_task task, int ranks)
{
	struct xgboost_params p = XGBOOST_PARAMS_INIT;
	struct verdict v = { 0 };
	struct matrix m;

	made_up(params, task, &m);
	v.rc = xgboost_params_parse(params, &m, &p);
	v.far += !v.rc;
	if (!v.rc)
		v.rc = xgboost_suit_ranks(&p, ranks);
	v.far += !v.rc;
	if (!v.rc)
		v.rc = xgboost_params_check(api, &p, &m);
	xgboost_params_clear(&p);
	matrix_close(&m);
	return v;
}

/* The first reason of those who came furthest is kept. */
static int try_all(const struct xgboost_api *api, const json_t *params, int ranks)
{
	struct verdict worst = { 0 };
	char *why = NULL, *hint = NULL;

	for (int task = MATRIX_REGRESSION; task <= MATRIX_RANKING; task++) {
		struct verdict v = try(api, params, (enum matrix_task)task, ranks);

		worst.rc = v.rc ? worst.rc : 0;
		if (!v.rc)
			break;
		if (why && worst.far >= v.far)
			continue;
		worst = v;
		free(why);
		free(hint);
		why = xstrdup(error_text());
		hint = xstrdup(error_hint_text());
	}
	if (worst.rc) {
		error_set(worst.rc, "%s", why);
		error_hint(worst.rc, "%s", hint);
	} else {
		error_clear();
	}
	free(why);
	free(hint);
	return worst.rc;
}

int xgboost_vet(const json_t *params, const char *task, int ranks)
{
	enum matrix_task known;
	struct xgboost_api api;
	int rc = xgboost_api_open(&api);

	if (!rc && ranks > 1)
		rc = xgboost_api_ranks(&api);
	if (rc)
		return rc;
	if (!task)
		return try_all(&api, params, ranks);
	rc = matrix_task_parse(task, &known);
	return rc ? rc : try(&api, params, known, ranks).rc;
}
