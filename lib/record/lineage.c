/* lineage.c - breadth first over the table input; the graph itself is the queue. */
#define _GNU_SOURCE
#include "lib/record/lineage.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/base/strlist.h"
#include "lib/index/statement.h"
#include "lib/record/head.h"

static const char HEAD[] = "SELECT " HEAD_COLUMNS " FROM version v WHERE v.id = ?1";
static const char UP[] =
	"SELECT i.role, i.ref, i.input, i.content FROM input i WHERE i.version = ?1 "
	"ORDER BY i.position";
static const char DOWN[] =
	"SELECT i.role, i.version FROM input i JOIN version v ON v.id = i.version "
	"WHERE i.input = ?1 ORDER BY v.kind, v.name, v.number";

struct walk {
	struct graph *g;
	struct repo *r;
	struct statement *head, *edges;
	bool down;
};

static char *source_id(const char *path, const char *content)
{
	return xasprintf("source:%s@%.12s", path, content ? content : "");
}

/* True where the manifest says that only the hash of this source was recorded. */
static bool is_dropped(const json_t *manifest, const char *ref)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(manifest, "inputs"), i, row)
		if (!strcmp(json_str(row, "ref", ""), ref) && !json_bool(row, "keep", true))
			return true;
	return false;
}

static size_t add_source(struct graph *g, const char *path, const char *content)
{
	char *id = source_id(path, content);
	bool is_new;
	size_t at = graph_node(g, id, &is_new);

	if (is_new) {
		g->nodes[at].source = g->nodes[at].kept = true;
		g->nodes[at].ref = xstrdup(path);
		snprintf(g->nodes[at].v.content, sizeof g->nodes[at].v.content, "%s",
			 content ? content : "");
	}
	free(id);
	return at;
}

/* Read the head of a node that an edge named. A version that is not in the index keeps its id. */
static int fill_node(struct walk *w, size_t at)
{
	struct graph_node *n = &w->g->nodes[at];
	int rc;

	statement_bind_text(w->head, 1, n->id);
	if ((rc = statement_step(w->head)) < 0)
		return rc;
	if (rc == 1) {
		head_read(w->head, &n->v);
		statement_reset(w->head);
		n->ref = version_ref(&n->v);
		return 0;
	}
	return error_set(ERR_CORRUPT, "version '%s' is an input but not in the index", n->id);
}

/* Which sources of a version are not under version control; its manifest is read only when it has
 * some. */
static int mark_sources(struct walk *w, size_t from)
{
	const struct graph *g = w->g;
	json_t *manifest = NULL;
	int rc = 0;

	for (int64_t e = g->nodes[from].out; e != GRAPH_NONE && rc == 0; e = g->edges[e].next_out) {
		struct graph_node *n = &g->nodes[g->edges[e].to];

		if (!n->source || !w->r)
			continue;
		if (!manifest)
			rc = version_manifest(w->r, &g->nodes[from].v, &manifest);
		if (rc == 0 && is_dropped(manifest, n->ref))
			n->kept = false;
	}
	json_decref(manifest);
	return rc;
}

static int expand_up(struct walk *w, size_t from)
{
	bool is_new;
	int rc;

	statement_bind_text(w->edges, 1, w->g->nodes[from].id);
	while ((rc = statement_step(w->edges)) == 1) {
		const char *role = statement_text(w->edges, 0), *ref = statement_text(w->edges, 1);
		const char *input = statement_text(w->edges, 2);
		size_t to = input ? graph_node(w->g, input, &is_new)
				  : add_source(w->g, ref ? ref : "", statement_text(w->edges, 3));

		graph_edge(w->g, from, to, role ? role : "");
		if (input && is_new && (rc = fill_node(w, to)) < 0) {
			statement_reset(w->edges);
			return rc;
		}
	}
	return rc < 0 ? rc : mark_sources(w, from);
}

static int expand_down(struct walk *w, size_t to)
{
	bool is_new;
	int rc;

	statement_bind_text(w->edges, 1, w->g->nodes[to].id);
	while ((rc = statement_step(w->edges)) == 1) {
		const char *role = statement_text(w->edges, 0);
		size_t from = graph_node(w->g, statement_text(w->edges, 1), &is_new);

		graph_edge(w->g, from, to, role ? role : "");
		if (is_new && (rc = fill_node(w, from)) < 0) {
			statement_reset(w->edges);
			return rc;
		}
	}
	return rc;
}

/* From the nodes that g holds already. */
static int walk_run(struct index *x, struct walk *w)
{
	int rc;

	if ((rc = statement_open(x, HEAD, &w->head)) < 0 ||
	    (rc = statement_open(x, w->down ? DOWN : UP, &w->edges)) < 0)
		goto out;
	for (size_t i = 0; rc == 0 && i < w->g->n; i++)
		if (!w->g->nodes[i].source)
			rc = w->down ? expand_down(w, i) : expand_up(w, i);
out:
	statement_close(w->head);
	statement_close(w->edges);
	return rc;
}

