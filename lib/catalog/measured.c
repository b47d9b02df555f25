/* measured.c - evaluations and benches of a version, with their documents. */
#define _GNU_SOURCE
#include "lib/catalog/measured.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/index/statement.h"
#include "lib/record/content/contents.h"
#include "lib/record/head.h"
#include "lib/record/repo.h"

enum { CHARTS_MAX = 100, CHART_BYTES = 4 << 20 };

/* The name of the version's own first, then the others; the newest of each. */
static const char MADE_FROM[] =
	"SELECT DISTINCT " HEAD_COLUMNS " FROM version v JOIN input i ON i.version = v.id "
	"WHERE i.input = ?1 AND v.kind = ?2 AND v.build = 'good' AND v.collected = 0 "
	"ORDER BY v.name <> ?3, v.name, v.finished DESC, v.number DESC";

static int read_newest(struct statement *st, struct version **out, size_t *n)
{
	size_t cap = 0;
	int rc;

	while ((rc = statement_step(st)) == 1) {
		struct version v = VERSION_INIT;

		head_read(st, &v);
		if (*n && !strcmp((*out)[*n - 1].name, v.name)) {
			version_clear(&v);
			continue;
		}
		ARRAY_GROW(*out, *n, cap);
		(*out)[(*n)++] = v;
	}
	return rc;
}

int measured_find(struct repo *r, const struct version *v, const char *kind, struct version **out,
		  size_t *n_out)
{
	struct statement *st;
	int rc;

	*out = NULL;
	*n_out = 0;
	if (!strcmp(v->kind, kind)) {
		*out = xcalloc(1, sizeof **out);
		*n_out = 1;
		return version_copy(v, *out);
	}
	if (strcmp(v->kind, "model") != 0)
		return 0;
	if ((rc = statement_open(repo_index(r), MADE_FROM, &st)) < 0)
		return rc;
	statement_bind_text(st, 1, v->id);
	statement_bind_text(st, 2, kind);
	statement_bind_text(st, 3, v->name);
	rc = read_newest(st, out, n_out);
	statement_close(st);
	return rc;
}

int measured_document(struct repo *r, const struct version *v, const char *path, json_t **out)
{
	struct buf b = BUF_INIT;
	int rc;

	*out = NULL;
	if (!version_has(r, v, path))
		return 0;
	rc = version_cat(r, v, path, &b);
	if (!rc)
		rc = json_parse(b.data, b.len, path, out);
	buf_clear(&b);
	if (rc != ERR_NOT_FOUND && rc != ERR_CORRUPT)
		return rc;
	error_clear();
	return 0;
}

/* "dataset/flights@1", by the manifest's inputs; NULL when there is none. */
static const char *dataset_of(const json_t *head)
{
	const json_t *in;
	size_t i;

	json_array_foreach(json_object_get(head, "inputs"), i, in)
		if (!strncmp(json_str(in, "ref", ""), "dataset/", 8))
			return json_str(in, "ref", NULL);
	return NULL;
}

/* The members that evaluations and benches share. */
static int measured_head(struct repo *r, const struct version *v, json_t **manifest, json_t **out)
{
	json_t *head = NULL;
	char *ref = version_ref(v);
	int rc = head_json(r, v, &head);

	if (!rc)
		rc = version_manifest(r, v, manifest);
	if (!rc)
		*out = json_pack("{s:s,s:s,s:O,s:s?,s:O}", "ref", ref, "id", v->id, "finished",
				 json_object_get(head, "finished"), "dataset", dataset_of(head),
				 "metrics", json_object_get(head, "metrics"));
	json_decref(head);
	free(ref);
	return rc;
}

/* "roc" of "charts/roc.json"; caller frees, NULL: no chart. */
static char *chart_name(const struct contents_line *line)
{
	size_t n = strlen(line->path);

	if (n <= 12 || strncmp(line->path, "charts/", 7) != 0 ||
	    strcmp(line->path + n - 5, ".json") != 0 || line->size > CHART_BYTES)
		return NULL;
	return xstrndup(line->path + 7, n - 12);
}

static int add_charts(struct repo *r, const struct version *v, json_t *charts)
{
	struct contents files = CONTENTS_INIT;
	struct buf b = BUF_INIT;
	int rc = version_has(r, v, "contents") ? version_cat(r, v, "contents", &b) : 0;

	if (!rc && b.len)
		rc = contents_parse(b.data, b.len, &files);
	for (size_t i = 0; !rc && i < files.n && json_array_size(charts) < CHARTS_MAX; i++) {
		char *name = chart_name(&files.v[i]);
		char *path = name ? xasprintf("files/%s", files.v[i].path) : NULL;
		json_t *chart = NULL;

		if (name)
			rc = measured_document(r, v, path, &chart);
		if (chart)
			json_array_append_new(charts, json_pack("{s:o,s:o}", "name",
								json_bytes(name), "chart", chart));
		free(path);
		free(name);
	}
	contents_clear(&files);
	buf_clear(&b);
	return rc;
}

int measured_evaluation(struct repo *r, const struct version *eval, json_t **out)
{
	json_t *manifest = NULL, *document = NULL, *charts = json_array();
	int rc = measured_head(r, eval, &manifest, out);

	if (!rc)
		rc = measured_document(r, eval, "files/evaluation.json", &document);
	if (!rc)
		rc = add_charts(r, eval, charts);
	if (!rc) {
		json_object_set(*out, "recipe", json_object_get(manifest, "recipe"));
		json_object_set(*out, "contract", json_object_get(manifest, "contract"));
		json_object_set_new(*out, "evaluation",
				    document ? json_incref(document) : json_null());
		json_object_set(*out, "charts", charts);
	}
	json_decref(charts);
	json_decref(document);
	json_decref(manifest);
	return rc;
}

int measured_bench(struct repo *r, const struct version *bench, json_t **out)
{
	json_t *manifest = NULL;
	int rc = measured_head(r, bench, &manifest, out);

	if (!rc) {
		json_object_set(*out, "hardware", json_object_get(manifest, "hardware"));
		json_object_set(*out, "input", json_object_get(manifest, "input"));
	}
	json_decref(manifest);
	return rc;
}
