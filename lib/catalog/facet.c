/* facet.c - names of columns to SQL. Only our own text and bound keys get into a statement. */
#define _GNU_SOURCE
#include "lib/catalog/facet.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/index/statement.h"

static const struct facet_head heads[] = {
	{ "ref", "(v.kind || '/' || v.name || '@' || v.number)", FILTER_TEXT, "kind/name@number" },
	{ "kind", "v.kind", FILTER_TEXT, "dataset, model, eval, prediction or bench" },
	{ "name", "v.name", FILTER_TEXT, "name of the artifact" },
	{ "number", "v.number", FILTER_NUMBER, "number of the version" },
	{ "state", "v.build", FILTER_TEXT, "good, failed, aborted or running" },
	{ "build", "v.build", FILTER_TEXT, "the same as state" },
	{ "validation", "v.validation", FILTER_TEXT, "none, running, passed or failed" },
	{ "life", "v.life", FILTER_TEXT, "active, deprecated or retired" },
	{ "dirty", "v.dirty", FILTER_BOOL, "made with code or a recipe that was not committed" },
	{ "collected", "v.collected", FILTER_BOOL, "its files were removed" },
	{ "started", "v.started", FILTER_TIME, "when its step began" },
	{ "finished", "v.finished", FILTER_TIME, "when it was recorded" },
	{ "seconds", "((v.finished - v.started) / 1000.0)", FILTER_NUMBER,
	  "how long its step took" },
	{ "user", "v.user", FILTER_TEXT, "who made it" },
	{ "host", "v.host", FILTER_TEXT, "where it was made" },
	{ "seed", "v.seed", FILTER_NUMBER, "seed of its random numbers" },
	{ "code", "v.code_commit", FILTER_TEXT, "commit of the code that it read" },
	{ "id", "v.id", FILTER_TEXT, "its name for ever, in every clone" },
	{ "content", "v.content", FILTER_TEXT, "SHA-256 of what was made" },
	{ "commit", "v.commit_id", FILTER_TEXT, "its entry in the journal" },
	{ "fingerprint", "v.fingerprint", FILTER_TEXT, "SHA-256 of all that went into it" },
	{ "release",
	  "(SELECT group_concat(ref, ', ') FROM (SELECT l.space || '/' || l.name || '@' ||"
	  " l.major || '.' || l.minor AS ref FROM release l WHERE l.version = v.id ORDER BY l.space,"
	  " l.name, l.major, l.minor))",
	  FILTER_TEXT, "its releases" },
	{ "stage",
	  "(SELECT group_concat(stage, ', ') FROM (SELECT DISTINCT s.stage FROM stage s"
	  " WHERE s.version = v.id ORDER BY s.stage))",
	  FILTER_TEXT, "the stages that hold it" },
	{ "versions", "(SELECT count(*) FROM version w WHERE w.kind = v.kind AND w.name = v.name)",
	  FILTER_NUMBER, "how many versions its artifact has" },
};

static const char *const prefixes[] = {
	[FACET_PARAM] = "param.", [FACET_METRIC] = "metric.", [FACET_TAG] = "tag."
};
static const char *const tables[] = {
	[FACET_PARAM] = "param", [FACET_METRIC] = "metric", [FACET_TAG] = "tag"
};

void facet_clear(struct facet *c)
{
	free(c->key);
	free(c->title);
	*c = (struct facet){ 0 };
}

/* 1: some version has it. */
static int key_exists(struct index *x, enum facet_source source, const char *key)
{
	static const char *const EXISTS[] = {
		[FACET_PARAM] = "SELECT 1 FROM param WHERE key = ?1 LIMIT 1",
		[FACET_METRIC] = "SELECT 1 FROM metric WHERE key = ?1 LIMIT 1",
		[FACET_TAG] = "SELECT 1 FROM tag WHERE key = ?1 LIMIT 1",
	};
	struct statement *st;
	int rc = statement_open(x, EXISTS[source], &st);

	if (rc < 0)
		return rc;
	statement_bind_text(st, 1, key);
	rc = statement_step(st);
	statement_close(st);
	return rc;
}

int facet_keys(struct index *x, enum facet_source source, const char *kind, const char *name,
	       struct strlist *out)
{
	static const char *const KEYS[] = {
		[FACET_PARAM] =
			"SELECT DISTINCT p.key FROM param p JOIN version v ON v.id = p.version "
			"WHERE (?1 IS NULL OR v.kind = ?1) AND (?2 IS NULL OR v.name = ?2) "
			"ORDER BY p.key",
		[FACET_METRIC] =
			"SELECT DISTINCT p.key FROM metric p JOIN version v ON v.id = p.version "
			"WHERE (?1 IS NULL OR v.kind = ?1) AND (?2 IS NULL OR v.name = ?2) "
			"ORDER BY p.key",
		[FACET_TAG] = "SELECT DISTINCT p.key FROM tag p JOIN version v ON v.id = p.version "
			      "WHERE (?1 IS NULL OR v.kind = ?1) AND (?2 IS NULL OR v.name = ?2) "
			      "ORDER BY p.key",
	};
	struct statement *st;
	int rc = statement_open(x, KEYS[source], &st);

