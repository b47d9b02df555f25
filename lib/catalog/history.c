/* history.c - the tables version and event, merged by whoever prints them. */
#define _GNU_SOURCE
#include "lib/catalog/history.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/index/statement.h"
#include "lib/record/head.h"

static const char VERSIONS[] =
	"SELECT " HEAD_COLUMNS " FROM version v WHERE (?1 IS NULL OR v.kind = ?1) AND "
	"(?2 IS NULL OR v.name = ?2) AND (?3 IS NULL OR v.id = ?3) "
	"ORDER BY v.finished DESC, v.number DESC, v.kind, v.name LIMIT ?4";
static const char EVENTS[] =
	"SELECT e.version, v.kind || '/' || v.name || '@' || v.number, e.type, e.user, e.data, e.at "
	"FROM event e JOIN version v ON v.id = e.version WHERE e.commit_id <> v.commit_id AND "
	"(?1 IS NULL OR v.kind = ?1) AND (?2 IS NULL OR v.name = ?2) AND (?3 IS NULL OR v.id = ?3) AND "
	"e.at >= ?4 ORDER BY e.at DESC, v.kind, v.name, v.number DESC";

static void bind_query(struct statement *st, const struct history_query *q)
{
	statement_bind_text(st, 1, q->kind);
	statement_bind_text(st, 2, q->name);
	statement_bind_text(st, 3, q->id);
}

static int read_versions(struct index *x, const struct history_query *q, struct history *h)
{
	struct statement *st;
	int rc = statement_open(x, VERSIONS, &st);

	if (rc < 0)
		return rc;
	bind_query(st, q);
	statement_bind_int(st, 4, q->limit ? q->limit : -1);
	while ((rc = statement_step(st)) == 1) {
		ARRAY_GROW(h->versions, h->n, h->cap);
		head_read(st, &h->versions[h->n++]);
	}
	statement_close(st);
	return rc;
}

static char *text_of(struct statement *st, int column)
{
	const char *text = statement_text(st, column);

	return xstrdup(text ? text : "");
}

static int read_events(struct index *x, const struct history_query *q, struct history *h)
{
	struct statement *st;
	int rc = statement_open(x, EVENTS, &st);

	if (rc < 0)
		return rc;
	bind_query(st, q);
	statement_bind_int(st, 4,
			   q->limit && h->n ? h->versions[h->n - 1].finished_ms / 1000 * 1000 : 0);
	while ((rc = statement_step(st)) == 1) {
		const char *data = statement_text(st, 4);
		struct history_event *e;

		ARRAY_GROW(h->events, h->n_events, h->events_cap);
		e = &h->events[h->n_events++];
		*e = (struct history_event){ .version = text_of(st, 0),
					     .ref = text_of(st, 1),
					     .type = text_of(st, 2),
					     .user = text_of(st, 3),
					     .at_ms = statement_int(st, 5) };
		if (data && *data)
			json_parse(data, strlen(data), "event", &e->data);
	}
	statement_close(st);
	return rc;
}

/* How much was measured says nothing of how well. */
static bool is_count(const char *key)
{
	const char *last = strrchr(key, '.');

	last = last ? last + 1 : key;
	return !strcmp(last, "rows") || !strcmp(last, "bytes") || !strcmp(last, "unlabelled");
}

/* The split first, then what is measured most. */
int history_metric_rank(const char *key)
{
	static const char *const splits[] = { "test.", "validation.", "valid.", "bench.", "" };
	static const char *const names[] = { "rmse", "auc", "logloss", "accuracy", "f1",    "mae",
					     "ndcg", "map", "r2",      "loss",	   "p99_us" };
	size_t n;

	if (is_count(key))
		return 2000;
	for (size_t i = 0; i < ARRAY_LEN(splits); i++) {
		n = strlen(splits[i]);

		if (strncmp(key, splits[i], n) != 0)
			continue;
		for (size_t j = 0; j < ARRAY_LEN(names); j++)
			if (!strcmp(key + n, names[j]))
				return (int)(i * 100 + j);
		return (int)(i * 100 + 50);
	}
	return 1000;
}

/* Its own, then those of its evaluations when it is a model, the newest first. */
static const char METRICS[] =
	"SELECT m.key, m.value FROM (SELECT ?1 AS id, 1 AS own, 0 AS at, 0 AS number UNION ALL "
	"SELECT w.id, 0, w.finished, w.number FROM input i JOIN version w ON w.id = i.version "
	"WHERE ?2 AND i.input = ?1 AND w.kind = 'eval' AND w.build = 'good') s "
	"JOIN metric m ON m.version = s.id ORDER BY s.own DESC, s.at DESC, s.number DESC, m.key";

