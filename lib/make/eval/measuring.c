/* measuring.c - a model, a table, and everything that is asked of the two. */
#include "lib/make/eval/measuring.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/make/score/divisions.h"
#include "lib/make/score/scored.h"
#include "lib/measure/evaluation/evaluation.h"
#include "lib/measure/evaluation/importance.h"
#include "lib/measure/slice/slicer.h"
#include "lib/model/model.h"
#include "lib/table/rows/scan.h"
#include "lib/table/split/seen.h"

static int add_importance(const struct measuring *m, const struct model *model,
			  const struct scored *s, const struct measure_input *in, json_t *doc)
{
	json_t *importance = NULL;
	struct subset some;
	int rc = subset_make(in, s->x_row, s->x_rows, &some);

	if (!rc)
		rc = importance_make(model, s->x, &some.in, m->importance, m->seed, m->threads,
				     &importance);
	if (!rc && importance)
		json_object_set(doc, "importance", importance);
	json_decref(importance);
	subset_clear(&some);
	return rc;
}

static int write_metrics(const struct measuring *m, const json_t *doc)
{
	json_t *by_part = json_pack("{s:O}", m->part, json_object_get(doc, "metrics"));
	char *metrics = path_join(m->out_dir, "metrics.json");
	char *whole = path_join(m->out_dir, EVALUATION_FILE);
	int rc = json_write(metrics, by_part);

	if (!rc)
		rc = json_write(whole, doc);
	json_decref(by_part);
	free(metrics);
	free(whole);
	return rc;
}

/* How many of the rows the model was trained on: what most of them tell is no measurement. */
static int add_seen(const struct measuring *m, json_t *doc)
{
	struct table_seen seen = TABLE_SEEN_INIT;
	int rc = m->known_path ? table_seen(m->table_path, m->known_path, m->threads,
					    m->scratch_dir, &seen)
			       : 0;

	if (!rc && 2 * seen.n > seen.rows) {
		error_set(ERR_INPUT, "it was trained on %lld of the %lld rows of the split '%s'",
			  (long long)seen.n, (long long)seen.rows, m->part);
		rc = error_hint(ERR_INPUT, "measure on rows that it did not learn from");
	}
	if (!rc && seen.n)
		json_object_set_new(doc, "seen", json_integer(seen.n));
	table_seen_clear(&seen);
	return rc;
}

static int measure(const struct measuring *m, const struct model *model, const struct scored *s,
		   const struct divisions *d)
{
	struct measure_input in = scored_input(s, m->threshold);
	struct slices *slices = xcalloc(d->n + 1, sizeof *slices);
	const struct evaluation_ask ask = {
		.split = m->part,
		.label = s->label,
		.classes = &s->classes,
		.slices = slices,
		.n_slices = d->n,
		.bootstrap = { .samples = m->bootstrap, .seed = m->seed, .threads = m->threads },
	};
	json_t *doc = NULL;
	int rc = divisions_slices(d, s, slices);

	if (!rc)
		rc = evaluation_make(&in, &ask, &doc);
	if (!rc)
		rc = add_seen(m, doc);
	if (!rc && m->importance)
		rc = add_importance(m, model, s, &in, doc);
	if (!rc)
		rc = write_metrics(m, doc);
	for (size_t i = 0; i < d->n; i++)
		slices_clear(&slices[i]);
	free(slices);
	json_decref(doc);
	return rc;
}

/* Of how many rows the inputs are kept; the data set's rows are known from its file alone. */
static int sample_of(const struct measuring *m, const struct model *model, size_t *out)
{
	const char *const paths[] = { m->table_path };
	int64_t rows;
	int rc = table_rows(paths, 1, &rows);

	if (!rc)
		*out = importance_rows((size_t)rows, model_contract(model)->n, m->importance);
	return rc;
}

static void add_by(struct strlist *by, const char *text)
{
	for (size_t i = 0; i < by->n; i++)
		if (slicer_same(by->v[i], text))
			return;
	strlist_add(by, text);
}

/* By what to slice: what is asked, and the columns by which a model of partitions picks. */
static void choose_by(const struct measuring *m, const struct model *model, struct strlist *by)
{
	const json_t *columns =
		json_object_get(json_object_get(model_meta(model), "partitions"), "by");
	struct buf pair = BUF_INIT;

	for (size_t i = 0; i < m->by->n; i++)
		strlist_add(by, m->by->v[i].text);
	for (size_t i = 0; i < json_array_size(columns) && json_array_size(columns) != 2; i++)
		add_by(by, json_string_value(json_array_get(columns, i)));
	if (json_array_size(columns) != 2)
		return;
	buf_addf(&pair, "%s * %s", json_string_value(json_array_get(columns, 0)),
		 json_string_value(json_array_get(columns, 1)));
	add_by(by, pair.data);
	buf_clear(&pair);
}

int measuring_run(const struct measuring *m)
{
	struct scored s = SCORED_INIT;
	struct strlist by = STRLIST_INIT;
	struct divisions d = { 0 };
	struct model *model = NULL;
	struct scored_ask ask = { .part = m->part,
				  .bins = m->bins,
				  .threads = m->threads,
				  .inputs = m->importance > 0,
				  .seed = m->seed,
				  .group = m->group };
	int rc = model_open(m->model_dir, &model);

	if (!rc)
		choose_by(m, model, &by);
	if (!rc)
		rc = divisions_read((const char *const *)by.v, by.n, m->table_path, &d);
	if (!rc && ask.inputs)
		rc = sample_of(m, model, &ask.sample);
	ask.by = (const char *const *)d.columns.v;
	ask.n_by = d.columns.n;
	if (!rc)
		rc = scored_table(model, m->table_path, &ask, &s);
	if (!rc)
		rc = measure(m, model, &s, &d);
	if (!rc)
		rc = json_write(m->counts_path, s.counts);
	scored_clear(&s);
	divisions_clear(&d);
	strlist_clear(&by);
	model_free(model);
	return rc;
}
