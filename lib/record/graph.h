/*
 * graph.h - versions and what they were made from: nodes, edges, and walks over them that hold at
 * any depth. An edge leads from what was made to what it was made from.
 */
#ifndef MICH_RECORD_GRAPH_H
#define MICH_RECORD_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/json.h"
#include "lib/record/version.h"

struct repo;
struct index;

enum { GRAPH_NONE = -1 };

struct graph_node {
	char *id;	  /* of the version; "source:PATH@CONTENT" for an imported source */
	char *ref;	  /* "model/eta@3", or the path of a source */
	struct version v; /* zero for a source, except content */
	bool source;
	bool kept;	 /* false: a source that only its hash was recorded of */
	int64_t out, in; /* first edge leaving, first edge coming in; GRAPH_NONE */
	int64_t last_out, last_in;
};

struct graph_edge {
	size_t from, to;
	char *role; /* "" when there is none */
	int64_t next_out, next_in;
};

struct graph {
	struct graph_node *nodes; /* (n); 0 is where a walk began */
	size_t n, cap;
	struct graph_edge *edges; /* (n_edges) */
	size_t n_edges, edges_cap;
	size_t *table; /* (table_size) hash of id to 1 + its node, open addressing */
	size_t table_size;
};

#define GRAPH_INIT \
	{          \
		0  \
	}

/* The node of this id, made when it is new (then only id, out and in are set). */
size_t graph_node(struct graph *g, const char *id, bool *is_new);
bool graph_has(const struct graph *g, const char *id, size_t *out);
void graph_edge(struct graph *g, size_t from, size_t to, const char *role);
void graph_clear(struct graph *g);

/* Nodes so that each comes before what it was made from, else newest first. order: (n). */
void graph_order(const struct graph *g, size_t *order);

/* The tree below node 0 as text; what was shown above is not unfolded again. label: without
 * newline. */
typedef void (*graph_label_fn)(void *payload, const struct graph_node *n, const char *role,
			       struct buf *out);
void graph_tree(const struct graph *g, bool down, graph_label_fn label, void *payload,
		struct buf *out);

json_t *graph_json(const struct graph *g); /* {"nodes": [..], "edges": [..]}; new reference */
void graph_dot(const struct graph *g, struct buf *out); /* for graphviz */

#endif
