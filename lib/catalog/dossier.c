/* dossier.c - what is known of one version, gathered from the record. */
#define _GNU_SOURCE
#include "lib/catalog/dossier.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/catalog/checked.h"
#include "lib/catalog/history.h"
#include "lib/catalog/learned.h"
#include "lib/catalog/measured.h"
#include "lib/record/content/contents.h"
#include "lib/record/head.h"
#include "lib/record/lineage.h"
#include "lib/record/release/release.h"
#include "lib/record/release/stage.h"
#include "lib/record/repo.h"

enum { MOVES_MAX = 200, VERSIONS_MAX = 50 };

struct dossier {
	struct repo *r;
	const struct version *v;
	json_t *doc;
};

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
			rc = checked_event(d->r, &found[i], "judged", "gate",
					   json_object_get(d->doc, "checks"));
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
		checked_data(ref, profile, json_object_get(d->doc, "checks"));
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

/* --- its like ------------------------------------------------------------------------------------ */

static int add_version(struct dossier *d, const struct version *v)
{
	json_t *head = NULL;
	char *ref = version_ref(v);
	int rc = head_json(d->r, v, &head);

	if (!rc)
		json_array_append_new(json_object_get(d->doc, "versions"),
				      json_pack("{s:s,s:s,s:I,s:O,s:s,s:O,s:O}", "ref", ref, "id",
						v->id, "number", (json_int_t)v->number, "finished",
						json_object_get(head, "finished"), "build",
						v->build, "params", json_object_get(head, "params"),
						"metrics", json_object_get(head, "metrics")));
	json_decref(head);
	free(ref);
	return rc;
}

/* The newest of the same name, oldest first. */
static int add_versions(struct dossier *d)
{
	struct version *all = NULL;
	size_t n = 0;
	int rc = version_list(d->r, d->v->kind, d->v->name, &all, &n);

	for (size_t i = n; i--;) {
		if (!rc && i < VERSIONS_MAX)
			rc = add_version(d, &all[i]);
		version_clear(&all[i]);
	}
	free(all);
	return rc;
}

/* --- releases ----------------------------------------------------------------------------------- */

static json_t *move_json(const struct stage *m)
{
	char *ref = stage_ref(m), at[CLOCK_ISO_BYTES];
	json_t *row;

	clock_iso(m->at_ms, at);
	row = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s?,s:s?}", "stage", m->stage, "action",
			m->action, "release", ref, "version", m->version, "at", at, "user",
			m->user ? m->user : "", "reason", m->reason, "forced", m->forced);
	free(ref);
	return row;
}

/* The moves of the stages of one released name, newest first. */
static int add_moves_of(struct dossier *d, const char *released)
{
	json_t *moves = json_object_get(d->doc, "moves");
	char *text = xstrndup(released, strcspn(released, "@")), *space = NULL, *name = NULL;
	struct stage *all = NULL;
	size_t n = 0;
	int rc = release_parse_name(text, &space, &name);

	if (!rc)
		rc = stage_history(d->r, space, name, NULL, &all, &n);
	for (size_t i = 0; !rc && i < n && json_array_size(moves) < MOVES_MAX; i++)
		json_array_append_new(moves, move_json(&all[i]));
	stage_list_free(all, n);
	free(space);
	free(name);
	free(text);
	return rc;
}

/* Of each released name once. */
static int add_moves(struct dossier *d)
{
	const json_t *releases = json_object_get(d->doc, "releases"), *row;
	const char *last = "";
	size_t i;
	int rc = 0;

	json_array_foreach((json_t *)releases, i, row) {
		const char *ref = json_str(row, "release", "");
		size_t n = strcspn(ref, "@");

		if (!rc && (strcspn(last, "@") != n || strncmp(last, ref, n) != 0))
			rc = add_moves_of(d, ref);
		last = ref;
	}
	return rc;
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
	json_t *remarks = NULL, *manifest = NULL, *head = NULL, *importance = NULL, *parts = NULL;
	char *ref = version_ref(d->v);
	int rc = head_json(d->r, d->v, &head);

	if (!rc)
		rc = version_manifest(d->r, d->v, &manifest);
	if (!rc)
		rc = history_remarks(repo_index(d->r), d->v, &remarks);
	if (!rc)
		rc = measured_document(d->r, d->v, "files/importance.json", &importance);
	if (!rc && json_object_get(manifest, "partitions"))
		rc = measured_document(d->r, d->v, "files/partitions.json", &parts);
	if (!rc) {
		json_object_update(d->doc, head);
		json_object_update(d->doc, remarks);
		json_object_set_new(d->doc, "ref", json_string(ref));
		json_object_set(d->doc, "manifest", manifest);
		json_object_set_new(d->doc, "importance",
				    importance ? json_incref(importance) : json_null());
		if (parts)
			json_object_set(d->doc, "partitions", parts);
	}
	json_decref(parts);
	json_decref(importance);
	json_decref(remarks);
	json_decref(manifest);
	json_decref(head);
	free(ref);
	return rc;
}

static int add_learning(struct dossier *d)
{
	json_t *series = NULL;
	int rc = learned_series(d->r, d->v, &series);

	json_object_set_new(d->doc, "learning", series);
	return rc;
}

int dossier_read(struct repo *r, const struct version *v, json_t **out)
{
	struct dossier d = { r, v,
			     json_pack("{s:s,s:[],s:[],s:[],s:[],s:[],s:[],s:[]}", "format",
				       "mich-report/1", "files", "checks", "evaluations", "benches",
				       "datasets", "moves", "versions") };
	int rc;

	*out = NULL;
	if ((rc = add_self(&d)) < 0 || (rc = add_files(&d)) < 0 ||
	    (rc = checked_event(r, v, "validated", "validation",
				json_object_get(d.doc, "checks"))) < 0 ||
	    (rc = add_measured(&d, "eval", "evaluations", measured_evaluation)) < 0 ||
	    (rc = add_measured(&d, "bench", "benches", measured_bench)) < 0 ||
	    (rc = add_datasets(&d)) < 0 || (rc = add_versions(&d)) < 0 ||
	    (rc = add_moves(&d)) < 0 || (rc = add_learning(&d)) < 0 || (rc = add_lineage(&d)) < 0) {
		json_decref(d.doc);
		return rc;
	}
	*out = d.doc;
	return 0;
}
