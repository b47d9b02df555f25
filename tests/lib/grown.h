/*
 * grown.h - forests grown at random, as XGBoost writes them, and model folders around them: models of
 * every kind for tests that have no engine.
 */
#ifndef TESTS_GROWN_H
#define TESTS_GROWN_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/model/rows/cell.h"
#include "lib/model/model.h"

struct grown {
	const char *objective; /* "reg:squarederror" */
	int groups;	       /* classes of a multiclass objective; else 0 */
	int inputs, trees, depth;
	double low, high; /* splits lie between */
	uint64_t seed;
};

static inline uint64_t grown_next(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static inline double grown_uniform(uint64_t *s)
{
	return (double)(grown_next(s) >> 11) / 9007199254740992.0;
}

/* One list of numbers, a value a node. kind: 0 left, 1 right, 2 input, 3 split or leaf, 4 default. */
static inline void grown_list(const struct grown *g, const char *name, int kind, uint64_t seed,
			      struct buf *out)
{
	int inner = (1 << g->depth) - 1, nodes = 2 * inner + 1;

	buf_addf(out, "\"%s\":[", name);
	for (int i = 0; i < nodes; i++) {
		double u = grown_uniform(&seed);

		if (i)
			buf_addch(out, ',');
		if (kind == 3)
			cell_put_float(out, (float)(i < inner ? g->low + u * (g->high - g->low)
							      : u * 2 - 1));
		else
			cell_put_int(out, kind == 2   ? (i < inner ? (int)(u * g->inputs) : 0)
					  : kind == 4 ? u < 0.5
					  : i < inner ? 2 * i + 1 + kind
						      : -1);
	}
	buf_addstr(out, "],");
}

static inline void grown_tree(const struct grown *g, uint64_t *seed, struct buf *out)
{
	int nodes = (2 << g->depth) - 1;

	buf_addf(out, "{\"tree_param\":{\"num_nodes\":\"%d\",\"size_leaf_vector\":\"1\"},", nodes);
	grown_list(g, "left_children", 0, grown_next(seed), out);
	grown_list(g, "right_children", 1, grown_next(seed), out);
	grown_list(g, "split_indices", 2, grown_next(seed), out);
	grown_list(g, "split_conditions", 3, grown_next(seed), out);
	grown_list(g, "default_left", 4, grown_next(seed), out);
	buf_addstr(out, "\"split_type\":[");
	for (int i = 0; i < nodes; i++)
		buf_addstr(out, i ? ",0" : "0");
	buf_addstr(out, "],\"categories\":[],\"categories_nodes\":[],\"categories_segments\":[],"
			"\"categories_sizes\":[]}");
}

static inline void grown_text(const struct grown *g, struct buf *out)
{
	uint64_t seed = g->seed * 2654435761u + 88172645463325252u;

	buf_addf(out,
		 "{\"version\":[3,2,0],\"learner\":{\"learner_model_param\":{\"base_score\":"
		 "\"[5E-1]\",\"num_class\":\"%d\",\"num_feature\":\"%d\",\"num_target\":\"1\"},"
		 "\"objective\":{\"name\":\"%s\"},\"attributes\":{},\"gradient_booster\":{\"name\":"
		 "\"gbtree\",\"model\":{\"gbtree_model_param\":{\"num_trees\":\"%d\","
		 "\"num_parallel_tree\":\"1\"},\"tree_info\":[",
		 g->groups, g->inputs, g->objective, g->trees);
	for (int i = 0; i < g->trees; i++)
		buf_addf(out, "%s%d", i ? "," : "", g->groups ? i % g->groups : 0);
	buf_addstr(out, "],\"trees\":[");
	for (int i = 0; i < g->trees; i++) {
		if (i)
			buf_addch(out, ',');
		grown_tree(g, &seed, out);
	}
	buf_addstr(out, "]}}}}");
}

/* A folder that model_open takes: c's inputs are the forest's. 0, or an error's code. */
static inline int grown_folder(const char *dir, struct grown g, const struct contract *c)
{
	char *path = path_join(dir, "weights.json");
	struct buf b = BUF_INIT;
	int rc;

	g.inputs = (int)c->inputs;
	grown_text(&g, &b);
	rc = file_write(path, b.data, b.len);
	if (!rc)
		rc = model_write_forest(dir, c, "weights.json", NULL);
	buf_clear(&b);
	free(path);
	return rc;
}

/* A forest in a folder of its own below dir. */
static inline int grown_inside(const char *dir, const char *name, struct grown g,
			       const struct contract *c)
{
	char *inner = path_join(dir, name);
	int rc = file_make_dirs(inner);

	if (!rc)
		rc = grown_folder(inner, g, c);
	free(inner);
	return rc;
}

#endif
