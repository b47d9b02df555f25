/* dossier.c - what is known of one version, gathered from the record. */
#define _GNU_SOURCE
#include "lib/catalog/dossier.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/catalog/compare.h"
#include "lib/catalog/history.h"
#include "lib/catalog/measured.h"
#include "lib/record/contents.h"
#include "lib/record/event.h"
#include "lib/record/head.h"
#include "lib/record/lineage.h"
#include "lib/record/repo.h"

enum { SERIES_MAX = 24, STEPS_MAX = 2000, EVENTS_BYTES = 16 << 20 };

struct dossier {
	struct repo *r;
	const struct version *v;
	json_t *doc;
};

/* --- checks ------------------------------------------------------------------------------------- */

static void add_check(json_t *checks, const char *of, const char *kind, const json_t *row)
{
	bool ok = json_bool(row, "ok", false);
	const char *what = json_str(row, "what", json_str(row, "check", json_str(row, "expr", "")));
	const char *state = json_str(row, "state", ok ? "holds" : "fails");

	json_array_append_new(checks, json_pack("{s:s,s:s,s:s,s:b,s:s,s:s,s:O?}", "of", of, "kind",
						kind, "what", what, "ok", ok, "state", state, "why",
						json_str(row, "why", ""), "value",
						json_object_get(row, "value")));
}

/* The rows of the newest event of a type on a version. */
static int add_event_checks(struct dossier *d, const struct version *v, const char *type,
			    const char *kind)
{
	json_t *checks = json_object_get(d->doc, "checks"), *data = NULL, *row;
	const json_t *rows;
	char *of = version_ref(v);
	size_t i;
	int rc = event_last(d->r, v, type, &data);

	rows = json_object_get(data, "rows") ? json_object_get(data, "rows")
					     : json_object_get(data, "checks");
	json_array_foreach((json_t *)rows, i, row)
		add_check(checks, of, kind, row);
	json_decref(data);
	free(of);
	if (rc != ERR_NOT_FOUND)
		return rc;
	error_clear();
	return 0;
}

/* A data set's checks are in the report of its build. */
static void add_data_checks(struct dossier *d, const char *of, const json_t *profile)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(profile, "checks"), i, row) {
		bool ok = json_bool(row, "ok", false);
		char *why = ok ? xstrdup("")
			       : xasprintf("%lld rows fail", (long long)json_int(row, "failed", 0));
		json_t *check = json_pack("{s:s,s:b,s:s}", "what", json_str(row, "expr", ""), "ok",
					  ok, "why", why);

		add_check(json_object_get(d->doc, "checks"), of, "check", check);
		json_decref(check);
		free(why);
	}
}

/* --- what was measured ------------------------------------------------------------------------- */

typedef int (*describe_fn)(struct repo *r, const struct version *v, json_t **out);

static int add_measured(struct dossier *d, const char *kind, const char *key, describe_fn describe)
{
	struct version *found = NULL;
	json_t *rows = json_object_get(d->doc, key), *row;
	size_t n = 0;
	int rc = measured_find(d->r, d->v, kind, &found, &n);

	for (size_t i = 0; i < n; i++) {
		row = NULL;
		if (!rc)
			rc = describe(d->r, &found[i], &row);
		if (row)
			json_array_append_new(rows, row);
		if (!rc)
			rc = add_event_checks(d, &found[i], "judged", "gate");
		version_clear(&found[i]);
	}
	free(found);
	return rc;
}

static int add_dataset(struct dossier *d, const struct version *v)
{
	char *ref = version_ref(v);
	json_t *profile = NULL;
	int rc = version_profile(d->r, v, &profile);

	if (!rc) {
		json_array_append_new(
			json_object_get(d->doc, "datasets"),
			json_pack("{s:s,s:s,s:O?}", "ref", ref, "id", v->id, "profile", profile));
		add_data_checks(d, ref, profile);
	}
	json_decref(profile);
	free(ref);
	return rc;
}

static int add_datasets(struct dossier *d)
{
	json_t *in;
	size_t i;
	int rc = 0;

	if (!strcmp(d->v->kind, "dataset"))
		return add_dataset(d, d->v);
	json_array_foreach(json_object_get(d->doc, "inputs"), i, in) {
		struct version v = VERSION_INIT;
		const char *id = json_str(in, "id", NULL);

		if (rc || !id || strncmp(json_str(in, "ref", ""), "dataset/", 8) != 0)
			continue;
		rc = version_by_id(d->r, id, &v);
		if (!rc)
			rc = add_dataset(d, &v);
		version_clear(&v);
	}
	return rc;
}

/* --- learning ----------------------------------------------------------------------------------- */

static json_t *series_named(json_t *learning, const char *name)
{
	json_t *row;
	size_t i;

	json_array_foreach(learning, i, row)
		if (!strcmp(json_str(row, "name", ""), name))
			return row;
	if (json_array_size(learning) >= SERIES_MAX)
		return NULL;
	row = json_pack("{s:s,s:[],s:[]}", "name", name, "step", "value");
	json_array_append_new(learning, row);
	return row;
}

static void add_line(json_t *learning, const json_t *line, int64_t number)
{
	json_t *flat = compare_flatten(line), *value;
	json_t *step = json_object_get(line, "step");
	const char *key;

	json_object_foreach(flat, key, value) {
		json_t *row =
			!json_is_number(value) || !strcmp(key, "step") || !strcmp(key, "time_s")
				? NULL
				: series_named(learning, key);

		if (!row || json_array_size(json_object_get(row, "value")) >= STEPS_MAX)
			continue;
		json_array_append_new(json_object_get(row, "step"), json_is_number(step)
									    ? json_incref(step)
									    : json_integer(number));
		json_array_append(json_object_get(row, "value"), value);
	}
	json_decref(flat);
}

