/* contrast.c - two models side by side. */
#include "lib/measure/compare/contrast.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/measure/chance/bootstrap.h"
#include "lib/measure/chance/holm.h"
#include "lib/measure/compare/paired.h"
#include "lib/measure/compare/seek.h"

static const double LEVEL = 0.05;

/* One row of the document that awaits its verdict. */
struct test {
	json_t *row; /* borrowed from the document */
	struct paired_metric m;
	bool counts; /* worse here is worse as a whole */
};

struct contrast {
	const struct contrast_ask *ask;
	const char *main;
	struct test *v;
	size_t n, cap;
};

static json_t *interval_json(const struct paired_metric *m)
{
	if (isnan(m->low) || isnan(m->high))
		return json_null();
	return json_pack("[o,o]", json_number(m->low), json_number(m->high));
}

static void set_figures(json_t *row, const struct paired_metric *m)
{
	json_object_set_new(row, "a", json_number(m->a));
	json_object_set_new(row, "b", json_number(m->b));
	json_object_set_new(row, "difference", json_number(m->difference));
	json_object_set_new(row, "interval", interval_json(m));
}

/* NULL: it cannot be told. p is corrected already. */
static const char *verdict(const struct contrast *c, const struct paired_metric *m, double p)
{
	double worse = paired_worse(m);

	if (isnan(worse) || (c->ask->samples > 0 && isnan(p)))
		return NULL;
	if (worse == 0 || (c->ask->samples > 0 && !(p < LEVEL)))
		return "same";
	return worse > 0 ? "worse" : "better";
}

static void set_verdict(json_t *row, const char *text)
{
	json_object_set_new(row, "verdict", text ? json_string(text) : json_null());
}

static void await(struct contrast *c, json_t *row, const struct paired_metric *m, bool counts)
{
	ARRAY_GROW(c->v, c->n, c->cap);
	c->v[c->n++] = (struct test){ row, *m, counts };
}

static int compare(const struct contrast *c, const struct measure_input *a,
		   const struct measure_input *b, const char *only, int samples, struct paired *out)
{
	struct paired_opts o = {
		.samples = samples, .seed = c->ask->seed, .threads = c->ask->threads, .only = only
	};

	return paired_compare(a, b, &o, out);
}

static int add_metrics(struct contrast *c, json_t *doc)
{
	json_t *rows = json_array();
	struct paired all;
	int rc = compare(c, &c->ask->a, &c->ask->b, NULL, c->ask->samples, &all);

	json_object_set_new(doc, "metrics", rows);
	for (size_t i = 0; !rc && i < all.n; i++) {
		bool first = !strcmp(all.v[i].name, c->main);
		json_t *row = json_pack("{s:s}", "metric", all.v[i].name);

		set_figures(row, &all.v[i]);
		if (first)
			json_array_insert_new(rows, 0, row);
		else
			json_array_append_new(rows, row);
		await(c, row, &all.v[i], first);
	}
	return rc;
}

/* One metric on some rows; samples 0: no test. */
static int compare_rows(const struct contrast *c, const char *metric, const uint32_t *row, size_t n,
			int samples, struct paired_metric *out)
{
	struct subset a = { 0 }, b = { 0 };
	struct paired got = { 0 };
	int rc = subset_make(&c->ask->a, row, n, &a);

	if (!rc)
		rc = subset_make(&c->ask->b, row, n, &b);
	if (!rc)
		rc = compare(c, &a.in, &b.in, metric, samples, &got);
	*out = got.v[0];
	subset_clear(&a);
	subset_clear(&b);
	return rc;
}

static int add_group(struct contrast *c, const struct slices *s, const struct slice *one,
		     json_t *groups)
{
	bool small = one->rows < c->ask->min_rows;
	struct paired_metric m;
	json_t *row;
	int rc = compare_rows(c, c->main, one->row, one->rows, small ? 0 : c->ask->samples, &m);

	if (rc)
		return rc;
	row = json_pack("{s:o,s:I}", "values", slice_values(s, one), "rows", (json_int_t)one->rows);
	set_figures(row, &m);
	json_array_append_new(groups, row);
	if (small)
		m.difference = NAN; /* shown, and not judged */
	await(c, row, &m, true);
	return 0;
}

static json_t *binned(const struct slices *s)
{
	json_t *v = json_array();

	for (size_t i = 0; i < s->n_by; i++)
		json_array_append_new(v, json_boolean(s->by[i]->binned));
	return v;
}

static int add_slices(struct contrast *c, json_t *doc)
{
	json_t *all = json_array();
	int rc = 0;

	json_object_set_new(doc, "slices", all);
	for (size_t i = 0; i < c->ask->n_slices && !rc; i++) {
		const struct slices *s = &c->ask->slices[i];
		json_t *groups = json_array();

		json_array_append_new(all, json_pack("{s:o,s:o,s:o}", "by", slices_by(s), "binned",
						     binned(s), "groups", groups));
		for (size_t k = 0; k < s->n && !rc; k++)
			rc = add_group(c, s, &s->v[k], groups);
	}
	return rc;
}

