/* trees.c - memory of the plain trees, and walking one. */
#include "lib/model/trees/trees.h"

#include <math.h>
#include <stdlib.h>

void trees_clear(struct trees *t)
{
	for (size_t i = 0; t->v && i < t->n; i++)
		free(t->v[i].nodes);
	free(t->v);
	free(t->base);
	free(t->sets);
	free(t->cats);
	strlist_clear(&t->names);
	strlist_clear(&t->types);
	*t = (struct trees){ 0 };
}

static bool in_set(const struct trees *t, const struct tree_set *set, float x)
{
	int32_t code;

	if (!(x >= 0) || x >= (float)TREES_CAT_MAX) /* below -0 or too large: in no set */
		return false;
	code = (int32_t)x;
	for (size_t i = 0; i < set->n; i++)
		if (t->cats[set->first + i] == code)
			return true;
	return false;
}

float tree_score(const struct trees *t, const struct tree *tree, const float *x)
{
	const struct tree_node *node = tree->nodes;

	while (node->left) {
		float v = x[node->feature];
		bool left;

		if (isnan(v))
			left = node->default_left;
		else if (node->cat)
			left = !in_set(t, &t->sets[node->set], v);
		else
			left = v < node->cond;
		node = &tree->nodes[node->left + !left];
	}
	return node->cond;
}
