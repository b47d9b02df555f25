/* graph.c - the structure: nodes found by id through a hash table, edges chained at both ends. */
#define _GNU_SOURCE
#include "lib/record/graph.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

/* FNV-1a; ids are hashes already. */
static size_t hash_id(const char *id)
{
	uint64_t h = 1469598103934665603u;

	for (; *id; id++)
		h = (h ^ (unsigned char)*id) * 1099511628211u;
	return (size_t)(h ^ h >> 32);
}

/* The slot that holds id, or the empty one where it would go. */
static size_t slot_of(const struct graph *g, const char *id)
{
	size_t i = hash_id(id) & (g->table_size - 1);

	while (g->table[i] && strcmp(g->nodes[g->table[i] - 1].id, id) != 0)
		i = (i + 1) & (g->table_size - 1);
	return i;
}

static void table_grow(struct graph *g)
{
	if (g->n * 2 < g->table_size)
		return;
	g->table_size = g->table_size ? g->table_size * 2 : 64;
	free(g->table);
	g->table = xcalloc(g->table_size, sizeof *g->table);
	for (size_t i = 0; i < g->n; i++)
		g->table[slot_of(g, g->nodes[i].id)] = i + 1;
}

bool graph_has(const struct graph *g, const char *id, size_t *out)
{
	size_t slot = g->table_size ? g->table[slot_of(g, id)] : 0;

	if (slot)
		*out = slot - 1;
	return slot != 0;
}

size_t graph_node(struct graph *g, const char *id, bool *is_new)
{
	size_t at;

	*is_new = !graph_has(g, id, &at);
	if (!*is_new)
		return at;
	table_grow(g);
	ARRAY_GROW(g->nodes, g->n, g->cap);
	g->nodes[g->n] =
		(struct graph_node){ .id = xstrdup(id), .out = GRAPH_NONE, .in = GRAPH_NONE };
	g->table[slot_of(g, id)] = g->n + 1;
	return g->n++;
}

void graph_edge(struct graph *g, size_t from, size_t to, const char *role)
{
	int64_t e = (int64_t)g->n_edges;
	struct graph_node *a = &g->nodes[from], *b = &g->nodes[to];

	ARRAY_GROW(g->edges, g->n_edges, g->edges_cap);
	g->edges[g->n_edges++] = (struct graph_edge){ .from = from,
						      .to = to,
						      .role = xstrdup(role),
						      .next_out = GRAPH_NONE,
						      .next_in = GRAPH_NONE };
	if (a->out == GRAPH_NONE)
		a->out = e;
	else
		g->edges[a->last_out].next_out = e;
	a->last_out = e;
	if (b->in == GRAPH_NONE)
		b->in = e;
	else
		g->edges[b->last_in].next_in = e;
	b->last_in = e;
}

void graph_clear(struct graph *g)
{
	for (size_t i = 0; i < g->n; i++) {
		free(g->nodes[i].id);
		free(g->nodes[i].ref);
		version_clear(&g->nodes[i].v);
	}
	for (size_t i = 0; i < g->n_edges; i++)
		free(g->edges[i].role);
	free(g->nodes);
	free(g->edges);
	free(g->table);
	*g = (struct graph)GRAPH_INIT;
}

/* --- order --------------------------------------------------------------------------------------
 */

/* Newest on top; equal times: the higher number, then the later node. */
static bool newer(const struct graph *g, size_t a, size_t b)
{
	const struct version *x = &g->nodes[a].v, *y = &g->nodes[b].v;

	if (x->finished_ms != y->finished_ms)
		return x->finished_ms > y->finished_ms;
	if (x->number != y->number)
		return x->number > y->number;
	return a < b;
}