	if (rc < 0)
		return rc;
	statement_bind_text(st, 1, kind);
	statement_bind_text(st, 2, name);
	while ((rc = statement_step(st)) == 1)
		strlist_add(out, statement_text(st, 0));
	statement_close(st);
	return rc;
}

static int refuse(struct index *x, const char *name)
{
	struct strlist known = STRLIST_INIT;
	const char *near;
	char *typed = xstrdup(name);

	for (size_t i = 0; i < ARRAY_LEN(heads); i++)
		strlist_add(&known, heads[i].name);
	for (int s = FACET_PARAM; s <= FACET_TAG; s++) {
		struct strlist keys = STRLIST_INIT;

		facet_keys(x, (enum facet_source)s, NULL, NULL, &keys);
		for (size_t i = 0; i < keys.n; i++) {
			if (s != FACET_TAG)
				strlist_add(&known, keys.v[i]);
			strlist_addf(&known, "%s%s", prefixes[s], keys.v[i]);
		}
		strlist_clear(&keys);
	}
	near = strlist_nearest((const char *const *)known.v, known.n, typed);
	error_set(ERR_INPUT, "unknown column '%s': no version has such a parameter, metric or tag",
		  typed);
	if (near)
		error_hint(ERR_INPUT, "did you mean '%s'?", near);
	strlist_clear(&known);
	free(typed);
	return ERR_INPUT;
}

static void set_key(struct facet *c, enum facet_source source, const char *key, const char *title)
{
	c->source = source;
	c->key = xstrdup(key);
	c->title = xstrdup(title);
}

int facet_find(struct index *x, const char *name, struct facet *out)
{
	int rc;

	*out = (struct facet){ 0 };
	for (size_t i = 0; i < ARRAY_LEN(heads); i++)
		if (!strcasecmp(heads[i].name, name)) {
			out->head = &heads[i];
			out->title = xstrdup(heads[i].name);
			return 0;
		}
	for (int s = FACET_PARAM; s <= FACET_TAG; s++) {
		size_t n = strlen(prefixes[s]);

		if (strncmp(name, prefixes[s], n) != 0)
			continue;
		if ((rc = key_exists(x, (enum facet_source)s, name + n)) < 0)
			return rc;
		if (rc)
			set_key(out, (enum facet_source)s, name + n, name);
		if (rc)
			return 0;
	}
	for (int s = FACET_METRIC; s >= FACET_PARAM; s--) {
		if ((rc = key_exists(x, (enum facet_source)s, name)) < 0)
			return rc;
		if (rc)
			set_key(out, (enum facet_source)s, name, name);
		if (rc)
			return 0;
	}
	return refuse(x, name);
}

enum filter_type facet_type(const struct facet *c)
{
	return c->source == FACET_HEAD	   ? c->head->type
	       : c->source == FACET_METRIC ? FILTER_NUMBER
					   : FILTER_ANY;
}

int facet_sql(struct facet_joins *j, const struct facet *c, struct buf *sql)
{
	size_t i = 0;

	if (c->source == FACET_HEAD) {
		buf_addstr(sql, c->head->sql);
		return 0;
	}
	while (i < j->n &&
	       (j->columns[i].source != c->source || strcmp(j->columns[i].key, c->key) != 0))
		i++;
	if (i == j->n) {
		if (j->n == FACET_JOINS_MAX)
			return error_set(ERR_INPUT,
					 "at most %d parameters, metrics and tags in one condition "
					 "and order",
					 FACET_JOINS_MAX);
		ARRAY_GROW(j->columns, j->n, j->cap);
		j->columns[j->n] = (struct facet){ 0 };
		set_key(&j->columns[j->n++], c->source, c->key, c->title);
	}
	if (c->source == FACET_METRIC)
		buf_addf(sql, "coalesce(j%zu.value, e%zu.value)", i, i);
	else
		buf_addf(sql, "j%zu.value", i);
	return 0;
}

void facet_joins_sql(const struct facet_joins *j, struct buf *sql)
{
	for (size_t i = 0; i < j->n; i++) {
		unsigned key = j->first + (unsigned)i;

		buf_addf(sql, " LEFT JOIN %s j%zu ON j%zu.version = v.id AND j%zu.key = ?%u",
			 tables[j->columns[i].source], i, i, i, key);
		if (j->columns[i].source == FACET_METRIC)
			buf_addf(
				sql,
				" LEFT JOIN metric e%zu ON v.kind = 'model' AND e%zu.key = ?%u AND "
				"e%zu.version = (SELECT w.id FROM input i JOIN version w ON w.id = i.version "
				"AND w.kind = 'eval' AND w.build = 'good' JOIN metric h ON h.version = w.id "
				"AND h.key = ?%u WHERE i.input = v.id "
				"ORDER BY w.finished DESC, w.number DESC LIMIT 1)",
				i, i, key, i, key);
	}
}

void facet_joins_clear(struct facet_joins *j)
{
	for (size_t i = 0; i < j->n; i++)
		facet_clear(&j->columns[i]);
	free(j->columns);
	*j = (struct facet_joins){ 0 };
}