/* All tests at once: what one of many gives by chance is no difference. */
static void judge(struct contrast *c, json_t *doc)
{
	double *p = xcalloc(c->n + 1, sizeof *p);
	bool worse = false;

	for (size_t i = 0; i < c->n; i++)
		p[i] = c->v[i].m.p;
	holm_adjust(p, c->n, p);
	for (size_t i = 0; i < c->n; i++) {
		const struct test *t = &c->v[i];
		const char *text = verdict(c, &t->m, p[i]);
		bool beyond = text && !strcmp(text, "worse") &&
			      paired_worse(&t->m) > c->ask->tolerance * fabs(t->m.a);

		json_object_set_new(t->row, "p", json_number(t->m.p));
		json_object_set_new(t->row, "p_holm", json_number(p[i]));
		set_verdict(t->row, text);
		json_object_set_new(t->row, "beyond", json_boolean(beyond));
		worse = worse || (beyond && t->counts);
	}
	json_object_set_new(doc, "worse", json_boolean(worse));
	free(p);
}

static bool is_in(const struct seek_found *f, size_t row)
{
	return f->by[0]->code[row] == f->code[0] &&
	       (!f->by[1] || f->by[1]->code[row] == f->code[1]);
}

static int found_rows(const struct contrast *c, const struct seek_found *f, uint32_t **out,
		      size_t *n_out)
{
	size_t rows = (size_t)c->ask->a.rows, n = 0;
	int rc = mem_alloc(rows, sizeof **out, out);

	for (size_t i = 0; !rc && i < rows; i++)
		if (is_in(f, i))
			(*out)[n++] = (uint32_t)i;
	*n_out = n;
	return rc;
}

static json_t *found_json(const struct contrast *c, const struct seek_found *f, size_t rows,
			  const struct paired_metric *m, size_t candidates)
{
	json_t *by = json_array(), *values = json_array(), *v;

	for (size_t i = 0; i < 2 && f->by[i]; i++) {
		json_array_append_new(by, json_string(f->by[i]->name));
		json_array_append_new(values, json_string(f->by[i]->values.v[f->code[i]]));
	}
	v = json_pack("{s:o,s:o,s:I,s:o}", "by", by, "values", values, "rows", (json_int_t)rows,
		      "share", json_number((double)rows / (double)c->ask->a.rows));
	set_figures(v, m);
	json_object_set_new(v, "effect", json_number(f->effect));
	json_object_set_new(v, "p", json_number(f->p));
	set_verdict(v, verdict(c, m, fmin(1, m->p * (double)candidates)));
	return v;
}

static int add_one_found(const struct contrast *c, const struct seek_found *f, size_t candidates,
			 json_t *all)
{
	struct paired_metric m;
	uint32_t *row = NULL;
	size_t n;
	int rc = found_rows(c, f, &row, &n);

	if (!rc)
		rc = compare_rows(c, paired_loss_name(c->ask->a.task), row, n, c->ask->samples, &m);
	if (!rc)
		json_array_append_new(all, found_json(c, f, n, &m, candidates));
	free(row);
	return rc;
}

static int seek(const struct contrast *c, struct seek *out)
{
	struct seek_ask ask = { .cols = c->ask->search,
				.n = c->ask->n_search,
				.rows = (size_t)c->ask->a.rows,
				.min_rows = c->ask->min_rows,
				.limit = CONTRAST_FOUND,
				.alpha = LEVEL,
				.seed = c->ask->seed };
	double *difference = NULL;
	int rc = mem_alloc(ask.rows, sizeof *difference, &difference);

	if (!rc)
		rc = paired_losses(&c->ask->a, &c->ask->b, difference);
	ask.difference = difference;
	if (!rc)
		rc = seek_slices(&ask, out);
	free(difference);
	return rc;
}

static int add_found(const struct contrast *c, json_t *doc)
{
	json_t *all = json_array();
	struct seek s = { 0 };
	int rc = c->ask->n_search ? seek(c, &s) : 0;

	json_object_set_new(doc, "found", all);
	for (size_t i = 0; i < s.n && !rc; i++)
		rc = add_one_found(c, &s.v[i], s.candidates, all);
	if (c->ask->n_search)
		json_object_set_new(doc, "searched",
				    json_pack("{s:s,s:I,s:I,s:I}", "metric",
					      paired_loss_name(c->ask->a.task), "rows",
					      (json_int_t)s.rows, "columns",
					      (json_int_t)c->ask->n_search, "slices",
					      (json_int_t)s.candidates));
	seek_clear(&s);
	return rc;
}

static json_t *begin(const struct contrast *c)
{
	const struct contrast_ask *ask = c->ask;
	json_t *doc = json_pack("{s:s,s:s,s:I,s:o,s:I}", "task", measure_task_name(ask->a.task),
				"main", c->main, "rows", (json_int_t)ask->a.rows, "tolerance",
				json_number(ask->tolerance), "min", (json_int_t)ask->min_rows);

	if (ask->samples > 0)
		json_object_set_new(doc, "bootstrap",
				    json_pack("{s:i,s:I,s:o}", "samples", ask->samples, "seed",
					      (json_int_t)ask->seed, "level",
					      json_number(BOOTSTRAP_LEVEL)));
	return doc;
}

int contrast_make(const struct contrast_ask *ask, json_t **out)
{
	struct contrast c = { .ask = ask, .main = measure_main(ask->a.task) };
	json_t *doc = begin(&c);
	int rc = add_metrics(&c, doc);

	if (!rc)
		rc = add_slices(&c, doc);
	if (!rc)
		rc = add_found(&c, doc);
	if (!rc)
		judge(&c, doc);
	if (rc)
		json_decref(doc);
	*out = rc ? NULL : doc;
	free(c.v);
	return rc;
}