static int finish(int rc, struct graph *out)
{
	if (rc < 0)
		graph_clear(out);
	return rc;
}

int lineage_walk(struct index *x, struct repo *r, const struct version *v, bool down,
		 struct graph *out)
{
	struct walk w = { .g = out, .r = r, .down = down };
	bool is_new;

	*out = (struct graph)GRAPH_INIT;
	graph_node(out, v->id, &is_new);
	version_copy(v, &out->nodes[0].v);
	out->nodes[0].ref = version_ref(v);
	return finish(walk_run(x, &w), out);
}

static int no_source(struct index *x, const char *path)
{
	static const char PATHS[] =
		"SELECT DISTINCT ref FROM input WHERE input IS NULL ORDER BY ref";
	struct strlist known = STRLIST_INIT;
	struct statement *st;
	const char *near;

	if (statement_open(x, PATHS, &st) == 0) {
		while (statement_step(st) == 1)
			strlist_add(&known, statement_text(st, 0));
		statement_close(st);
	}
	near = strlist_nearest((const char *const *)known.v, known.n, path);
	error_set(ERR_NOT_FOUND, "nothing was made from a file '%s'", path);
	if (near)
		error_hint(ERR_NOT_FOUND, "did you mean '%s'?", near);
	strlist_clear(&known);
	return ERR_NOT_FOUND;
}

/* Node 0 stands for the path, whatever its bytes were at the time. */
static int add_readers(struct index *x, const char *path, struct graph *g)
{
	static const char READERS[] =
		"SELECT " HEAD_COLUMNS ", i.role, i.content FROM input i "
		"JOIN version v ON v.id = i.version WHERE i.input IS NULL AND i.ref = ?1 "
		"ORDER BY v.kind, v.name, v.number";
	struct statement *st;
	bool is_new;
	int rc = statement_open(x, READERS, &st);

	if (rc < 0)
		return rc;
	statement_bind_text(st, 1, path);
	while ((rc = statement_step(st)) == 1) {
		size_t at = graph_node(g, statement_text(st, 0), &is_new);
		const char *role = statement_text(st, HEAD_COLUMNS_COUNT);
		const char *content = statement_text(st, HEAD_COLUMNS_COUNT + 1);

		if (is_new) {
			head_read(st, &g->nodes[at].v);
			g->nodes[at].ref = version_ref(&g->nodes[at].v);
		}
		snprintf(g->nodes[0].v.content, sizeof g->nodes[0].v.content, "%s",
			 content ? content : "");
		graph_edge(g, at, 0, role ? role : "");
	}
	statement_close(st);
	return rc;
}

int lineage_of_source(struct index *x, const char *path, struct graph *out)
{
	struct walk w = { .g = out, .down = true };
	int rc;

	*out = (struct graph)GRAPH_INIT;
	add_source(out, path, NULL);
	if ((rc = add_readers(x, path, out)) == 0 && out->n == 1)
		rc = no_source(x, path);
	return finish(rc < 0 ? rc : walk_run(x, &w), out);
}

int lineage_among(struct index *x, struct version *versions, size_t n, struct graph *out)
{
	struct statement *st;
	bool is_new;
	size_t to;
	int rc;

	*out = (struct graph)GRAPH_INIT;
	for (size_t i = 0; i < n; i++) {
		size_t at = graph_node(out, versions[i].id, &is_new);

		out->nodes[at].v = versions[i];
		out->nodes[at].ref = version_ref(&versions[i]);
		versions[i] = (struct version)VERSION_INIT;
	}
	if ((rc = statement_open(x, UP, &st)) < 0)
		return finish(rc, out);
	for (size_t i = 0; rc == 0 && i < out->n; i++) {
		statement_bind_text(st, 1, out->nodes[i].id);
		while ((rc = statement_step(st)) == 1) {
			const char *input = statement_text(st, 2), *role = statement_text(st, 0);

			if (input && graph_has(out, input, &to))
				graph_edge(out, i, to, role ? role : "");
		}
	}
	statement_close(st);
	return finish(rc, out);
}

int lineage_users(struct index *x, const struct version *v, struct version **out, size_t *n_out)
{
	static const char USERS[] = "SELECT " HEAD_COLUMNS " FROM version v WHERE v.id IN "
				    "(SELECT version FROM input WHERE input = ?1) "
				    "AND NOT v.collected AND v.build NOT IN ('failed', 'aborted') "
				    "ORDER BY v.kind, v.name, v.number";
	struct statement *st;
	size_t cap = 0;
	int rc = statement_open(x, USERS, &st);

	*out = NULL;
	*n_out = 0;
	if (rc < 0)
		return rc;
	statement_bind_text(st, 1, v->id);
	while ((rc = statement_step(st)) == 1) {
		ARRAY_GROW(*out, *n_out, cap);
		head_read(st, &(*out)[(*n_out)++]);
	}
	statement_close(st);
	return rc;
}
