/*
 * dag.h - where the boxes of a graph go: in columns, what was made right of what it was made from, with few
 * crossings. After Sugiyama, Tagawa and Toda (1981): longest-path layers, a bend in every column that an edge
 * passes, the order of a column by the mean place of its neighbours, then places by the same means.
 */
#ifndef MICH_PAGE_CHART_DAG_H
#define MICH_PAGE_CHART_DAG_H

#include <stddef.h>

enum { DAG_NODES_MAX = 60, DAG_EDGES_MAX = 200 };

struct dag_node {
	size_t column; /* from 0 on the left */
	size_t place;  /* in its column, from 0 at the top */
	double y;      /* of its middle, in the unit of the gaps */
};

struct dag_edge {
	size_t from, to;	  /* made from, as they were given: from is drawn right of to */
	size_t first_bend, bends; /* nodes that it passes, from right to left */
};

struct dag {
	struct dag_node *nodes; /* (n + bends): first those that were asked for */
	size_t n, n_all, cap;
	struct dag_edge *edges; /* (n_edges) */
	size_t n_edges, edges_cap;
	size_t columns;
	double top, bottom; /* of all boxes */
};

#define DAG_INIT  \
	{         \
		0 \
	}

/* n nodes, at most DAG_NODES_MAX; edges between them, more than DAG_EDGES_MAX are left out. */
void dag_nodes(struct dag *g, size_t n);
void dag_edge(struct dag *g, size_t from, size_t to);

/* Boxes are box high, an edge that passes wants bend. Edges that go round in a circle are left out. */
void dag_layout(struct dag *g, double box, double bend);
void dag_clear(struct dag *g);

#endif