/* Anybody's program wrote it: lines that are no events are passed over. */
static int add_learning(struct dossier *d)
{
	json_t *learning = json_object_get(d->doc, "learning");
	struct buf b = BUF_INIT;
	int64_t number = 0;
	int rc = 0;

	if (version_has(d->r, d->v, "events.jsonl"))
		rc = version_cat(d->r, d->v, "events.jsonl", &b);
	for (const char *at = b.data, *end; !rc && b.len < EVENTS_BYTES && *at; at = end) {
		json_t *line = NULL;

		end = at + strcspn(at, "\n");
		number++;
		if (end > at && json_parse(at, (size_t)(end - at), "event", &line) < 0)
			error_clear();
		if (json_is_object(line))
			add_line(learning, line, number);
		json_decref(line);
		end += *end == '\n';
	}
	buf_clear(&b);
	if (rc != ERR_NOT_FOUND)
		return rc;
	error_clear();
	return 0;
}

/* --- the version itself -------------------------------------------------------------------------- */

static int add_files(struct dossier *d)
{
	json_t *rows = json_object_get(d->doc, "files");
	struct contents files = CONTENTS_INIT;
	struct buf b = BUF_INIT;
	int rc = version_has(d->r, d->v, "contents") ? version_cat(d->r, d->v, "contents", &b) : 0;

	if (!rc && b.len)
		rc = contents_parse(b.data, b.len, &files);
	for (size_t i = 0; !rc && i < files.n; i++)
		json_array_append_new(rows,
				      json_pack("{s:o,s:I}", "path", json_bytes(files.v[i].path),
						"size", (json_int_t)files.v[i].size));
	contents_clear(&files);
	buf_clear(&b);
	return rc;
}

static void add_edge(json_t *lineage, const json_t *node, const char *to, const char *role)
{
	json_array_append(json_object_get(lineage, "nodes"), (json_t *)node);
	json_array_append_new(json_object_get(lineage, "edges"),
			      json_pack("{s:s,s:s,s:s}", "from", json_str(node, "id", ""), "to", to,
					"role", role));
}

/* What it was made from, and what was measured of it. */
static int add_lineage(struct dossier *d)
{
	static const char *const measured[] = { "evaluations", "benches" };
	static const char *const kinds[] = { "eval", "bench" };
	struct graph g = GRAPH_INIT;
	json_t *lineage, *row, *node;
	size_t at;
	int rc = lineage_walk(repo_index(d->r), d->r, d->v, false, &g);

	if (rc < 0)
		return rc;
	lineage = graph_json(&g);
	graph_clear(&g);
	for (size_t i = 0; i < ARRAY_LEN(measured); i++) {
		json_array_foreach(json_object_get(d->doc, measured[i]), at, row) {
			if (!strcmp(json_str(row, "id", ""), d->v->id))
				continue;
			node = json_pack("{s:O,s:O,s:s}", "id", json_object_get(row, "id"), "ref",
					 json_object_get(row, "ref"), "kind", kinds[i]);
			add_edge(lineage, node, d->v->id, d->v->kind);
			json_decref(node);
		}
	}
	json_object_set_new(d->doc, "lineage", lineage);
	return 0;
}

static int add_self(struct dossier *d)
{
	json_t *remarks = NULL, *manifest = NULL, *head = NULL, *importance = NULL;
	char *ref = version_ref(d->v);
	int rc = head_json(d->r, d->v, &head);

	if (!rc)
		rc = version_manifest(d->r, d->v, &manifest);
	if (!rc)
		rc = history_remarks(repo_index(d->r), d->v, &remarks);
	if (!rc)
		rc = measured_document(d->r, d->v, "files/importance.json", &importance);
	if (!rc) {
		json_object_update(d->doc, head);
		json_object_update(d->doc, remarks);
		json_object_set_new(d->doc, "ref", json_string(ref));
		json_object_set(d->doc, "manifest", manifest);
		json_object_set_new(d->doc, "importance",
				    importance ? json_incref(importance) : json_null());
	}
	json_decref(importance);
	json_decref(remarks);
	json_decref(manifest);
	json_decref(head);
	free(ref);
	return rc;
}

int dossier_read(struct repo *r, const struct version *v, json_t **out)
{
	struct dossier d = { r, v,
			     json_pack("{s:s,s:[],s:[],s:[],s:[],s:[],s:[]}", "format",
				       "mich-report/1", "files", "checks", "evaluations", "benches",
				       "datasets", "learning") };
	int rc;

	*out = NULL;
	if ((rc = add_self(&d)) < 0 || (rc = add_files(&d)) < 0 ||
	    (rc = add_event_checks(&d, v, "validated", "validation")) < 0 ||
	    (rc = add_measured(&d, "eval", "evaluations", measured_evaluation)) < 0 ||
	    (rc = add_measured(&d, "bench", "benches", measured_bench)) < 0 ||
	    (rc = add_datasets(&d)) < 0 || (rc = add_learning(&d)) < 0 ||
	    (rc = add_lineage(&d)) < 0) {
		json_decref(d.doc);
		return rc;
	}
	*out = d.doc;
	return 0;
}