static void heap_push(const struct graph *g, size_t *heap, size_t *n, size_t node)
{
	size_t i = (*n)++;

	for (; i && newer(g, node, heap[(i - 1) / 2]); i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = node;
}

static size_t heap_pop(const struct graph *g, size_t *heap, size_t *n)
{
	size_t top = heap[0], last = heap[--*n], i = 0, child;

	for (; (child = 2 * i + 1) < *n; i = child) {
		if (child + 1 < *n && newer(g, heap[child + 1], heap[child]))
			child++;
		if (!newer(g, heap[child], last))
			break;
		heap[i] = heap[child];
	}
	heap[i] = last;
	return top;
}

void graph_order(const struct graph *g, size_t *order)
{
	size_t *users = xcalloc(g->n + 1, sizeof *users), *heap = xcalloc(g->n + 1, sizeof *heap);
	size_t waiting = 0, done = 0;

	for (size_t i = 0; i < g->n_edges; i++)
		users[g->edges[i].to]++;
	for (size_t i = 0; i < g->n; i++)
		if (!users[i])
			heap_push(g, heap, &waiting, i);
	while (waiting) {
		size_t node = heap_pop(g, heap, &waiting);

		order[done++] = node;
		for (int64_t e = g->nodes[node].out; e != GRAPH_NONE; e = g->edges[e].next_out)
			if (!--users[g->edges[e].to])
				heap_push(g, heap, &waiting, g->edges[e].to);
	}
	free(users);
	free(heap);
}

/* --- text ---------------------------------------------------------------------------------------
 */

enum { INDENT_MAX = 64 };

struct level {
	int64_t edge;  /* the next to show */
	size_t prefix; /* bytes of the prefix before this level's branches */
};

static int64_t next_edge(const struct graph *g, int64_t e, bool down)
{
	return down ? g->edges[e].next_in : g->edges[e].next_out;
}

static bool has_edges(const struct graph *g, size_t node, bool down)
{
	return (down ? g->nodes[node].in : g->nodes[node].out) != GRAPH_NONE;
}

/* One line; true when what is below the node comes next. */
static bool tree_line(const struct graph *g, int64_t edge, bool down, bool *shown,
		      graph_label_fn label, void *payload, struct buf *out)
{
	size_t node = down ? g->edges[edge].from : g->edges[edge].to;
	bool again = shown[node] && has_edges(g, node, down);

	label(payload, &g->nodes[node], g->edges[edge].role, out);
	buf_addstr(out, again ? " (see above)\n" : "\n");
	if (shown[node])
		return false;
	shown[node] = true;
	return has_edges(g, node, down);
}

/* What graph_tree walks with: the way from node 0 to where it is. */
struct walk {
	const struct graph *g;
	bool down;
	bool *shown; /* (g->n) */
	struct level *stack;
	size_t depth, cap;
	struct buf prefix;
};

static void walk_enter(struct walk *w, size_t node, const char *branch)
{
	const struct graph_node *n = &w->g->nodes[node];

	if (w->depth < INDENT_MAX) /* deeper lines stay below each other */
		buf_addstr(&w->prefix, branch);
	w->shown[node] = true;
	ARRAY_GROW(w->stack, w->depth, w->cap);
	w->stack[w->depth++] = (struct level){ w->down ? n->in : n->out, w->prefix.len };
}

void graph_tree(const struct graph *g, bool down, graph_label_fn label, void *payload,
		struct buf *out)
{
	struct walk w = { .g = g, .down = down, .prefix = BUF_INIT };

	if (!g->n)
		return;
	w.shown = xcalloc(g->n, sizeof *w.shown);
	label(payload, &g->nodes[0], "", out);
	buf_addch(out, '\n');
	walk_enter(&w, 0, "");
	while (w.depth) {
		struct level *l = &w.stack[w.depth - 1];
		int64_t e = l->edge;
		bool last;

		if (e == GRAPH_NONE) {
			w.depth--;
			continue;
		}
		l->edge = next_edge(g, e, down);
		last = l->edge == GRAPH_NONE;
		w.prefix.len = l->prefix;
		buf_add(out, w.prefix.data, w.prefix.len);
		buf_addstr(out, last ? "`-- " : "|-- ");
		if (tree_line(g, e, down, w.shown, label, payload, out))
			walk_enter(&w, down ? g->edges[e].from : g->edges[e].to,
				   last ? "    " : "|   ");
	}
	free(w.stack);
	free(w.shown);
	buf_clear(&w.prefix);
}

static json_t *node_json(const struct graph_node *n)
{
	if (n->source)
		return json_pack("{s:s,s:s,s:s,s:s,s:b}", "id", n->id, "kind", "source", "ref",
				 n->ref, "content", n->v.content, "versioned", n->kept);
	return json_pack("{s:s,s:s,s:s,s:I,s:s,s:s,s:{s:s,s:s,s:s},s:b}", "id", n->id, "kind",
			 n->v.kind, "ref", n->ref, "number", (json_int_t)n->v.number, "name",
			 n->v.name, "content", n->v.content, "state", "build", n->v.build,
			 "validation", n->v.validation, "life", n->v.life, "versioned", 1);
}

json_t *graph_json(const struct graph *g)
{
	json_t *nodes = json_array(), *edges = json_array();

	for (size_t i = 0; i < g->n; i++)
		json_array_append_new(nodes, node_json(&g->nodes[i]));
	for (size_t i = 0; i < g->n_edges; i++)
		json_array_append_new(edges, json_pack("{s:s,s:s,s:s}", "from",
						       g->nodes[g->edges[i].from].id, "to",
						       g->nodes[g->edges[i].to].id, "role",
						       g->edges[i].role));
	return json_pack("{s:o,s:o}", "nodes", nodes, "edges", edges);
}

static void add_dot_string(const char *s, struct buf *out)
{
	buf_addch(out, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			buf_addch(out, '\\');
		buf_addch(out, *s);
	}
	buf_addch(out, '"');
}

void graph_dot(const struct graph *g, struct buf *out)
{
	buf_addstr(out, "digraph mich {\n\trankdir=RL;\n\tnode [shape=box];\n");
	for (size_t i = 0; i < g->n; i++) {
		const struct graph_node *n = &g->nodes[i];

		buf_addf(out, "\tn%zu [label=", i);
		add_dot_string(n->ref, out);
		buf_addstr(out, !n->source ? "];\n"
				: n->kept  ? ", shape=note];\n"
					   : ", shape=note, style=dashed];\n");
	}
	for (size_t i = 0; i < g->n_edges; i++) {
		buf_addf(out, "\tn%zu -> n%zu [label=", g->edges[i].from, g->edges[i].to);
		add_dot_string(g->edges[i].role, out);
		buf_addstr(out, "];\n");
	}
	buf_addstr(out, "}\n");
}
