/* measuring.c - a model, a table, and everything that is asked of the two. */
#include "lib/make/measuring.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/make/scored.h"
#include "lib/measure/evaluation.h"
#include "lib/measure/importance.h"
#include "lib/measure/slicer.h"
#include "lib/model/model.h"
#include "lib/table/scan.h"

/* What is asked to be sliced by, as columns: a[i], or a[i] crossed with b[i]. */
struct divisions {
	char **a, **b; /* (n) b[i] NULL: not crossed */
	size_t n;
	struct strlist columns; /* each once */
};

static void divisions_clear(struct divisions *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->a[i]);
		free(d->b[i]);
	}
	free(d->a);
	free(d->b);
	strlist_clear(&d->columns);
}

/* Names of the table's columns, which matter only where one may have a star in it. */
static int table_columns(const struct measuring *m, struct strlist *out)
{
	const char *const paths[] = { m->table_path };
	struct table_scan *scan = NULL;
	bool star = false;
	int rc;

	for (size_t i = 0; i < m->by->n; i++)
		star = star || strchr(m->by->v[i].text, '*');
	if (!star)
		return 0;
	rc = table_scan_open(paths, 1, NULL, 0, 1, &scan);
	for (size_t i = 0; !rc && i < table_scan_head(scan)->n; i++)
		strlist_add(out, table_scan_head(scan)->cols[i].name);
	table_scan_close(scan);
	return rc;
}

static void add_column(struct divisions *d, const char *name)
{
	if (name && !strlist_has(&d->columns, name))
		strlist_add(&d->columns, name);
}

static int divisions_read(const struct measuring *m, struct divisions *d)
{
	struct strlist columns = STRLIST_INIT;
	int rc = table_columns(m, &columns);

	d->a = xcalloc(m->by->n + 1, sizeof *d->a);
	d->b = xcalloc(m->by->n + 1, sizeof *d->b);
	for (size_t i = 0; !rc && i < m->by->n; i++) {
		rc = slicer_by(m->by->v[i].text, (const char *const *)columns.v, columns.n,
			       &d->a[i], &d->b[i]);
		add_column(d, d->a[i]);
		add_column(d, d->b[i]);
		d->n += !rc;
	}
	strlist_clear(&columns);
	return rc;
}

static int slices_all(const struct scored *s, const struct divisions *d, struct slices *out)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < d->n; i++)
		rc = slices_make(scored_by(s, d->a[i]), d->b[i] ? scored_by(s, d->b[i]) : NULL,
				 &out[i]);
	return rc;
}

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
	int rc = slices_all(s, d, slices);

	if (!rc)
		rc = evaluation_make(&in, &ask, &doc);
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

int measuring_run(const struct measuring *m)
{
	struct scored s = SCORED_INIT;
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
		rc = divisions_read(m, &d);
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
	model_free(model);
	return rc;
}