static int read_metric(struct statement *st, const struct version *v, struct history_metric *m)
{
	int rc;

	statement_bind_text(st, 1, v->id);
	statement_bind_int(st, 2, !strcmp(v->kind, "model"));
	while ((rc = statement_step(st)) == 1) {
		const char *key = statement_text(st, 0);

		if (is_count(key) ||
		    (m->key && history_metric_rank(m->key) <= history_metric_rank(key)))
			continue;
		free(m->key);
		m->key = xstrdup(key);
		m->value = statement_real(st, 1);
	}
	return rc;
}

static int read_metrics(struct index *x, struct history *h)
{
	struct statement *st;
	int rc = statement_open(x, METRICS, &st);

	if (rc < 0)
		return rc;
	h->metrics = xcalloc(h->n + 1, sizeof *h->metrics);
	for (size_t i = 0; i < h->n && rc >= 0; i++)
		rc = read_metric(st, &h->versions[i], &h->metrics[i]);
	statement_close(st);
	return rc;
}

int history_read(struct index *x, const struct history_query *q, struct history *out)
{
	int rc;

	*out = (struct history)HISTORY_INIT;
	if ((rc = read_versions(x, q, out)) < 0 || (rc = read_events(x, q, out)) < 0 ||
	    (rc = read_metrics(x, out)) < 0)
		history_clear(out);
	return rc;
}

void history_clear(struct history *h)
{
	for (size_t i = 0; i < h->n; i++) {
		version_clear(&h->versions[i]);
		if (h->metrics)
			free(h->metrics[i].key);
	}
	for (size_t i = 0; i < h->n_events; i++) {
		struct history_event *e = &h->events[i];

		free(e->version);
		free(e->ref);
		free(e->type);
		free(e->user);
		json_decref(e->data);
	}
	free(h->versions);
	free(h->metrics);
	free(h->events);
	*h = (struct history)HISTORY_INIT;
}

/* Of gates and checks: how many held, and the first that did not. */
static char *verdict(const json_t *data)
{
	const json_t *rows = json_object_get(data, "rows"), *row;
	const char *why = NULL;
	size_t i, held = 0, n = json_array_size(rows);

	json_array_foreach(rows, i, row) {
		held += json_bool(row, "ok", false);
		if (!why && !json_bool(row, "ok", false))
			why = json_str(row, "why", json_str(row, "what", NULL));
	}
	return xasprintf("%zu of %zu hold%s%s", held, n, why ? ": " : "", why ? why : "");
}

char *history_event_text(const struct history_event *e)
{
	const char *text = json_str(e->data, "text", json_str(e->data, "reason", NULL));
	const char *key = json_str(e->data, "key", NULL), *value = json_str(e->data, "value", NULL);

	if (json_is_boolean(json_object_get(e->data, "ok")))
		return verdict(e->data);
	if (text)
		return xasprintf("%.*s", (int)strcspn(text, "\n"), text);
	if (json_object_get(e->data, "bytes"))
		return xasprintf("%lld file%s, %.1f MiB", (long long)json_int(e->data, "files", 0),
				 json_int(e->data, "files", 0) == 1 ? "" : "s",
				 json_num(e->data, "bytes", 0) / (1 << 20));
	if (key && value)
		return xasprintf("%s=%s", key, value);
	return key ? xasprintf("%s removed", key) : xstrdup("");
}

static json_t *iso_json(int64_t ms)
{
	char iso[CLOCK_ISO_BYTES];

	clock_iso(ms, iso);
	return json_string(iso);
}

int history_remarks(struct index *x, const struct version *v, json_t **out)
{
	static const char NOTES[] =
		"SELECT at, user, text FROM note WHERE version = ?1 ORDER BY at, commit_id";
	static const char TAGS[] = "SELECT key, value FROM tag WHERE version = ?1 ORDER BY key";
	json_t *notes = json_array(), *tags = json_object();
	struct statement *note = NULL, *tag = NULL;
	int rc;

	*out = json_pack("{s:o,s:o}", "notes", notes, "tags", tags);
	if ((rc = statement_open(x, NOTES, &note)) < 0 || (rc = statement_open(x, TAGS, &tag)) < 0)
		goto out;
	statement_bind_text(note, 1, v->id);
	while ((rc = statement_step(note)) == 1) {
		char *user = text_of(note, 1), *text = text_of(note, 2);

		json_array_append_new(notes, json_pack("{s:o,s:s,s:s}", "at",
						       iso_json(statement_int(note, 0)), "user",
						       user, "text", text));
		free(user);
		free(text);
	}
	if (rc < 0)
		goto out;
	statement_bind_text(tag, 1, v->id);
	while ((rc = statement_step(tag)) == 1) {
		char *value = text_of(tag, 1);

		json_object_set_new(tags, statement_text(tag, 0), json_string(value));
		free(value);
	}
out:
	statement_close(note);
	statement_close(tag);
	if (rc < 0) {
		json_decref(*out);
		*out = NULL;
	}
	return rc;
}
