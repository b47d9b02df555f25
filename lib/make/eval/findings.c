/* findings.c - metrics, detections and charts of an evaluation. */
#include "lib/make/eval/findings.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/make/eval/reported.h"
#include "lib/measure/evaluation/chart.h"
#include "lib/measure/evaluation/detections.h"
#include "lib/measure/evaluation/evaluation.h"
#include "lib/spec/spec.h"
#include "lib/step/attempt.h"

enum { CLASS_FIGURES = 100 }; /* classes whose figures stand among the metrics too */

static int take_metrics(struct attempt *a)
{
	char *path = path_join(a->out, "metrics.json");
	int rc = 0;

	if (file_exists(path)) {
		rc = json_read(path, &a->metrics);
		if (!rc && !json_is_object(a->metrics))
			rc = error_set(ERR_INPUT, "its metrics.json is not an object of numbers");
	} else {
		rc = reported_take(a);
	}
	free(path);
	return rc;
}

static int check_chart(const char *path, const char *rel, const struct stat *st, void *payload)
{
	json_t *chart = NULL;
	int rc;

	(void)payload;
	if (!S_ISREG(st->st_mode) || !path_ends_with(path, ".json"))
		return 0;
	rc = json_read(path, &chart);
	if (rc == ERR_CORRUPT)
		rc = error_set(ERR_INPUT, "it is no JSON");
	if (!rc)
		rc = chart_check(chart);
	json_decref(chart);
	return rc ? error_wrap(rc, "cannot take its charts/%s", rel) : 0;
}

static int check_charts(const struct attempt *a)
{
	char *dir = path_join(a->out, "charts");
	int rc = file_is_dir(dir) ? file_walk(dir, check_chart, NULL) : 0;

	free(dir);
	return rc;
}

/* {"car":{"precision":..,"recall":..},...} of the division by class. */
static json_t *class_figures(const json_t *doc)
{
	const json_t *first = json_array_get(json_object_get(doc, "slices"), 0), *group;
	json_t *out = json_object();
	size_t i;

	if (!first || json_array_size(json_object_get(first, "by")) != 1 ||
	    strcmp(json_string_value(json_array_get(json_object_get(first, "by"), 0)), "class") ||
	    json_array_size(json_object_get(first, "groups")) > CLASS_FIGURES)
		return out;
	json_array_foreach(json_object_get(first, "groups"), i, group) {
		const json_t *metrics = json_object_get(group, "metrics");
		json_t *name = json_array_get(json_object_get(group, "values"), 0);

		json_object_set_new(out, json_string_value(name),
				    json_pack("{s:O,s:O}", "precision",
					      json_object_get(metrics, "precision"), "recall",
					      json_object_get(metrics, "recall")));
	}
	return out;
}

/* The figures of the split, beside what the program says of it itself, which goes first. */
static void add_figures(struct attempt *a, const json_t *doc, const char *part)
{
	json_t *figures = json_copy(json_object_get(doc, "metrics")), *by_class, *own;

	by_class = class_figures(doc);
	if (json_object_size(by_class))
		json_object_set(figures, "class", by_class);
	json_decref(by_class);
	if (!a->metrics)
		a->metrics = json_object();
	own = json_object_get(a->metrics, part);
	if (json_is_object(own))
		json_object_update_missing(own, figures);
	else if (!own)
		json_object_set(a->metrics, part, figures);
	json_decref(figures);
}

static int evaluate(const struct detections *d, const struct attempt *a,
		    const struct spec_node *node, const char *part, json_t **doc)
{
	struct strlist by = STRLIST_INIT;
	const struct detections_ask ask = {
		.split = part,
		.by = &by,
		.bins = (int)node->bins,
		.bootstrap = { .samples = (int)node->bootstrap,
			       .seed = (uint64_t)node->seed,
			       .threads = a->threads },
	};
	int rc;

	for (size_t i = 0; i < node->by.n; i++)
		strlist_add(&by, node->by.v[i].text);
	rc = detections_evaluate(d, &ask, doc);
	strlist_clear(&by);
	return rc;
}

static int take_detections(struct attempt *a, const struct spec_node *node, const char *part)
{
	char *from = path_join(a->out, DETECTIONS_FILE), *to = path_join(a->out, EVALUATION_FILE);
	struct detections d = DETECTIONS_INIT;
	struct buf b = BUF_INIT;
	json_t *doc = NULL;
	int rc = file_exists(from) ? file_read(from, &b) : 0;

	if (!rc && file_exists(from)) {
		rc = detections_parse(b.data, b.len, &d);
		if (!rc)
			rc = evaluate(&d, a, node, part, &doc);
		if (!rc)
			add_figures(a, doc, part);
		if (!rc && !file_exists(to))
			rc = json_write(to, doc);
	}
	json_decref(doc);
	detections_clear(&d);
	buf_clear(&b);
	free(from);
	free(to);
	return rc;
}

int findings_take(struct attempt *a, const struct spec_node *node, const char *part)
{
	int rc = take_metrics(a);

	if (!rc && node->command)
		rc = take_detections(a, node, part);
	if (!rc && node->command)
		rc = check_charts(a);
	return rc;
}
