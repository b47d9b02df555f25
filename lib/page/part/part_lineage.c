/* part_lineage.c - a picture of what came from what. */
#define _GNU_SOURCE
#include "lib/page/part/part.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/utf8.h"
#include "lib/page/chart/dag.h"

enum {
	BOX_WIDE = 176,
	BOX_HIGH = 44,
	ROW = 60,   /* a box and the gap below it */
	LANE = 24,  /* an edge that passes */
	GAP = 44,   /* between columns */
	EDGE = 10,  /* around it all */
	LABEL = 23, /* characters that fit into a box */
};

struct picture {
	struct html *h;
	const json_t *nodes;
	const char *self; /* id of the version that the page is about */
	struct dag g;
};

static bool has(const json_t *doc, const struct digest *d)
{
	(void)d;
	return json_array_size(json_object_get(json_object_get(doc, "lineage"), "nodes")) > 1;
}

static size_t node_of(const json_t *nodes, const char *id)
{
	const json_t *row;
	size_t i;

	json_array_foreach((json_t *)nodes, i, row)
		if (i < DAG_NODES_MAX && !strcmp(json_str(row, "id", ""), id))
			return i;
	return DAG_NODES_MAX;
}

static double x_of(const struct picture *p, size_t node)
{
	return EDGE + (double)p->g.nodes[node].column * (BOX_WIDE + GAP);
}

static double y_of(const struct picture *p, size_t node)
{
	return EDGE + p->g.nodes[node].y - p->g.top;
}

/* From the left side of what was made to the right side of what it was made from. */
static void put_edge(struct picture *p, const struct dag_edge *e)
{
	struct buf path = BUF_INIT;
	double x = x_of(p, e->from), y = y_of(p, e->from);

	buf_addf(&path, "M%.1f %.1f", x, y);
	for (size_t b = 0; b <= e->bends; b++) {
		size_t at = b < e->bends ? e->first_bend + b : e->to;
		double to_x = x_of(p, at) + BOX_WIDE, to_y = y_of(p, at);

		buf_addf(&path, "C%.1f %.1f %.1f %.1f %.1f %.1f", x - GAP / 2.0, y,
			 to_x + GAP / 2.0, to_y, to_x, to_y);
		x = to_x;
		y = to_y;
		if (b < e->bends)
			buf_addf(&path, "H%.1f", x -= BOX_WIDE);
	}
	html_open(p->h, "path");
	html_attr(p->h, "class", "edge");
	html_attr(p->h, "d", path.data);
	html_close(p->h);
	buf_clear(&path);
}

/* The end of a text that is too long says more than its beginning: .../data/flights.csv, eta@14. */
static void put_label(struct html *h, const char *text)
{
	size_t n = strlen(text), at = 0, characters = 0;

	for (size_t i = 0; i < n; characters++)
		i += utf8_bytes(text + i, n - i) ? utf8_bytes(text + i, n - i) : 1;
	for (; characters > LABEL; characters--)
		at += utf8_bytes(text + at, n - at) ? utf8_bytes(text + at, n - at) : 1;
	if (at)
		html_text(h, "\xe2\x80\xa6");
	html_textn(h, text + at, n - at);
}

static void put_text(struct html *h, const char *class, double x, double y, const char *text)
{
	html_open(h, "text");
	html_attr(h, "class", class);
	html_attrf(h, "x", "%.1f", x);
	html_attrf(h, "y", "%.1f", y);
	put_label(h, text);
	html_close(h);
}

static void put_node(struct picture *p, size_t i)
{
	const json_t *row = json_array_get(p->nodes, i), *state = json_object_get(row, "state");
	const char *ref = json_str(row, "ref", ""), *kind = json_str(row, "kind", "");
	const char *build = json_str(state, "build", "good"),
		   *life = json_str(state, "life", "active");
	const char *slash = strcmp(kind, "source") != 0 ? strchr(ref, '/') : NULL;
	bool self = !strcmp(json_str(row, "id", ""), p->self);
	bool bad = strcmp(build, "good") != 0 || strcmp(life, "active") != 0 ||
		   !json_bool(row, "versioned", true);
	char *note = strcmp(build, "good") != 0		  ? xasprintf("%s, %s", kind, build)
		     : strcmp(life, "active") != 0	  ? xasprintf("%s, %s", kind, life)
		     : !json_bool(row, "versioned", true) ? xasprintf("%s, not versioned", kind)
							  : xstrdup(kind);
	double x = x_of(p, i), y = y_of(p, i) - BOX_HIGH / 2.0;

	html_open(p->h, "g");
	html_attrf(p->h, "class", "node%s%s", self ? " self" : "", bad ? " bad" : "");
	html_leaf(p->h, "title", NULL, ref);
	html_open(p->h, "rect");
	html_attrf(p->h, "x", "%.1f", x);
	html_attrf(p->h, "y", "%.1f", y);
	html_attrf(p->h, "width", "%d", BOX_WIDE);
	html_attrf(p->h, "height", "%d", BOX_HIGH);
	html_attr(p->h, "rx", "5");
	html_close(p->h);
	put_text(p->h, "kind", x + 10, y + 16, note);
	put_text(p->h, "name", x + 10, y + 33, slash ? slash + 1 : ref);
	html_close(p->h);
	free(note);
}

static void read_graph(struct picture *p, const json_t *lineage)
{
	const json_t *edge;
	size_t i;

	p->nodes = json_object_get(lineage, "nodes");
	dag_nodes(&p->g, json_array_size(p->nodes));
	json_array_foreach(json_object_get(lineage, "edges"), i, edge)
		dag_edge(&p->g, node_of(p->nodes, json_str(edge, "from", "")),
			 node_of(p->nodes, json_str(edge, "to", "")));
	dag_layout(&p->g, ROW, LANE);
}

static void put_picture(struct picture *p)
{
	double width = EDGE * 2 + (double)p->g.columns * (BOX_WIDE + GAP) - GAP;
	double height = EDGE * 2 + p->g.bottom - p->g.top;

	html_open(p->h, "svg");
	html_attr(p->h, "class", "lineage");
	html_attr(p->h, "role", "img");
	html_attr(p->h, "aria-label", "what was made from what, left to right");
	html_attrf(p->h, "viewBox", "0 0 %.0f %.0f", width, height);
	html_attrf(p->h, "width", "%.0f", width);
	html_attrf(p->h, "height", "%.0f", height);
	for (size_t e = 0; e < p->g.n_edges; e++)
		put_edge(p, &p->g.edges[e]);
	for (size_t i = 0; i < p->g.n; i++)
		put_node(p, i);
	html_close(p->h);
}

static void put(struct html *h, const json_t *doc, const struct digest *d)
{
	struct picture p = { .h = h, .self = json_str(doc, "id", ""), .g = DAG_INIT };
	size_t all;

	(void)d;
	read_graph(&p, json_object_get(doc, "lineage"));
	all = json_array_size(p.nodes);
	html_open(h, "div");
	html_attr(h, "class", "scroll");
	html_attr(h, "tabindex", "0");
	put_picture(&p);
	html_close(h);
	if (all > p.g.n) {
		html_open(h, "p");
		html_attr(h, "class", "soft");
		html_textf(h, "%zu of %zu are shown; all of them: mich deps ", p.g.n, all);
		html_short(h, json_str(doc, "ref", ""), PART_NAME);
		html_close(h);
	}
	dag_clear(&p.g);
}

const struct part part_lineage = { "lineage", "Lineage", has, put };
