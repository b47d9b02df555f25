/* evaluation.c - the document, piece by piece; slices are dealt out to threads. */
#include "lib/measure/evaluation/evaluation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/deal.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/measure/evaluation/curves.h"

struct groups_job {
	const struct measure_input *in;
	const struct slices *s;
	struct bootstrap_opts o;
	json_t **group; /* (s->n) */
};

static bool has_label(const struct measure_input *in, const struct slice *s)
{
	for (size_t i = 0; i < s->rows; i++)
		if (!isnan(in->labels[s->row[i]]))
			return true;
	return false;
}

static int one_group(void *payload, size_t i)
{
	struct groups_job *job = payload;
	const struct slice *s = &job->s->v[i];
	json_t *metrics = NULL, *intervals = NULL;
	struct subset some;
	int rc;

	if (!has_label(job->in, s))
		return 0;
	rc = subset_make(job->in, s->row, s->rows, &some);
	if (!rc)
		rc = measure_metrics(&some.in, &metrics);
	if (!rc && job->o.samples)
		rc = bootstrap_intervals(&some.in, metrics, &job->o, &intervals);
	if (!rc)
		job->group[i] =
			json_pack("{s:I,s:O}", "rows", (json_int_t)s->rows, "metrics", metrics);
	if (!rc && intervals)
		json_object_set(job->group[i], "intervals", intervals);
	json_decref(metrics);
	json_decref(intervals);
	subset_clear(&some);
	return rc;
}

static json_t *binned(const struct slices *s)
{
	json_t *out = json_array();

	for (size_t i = 0; i < s->n_by; i++)
		json_array_append_new(out, json_boolean(s->by[i]->binned));
	return out;
}

static int too_many(const struct slices *s)
{
	int rc = error_set(ERR_INPUT,
			   "cannot slice by '%s%s%s': that makes %zu slices, more than %d",
			   s->by[0]->name, s->by[1] ? " * " : "", s->by[1] ? s->by[1]->name : "",
			   s->n, EVALUATION_SLICES);

	return error_hint(rc, "slice by one of them, or into fewer ranges: --bins N");
}

int evaluation_slices(const struct measure_input *in, const struct slices *s,
		      const struct bootstrap_opts *o, json_t **out)
{
	struct groups_job job = { .in = in, .s = s };
	json_t *groups;
	int rc;

	*out = NULL;
	if (s->n > EVALUATION_SLICES)
		return too_many(s);
	groups = json_array();
	rc = mem_alloc(s->n, sizeof *job.group, &job.group);
	if (o)
		job.o = *o;
	job.o.threads = 1; /* the threads have a slice each */
	if (!rc)
		rc = deal(o ? o->threads : 1, s->n, one_group, &job);
	for (size_t i = 0; job.group && i < s->n; i++) {
		if (!job.group[i])
			continue;
		json_object_set_new(job.group[i], "values", slice_values(s, &s->v[i]));
		json_array_append_new(groups, job.group[i]);
	}
	*out = rc ? NULL
		  : json_pack("{s:o,s:o,s:O}", "by", slices_by(s), "binned", binned(s), "groups",
			      groups);
	json_decref(groups);
	free(job.group);
	return rc;
}

static json_t *class_list(const struct strlist *classes)
{
	json_t *out = json_array();

	for (size_t i = 0; i < classes->n; i++)
		json_array_append_new(out, json_bytes(classes->v[i]));
	return out;
}

static json_t *head(const struct measure_input *in, const struct evaluation_ask *ask,
		    json_t *metrics)
{
	json_t *doc = json_pack("{s:s,s:s,s:s,s:O,s:O}", "format", EVALUATION_FORMAT, "task",
				measure_task_name(in->task), "split", ask->split, "rows",
				json_object_get(metrics, "rows"), "metrics", metrics);

	if (ask->label)
		json_object_set_new(doc, "label", json_bytes(ask->label));
	if (ask->classes && ask->classes->n)
		json_object_set_new(doc, "classes", class_list(ask->classes));
	if (in->task == MEASURE_BINARY)
		json_object_set(doc, "threshold", json_object_get(metrics, "threshold"));
	return doc;
}

static int add_intervals(const struct measure_input *in, const struct bootstrap_opts *o,
			 json_t *metrics, json_t *doc)
{
	json_t *intervals = NULL;
	size_t units = (size_t)(in->task == MEASURE_RANKING ? in->n_groups : in->rows);
	int rc = bootstrap_intervals(in, metrics, o, &intervals);

	if (rc)
		return rc;
	json_object_set_new(doc, "intervals", intervals);
	json_object_set_new(doc, "bootstrap",
			    json_pack("{s:i,s:I,s:f,s:I}", "samples", o->samples, "seed",
				      (json_int_t)o->seed, "level", BOOTSTRAP_LEVEL, "rows",
				      (json_int_t)bootstrap_rows(in->task, (size_t)in->k, units)));
	return 0;
}

int evaluation_make(const struct measure_input *in, const struct evaluation_ask *ask, json_t **out)
{
	json_t *metrics = NULL, *slices = json_array(), *curves = NULL, *one;
	int rc = measure_metrics(in, &metrics);

	*out = rc ? NULL : head(in, ask, metrics);
	if (!rc && ask->bootstrap.samples)
		rc = add_intervals(in, &ask->bootstrap, metrics, *out);
	for (size_t i = 0; !rc && i < ask->n_slices; i++) {
		rc = evaluation_slices(in, &ask->slices[i], &ask->bootstrap, &one);
		if (!rc)
			json_array_append_new(slices, one);
	}
	if (!rc && ask->n_slices)
		json_object_set(*out, "slices", slices);
	if (!rc)
		rc = curves_make(in, ask->classes, &curves);
	if (!rc && json_object_size(curves))
		json_object_set(*out, "curves", curves);
	json_decref(curves);
	json_decref(slices);
	json_decref(metrics);
	if (rc) {
		json_decref(*out);
		*out = NULL;
	}
	return rc;
}
