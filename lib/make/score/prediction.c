/* prediction.c - what a model says of a table's rows, as a version of its own. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/make/make.h"
#include "lib/make/score/predict.h"
#include "lib/model/model.h"
#include "lib/table/split/split.h"

enum { PREDICTION_NUMBER = 1 };

struct job {
	struct predict_plan plan;
	struct predict_source *sources;
	struct strlist paths, keep;
	char *model_dir, *report;
};

static int body(void *payload)
{
	struct job *j = payload;
	struct predict_result result = { 0 };
	struct model *m = NULL;
	json_t *report;
	int rc = model_open(j->model_dir, &m);

	if (rc)
		return rc;
	rc = predict_table(m, &j->plan, &result);
	report = json_pack("{s:I,s:o}", "rows", (json_int_t)result.rows, "contract", result.counts);
	if (!rc)
		rc = json_write(j->report, report);
	json_decref(report);
	model_free(m);
	return rc;
}

static int run(struct attempt *a, const struct spec_node *node)
{
	const struct step_input *model = step_find_input(a->step, "model");
	struct job j = { .model_dir = attempt_input_path(a, model),
			 .report = path_join(a->tmp, "report.json") };
	char *to = path_join(a->out, "predictions.parquet");
	int rc;

	j.sources = xcalloc(a->step->n_inputs, sizeof *j.sources);
	for (size_t i = 0; i < a->step->n_inputs; i++) {
		const struct step_input *in = &a->step->inputs[i];

		if (in == model)
			continue;
		strlist_take(&j.paths, attempt_input_path(a, in));
		j.sources[j.plan.n_sources] = (struct predict_source){
			.name = in->role,
			.path = j.paths.v[j.paths.n - 1],
			.member = node->source[j.plan.n_sources].table,
		};
		j.plan.n_sources++;
	}
	for (size_t i = 0; i < node->feature.n; i++)
		strlist_add(&j.keep, node->feature.v[i].text);
	j.plan.sources = j.sources;
	j.plan.sql = node->query;
	j.plan.keep = (const char *const *)j.keep.v;
	j.plan.n_keep = j.keep.n;
	j.plan.threads = a->threads;
	j.plan.scratch_dir = a->tmp;
	j.plan.target = to;
	rc = attempt_body(a, body, &j);
	if (!rc)
		rc = json_read(j.report, &a->profile);
	if (!rc)
		a->metrics = json_pack("{s:O}", "rows", json_object_get(a->profile, "rows"));
	strlist_clear(&j.paths);
	strlist_clear(&j.keep);
	free(j.sources);
	free(j.report);
	free(j.model_dir);
	free(to);
	return rc;
}

const struct step_ops make_prediction = {
	.number = PREDICTION_NUMBER,
	.run = run,
};
