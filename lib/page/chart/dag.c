/* dag.c - layers, bends, order, places. */
#include "lib/page/chart/dag.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

enum { SWEEPS = 8, BENDS_MAX = 2000 };

void dag_nodes(struct dag *g, size_t n)
{
	g->n = g->n_all = n < DAG_NODES_MAX ? n : DAG_NODES_MAX;
	g->cap = g->n + 1;
	g->nodes = xcalloc(g->cap, sizeof *g->nodes);
}

void dag_edge(struct dag *g, size_t from, size_t to)
{
	if (from >= g->n || to >= g->n || from == to || g->n_edges >= DAG_EDGES_MAX)
		return;
	ARRAY_GROW(g->edges, g->n_edges, g->edges_cap);
	g->edges[g->n_edges++] = (struct dag_edge){ .from = from, .to = to };
}

void dag_clear(struct dag *g)
{
	free(g->nodes);
	free(g->edges);
	*g = (struct dag)DAG_INIT;
}

/* The longest way to what nothing was made from: 0 for that. False: edges go in a circle. */
static bool find_distance(struct dag *g)
{
	bool changed = true;

	for (size_t i = 0; i < g->n; i++)
		g->nodes[i].column = 0;
	for (size_t pass = 0; changed && pass <= g->n; pass++) {
		changed = false;
		for (size_t e = 0; e < g->n_edges; e++) {
			const struct dag_node *from = &g->nodes[g->edges[e].from];
			struct dag_node *to = &g->nodes[g->edges[e].to];

			if (to->column < from->column + 1) {
				to->column = from->column + 1;
				changed = true;
			}
		}
	}
	return !changed;
}

/* What is used goes just left of the first that uses it. */
static void find_columns(struct dag *g)
{
	size_t last = 0;

	while (!find_distance(g))
		g->n_edges--;
	for (size_t i = 0; i < g->n; i++)
		last = g->nodes[i].column > last ? g->nodes[i].column : last;
	for (size_t i = 0; i < g->n; i++)
		g->nodes[i].column = last - g->nodes[i].column;
	g->columns = g->n ? last + 1 : 0;
}

static void add_bends(struct dag *g)
{
	for (size_t e = 0; e < g->n_edges; e++) {
		struct dag_edge *edge = &g->edges[e];
		size_t column = g->nodes[edge->from].column, end = g->nodes[edge->to].column;

		edge->first_bend = g->n_all;
		for (column--; column > end && g->n_all - g->n < BENDS_MAX; column--) {
			ARRAY_GROW(g->nodes, g->n_all, g->cap);
			g->nodes[g->n_all++] = (struct dag_node){ .column = column };
		}
		edge->bends = g->n_all - edge->first_bend;
	}
}

/* Call fn for each pair of neighbours, right and left. */
typedef void (*pair_fn)(struct dag_node *right, struct dag_node *left, void *payload);

static void each_pair(struct dag *g, pair_fn fn, void *payload)
{
	for (size_t e = 0; e < g->n_edges; e++) {
		const struct dag_edge *edge = &g->edges[e];
		size_t right = edge->from;

		for (size_t b = 0; b < edge->bends; b++) {
			fn(&g->nodes[right], &g->nodes[edge->first_bend + b], payload);
			right = edge->first_bend + b;
		}
		fn(&g->nodes[right], &g->nodes[edge->to], payload);
	}
}

struct means {
	struct dag *g;
	bool leftward; /* by the neighbours on the right */
	double *sum;
	size_t *count;
};

static void add_mean(struct dag_node *right, struct dag_node *left, void *payload)
{
	struct means *m = payload;
	const struct dag_node *of = m->leftward ? right : left;
	size_t at = (size_t)((m->leftward ? left : right) - m->g->nodes);

	m->sum[at] += of->y;
	m->count[at]++;
}

/* Mean y of the neighbours on one side into y of want; a node without any wants to stay. */
static void find_means(struct dag *g, bool leftward, double *want)
{
	struct means m = { g, leftward, want, xcalloc(g->n_all, sizeof *m.count) };

	memset(want, 0, g->n_all * sizeof *want);
	each_pair(g, add_mean, &m);
	for (size_t i = 0; i < g->n_all; i++)
		want[i] = m.count[i] ? want[i] / (double)m.count[i] : g->nodes[i].y;
	free(m.count);
}

static size_t column_of(const struct dag *g, size_t column, size_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n_all; i++)
		if (g->nodes[i].column == column)
			out[n++] = i;
	return n;
}

static double height(const struct dag *g, size_t node, double box, double bend)
{
	return node < g->n ? box : bend;
}

/* By what they want, those that want the same as they were. */
static void sort_column(size_t *nodes, size_t n, const double *want)
{
	for (size_t i = 1; i < n; i++)
		for (size_t j = i; j && want[nodes[j]] < want[nodes[j - 1]]; j--) {
			size_t t = nodes[j];

			nodes[j] = nodes[j - 1];
			nodes[j - 1] = t;
		}
}

/* Places as near to what is wanted as the heights allow: pushed down in order, then moved as one. */
static void place_column(struct dag *g, const size_t *nodes, size_t n, const double *want,
			 double box, double bend)
{
	double error = 0;

	for (size_t i = 0; i < n; i++) {
		double y = want[nodes[i]];

		if (i) {
			double least =
				g->nodes[nodes[i - 1]].y + (height(g, nodes[i - 1], box, bend) +
							    height(g, nodes[i], box, bend)) /
								   2;

			y = y < least ? least : y;
		}
		g->nodes[nodes[i]].y = y;
		g->nodes[nodes[i]].place = i;
		error += y - want[nodes[i]];
	}
	for (size_t i = 0; i < n; i++)
		g->nodes[nodes[i]].y -= error / (double)n;
}

static void settle_column(struct dag *g, size_t column, bool order, const double *want, double box,
			  double bend)
{
	size_t *nodes = xcalloc(g->n_all, sizeof *nodes), n = column_of(g, column, nodes);
	double *place = xcalloc(g->n_all, sizeof *place);

	for (size_t i = 0; i < g->n_all; i++)
		place[i] = (double)g->nodes[i].place;
	sort_column(nodes, n, order ? want : place);
	place_column(g, nodes, n, want, box, bend);
	free(place);
	free(nodes);
}

/* Leftward and rightward in turn; the last sweeps keep the order. */
static void sweep(struct dag *g, double box, double bend)
{
	double *want = xcalloc(g->n_all + 1, sizeof *want);

	for (size_t i = 0; i < g->n_all; i++)
		want[i] = (double)i * bend / 1000;
	for (size_t c = 0; c < g->columns; c++)
		settle_column(g, c, true, want, box, bend);
	for (size_t s = 0; s < SWEEPS; s++) {
		bool leftward = s % 2 == 0;

		for (size_t k = 1; k < g->columns; k++) {
			size_t column = leftward ? g->columns - 1 - k : k;

			find_means(g, leftward, want);
			settle_column(g, column, s < SWEEPS / 2, want, box, bend);
		}
	}
	free(want);
}

void dag_layout(struct dag *g, double box, double bend)
{
	find_columns(g);
	add_bends(g);
	sweep(g, box, bend);
	for (size_t i = 0; i < g->n_all; i++) {
		double half = height(g, i, box, bend) / 2;

		if (!i || g->nodes[i].y - half < g->top)
			g->top = g->nodes[i].y - half;
		if (!i || g->nodes[i].y + half > g->bottom)
			g->bottom = g->nodes[i].y + half;
	}
}
