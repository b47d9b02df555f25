/* head.c - what there is to know about a version at a glance. */
#define _GNU_SOURCE
#include "lib/record/head.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/index/statement.h"
#include "lib/record/inside.h"
#include "lib/record/release/release.h"

static void read_hex(struct statement *st, int column, char *out, size_t n)
{
	const char *text = statement_text(st, column);

	snprintf(out, n, "%s", text ? text : "");
}

static char *read_text(struct statement *st, int column)
{
	const char *text = statement_text(st, column);

	return xstrdup(text ? text : "");
}

void head_read(struct statement *st, struct version *out)
{
	*out = (struct version)VERSION_INIT;
	read_hex(st, 0, out->id, sizeof out->id);
	out->kind = read_text(st, 1);
	out->name = read_text(st, 2);
	out->number = statement_int(st, 3);
	read_hex(st, 4, out->content, sizeof out->content);
	read_hex(st, 5, out->commit, sizeof out->commit);
	read_hex(st, 6, out->fingerprint, sizeof out->fingerprint);
	out->build = read_text(st, 7);
	out->validation = read_text(st, 8);
	out->life = read_text(st, 9);
	out->dirty = statement_int(st, 10) != 0;
	out->collected = statement_int(st, 11) != 0;
	out->started_ms = statement_int(st, 12);
	out->finished_ms = statement_int(st, 13);
	out->host = read_text(st, 14);
	out->user = read_text(st, 15);
}

/* Members of from that into lacks, at any level. */
static void merge_missing(json_t *into, const json_t *from)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)from, key, value) {
		json_t *mine = json_object_get(into, key);

		if (!mine)
			json_object_set_new(into, key, json_deep_copy(value));
		else if (json_is_object(mine) && json_is_object(value))
			merge_missing(mine, value);
	}
}

/* Add what the good evaluations of a model measured, the newest first, where all lacks it. */
static int merge_evals(struct repo *r, const struct version *v, json_t *all)
{
	static const char EVALS[] =
		"SELECT " HEAD_COLUMNS " FROM input i JOIN version v ON v.id = i.version "
		"WHERE i.input = ?1 AND v.kind = 'eval' AND v.build = 'good' "
		"ORDER BY v.finished DESC, v.number DESC";
	struct statement *st;
	int rc;

	if (strcmp(v->kind, "model") != 0)
		return 0;
	if ((rc = statement_open(repo_index(r), EVALS, &st)) < 0)
		return rc;
	statement_bind_text(st, 1, v->id);
	while ((rc = statement_step(st)) == 1) {
		struct version eval = VERSION_INIT;
		json_t *more = NULL;

		head_read(st, &eval);
		rc = version_metrics(r, &eval, &more);
		if (json_is_object(more))
			merge_missing(all, more);
		version_clear(&eval);
		json_decref(more);
		if (rc < 0)
			break;
	}
	statement_close(st);
	return rc;
}

int head_metrics(struct repo *r, const struct version *v, json_t **out)
{
	json_t *own = NULL, *all = NULL;
	int rc = version_metrics(r, v, &own);

	*out = NULL;
	if (rc < 0)
		return rc;
	all = json_is_object(own) ? json_deep_copy(own) : json_object();
	json_decref(own);
	if ((rc = merge_evals(r, v, all)) < 0)
		json_decref(all);
	else
		*out = all;
	return rc < 0 ? rc : 0;
}

static json_t *text_or_null(const char *s)
{
	return s && *s ? json_string(s) : json_null();
}

static json_t *time_json(int64_t ms)
{
	char iso[CLOCK_ISO_BYTES];

	if (!ms)
		return json_null();
	clock_iso(ms, iso);
	return json_string(iso);
}

/* What the input is called now: its number may have changed on a pull. NULL: as it was recorded. */
static char *ref_now(struct index *x, const char *id)
{
	static const char REF[] =
		"SELECT kind || '/' || name || '@' || number FROM version WHERE id = ?1";
	struct statement *st;
	char *ref = NULL;

	if (!x || !id || statement_open(x, REF, &st) < 0)
		return NULL;
	statement_bind_text(st, 1, id);
	if (statement_step(st) == 1)
		ref = xstrdup(statement_text(st, 0));
	statement_close(st);
	return ref;
}

static json_t *inputs_json(struct index *x, const json_t *manifest)
{
	json_t *rows = json_array(), *row;
	size_t i;

	json_array_foreach(json_object_get(manifest, "inputs"), i, row) {
		const char *id = json_str(row, "id", NULL);
		char *ref = ref_now(x, id);

		json_array_append_new(
			rows,
			json_pack("{s:s,s:s,s:o,s:o}", "role", json_str(row, "role", ""), "ref",
				  ref ? ref : json_str(row, "ref", ""), "id", text_or_null(id),
				  "content", text_or_null(json_str(row, "content", NULL))));
		free(ref);
	}
	return rows;
}

static json_t *code_json_short(const struct version *v, const json_t *manifest)
{
	const json_t *code = json_object_get(manifest, "code");
	json_t *paths = json_object_get(code, "paths");

	return json_pack("{s:o,s:o,s:b}", "commit", text_or_null(json_str(code, "commit", NULL)),
			 "paths", json_is_array(paths) ? json_deep_copy(paths) : json_array(),
			 "dirty", v->dirty);
}

static json_t *object_member(const json_t *manifest, const char *key)
{
	json_t *m = json_object_get(manifest, key);

	return json_is_object(m) ? json_deep_copy(m) : json_object();
}

json_t *head_document(struct index *x, const struct version *v, const json_t *manifest,
		      json_t *metrics)
{
	return json_pack(
		"{s:s,s:s,s:I,s:s,s:o,s:s,s:{s:s,s:s,s:s},s:o,s:o,s:o,s:O,s:o,s:s,s:s,s:o,s:o,"
		"s:o}",
		"kind", v->kind, "name", v->name, "number", (json_int_t)v->number, "id", v->id,
		"content", text_or_null(v->content), "commit", v->commit, "state", "build",
		v->build, "validation", v->validation, "life", v->life, "inputs",
		inputs_json(x, manifest), "code", code_json_short(v, manifest), "params",
		object_member(manifest, "params"), "metrics", metrics, "engines",
		object_member(manifest, "engines"), "host", v->host, "user", v->user, "started",
		time_json(v->started_ms), "finished", time_json(v->finished_ms), "releases",
		x ? release_json_of(x, v->id) : json_array());
}

int head_json(struct repo *r, const struct version *v, json_t **out)
{
	json_t *manifest = NULL, *metrics = NULL;
	int rc;

	*out = NULL;
	if ((rc = version_manifest(r, v, &manifest)) == 0 &&
	    (rc = head_metrics(r, v, &metrics)) == 0)
		*out = head_document(repo_index(r), v, manifest, metrics);
	json_decref(manifest);
	json_decref(metrics);
	return rc;
}

int head_find(struct repo *r, const char *sql, const char *const *texts, int n, struct version *out)
{
	struct statement *st;
	int rc = statement_open(r->index, sql, &st);

	if (rc < 0)
		return rc;
	for (int i = 0; i < n; i++)
		statement_bind_text(st, i + 1, texts[i]);
	rc = statement_step(st);
	if (rc == 1)
		head_read(st, out);
	statement_close(st);
	return rc;
}
