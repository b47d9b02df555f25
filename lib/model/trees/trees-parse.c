/* trees-parse.c - XGBoost's model document to plain trees, believing nothing in it. */
#include "lib/model/trees/trees.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/model/rows/cell.h"
#include "lib/model/trees/doc.h"

/* One tree of the document. Every array has n elements except the categories'. */
struct source {
	size_t index, n;
	const double *left, *right, *feature, *cond, *default_left, *split_type;
	const struct doc_value *cats, *cat_nodes, *cat_segments, *cat_sizes;
	uint32_t *set_of; /* (n) set + 1 of a categorical node */
	bool *seen;	  /* (n) laid out already */
};

static int bad(const char *what)
{
	return error_set(ERR_CORRUPT, "cannot read the XGBoost model: %s", what);
}

static int bad_tree(const struct source *s, const char *what)
{
	return error_set(ERR_CORRUPT, "cannot read the XGBoost model: tree %zu: %s", s->index,
			 what);
}

/* A whole number of [0, max) out of a double. */
static bool whole(double v, double max, size_t *out)
{
	if (!(v >= 0) || !(v < max) || v != floor(v))
		return false;
	*out = (size_t)v;
	return true;
}

static int numbers(const struct doc_value *tree, const struct source *s, const char *key,
		   const double **out)
{
	const struct doc_value *v = doc_get(tree, key);

	if (!v || v->type != DOC_NUMBERS || v->n != s->n)
		return error_set(ERR_CORRUPT, "cannot read the XGBoost model: tree %zu: bad '%s'",
				 s->index, key);
	*out = v->numbers;
	return 0;
}

static bool list(const struct doc_value *v, size_t n)
{
	return v && (n ? v->type == DOC_NUMBERS && v->n == n : v->n == 0);
}

static int source_open(const struct doc_value *tree, struct source *s)
{
	const struct doc_value *left = doc_get(tree, "left_children");
	const struct doc_value *leaf_size =
		doc_get(doc_get(tree, "tree_param"), "size_leaf_vector");

	if (!left || left->type != DOC_NUMBERS)
		return bad_tree(s, "bad 'left_children'");
	if (doc_num(leaf_size, 0) > 1)
		return error_set(
			ERR_INPUT,
			"cannot score the XGBoost model: trees with vector leaves are not known");
	s->n = left->n;
	s->left = left->numbers;
	if (numbers(tree, s, "right_children", &s->right) < 0 ||
	    numbers(tree, s, "split_indices", &s->feature) < 0 ||
	    numbers(tree, s, "split_conditions", &s->cond) < 0 ||
	    numbers(tree, s, "default_left", &s->default_left) < 0)
		return ERR_CORRUPT;
	s->split_type = NULL;
	if (doc_get(tree, "split_type") && numbers(tree, s, "split_type", &s->split_type) < 0)
		return ERR_CORRUPT;
	s->cats = doc_get(tree, "categories");
	s->cat_nodes = doc_get(tree, "categories_nodes");
	s->cat_segments = doc_get(tree, "categories_segments");
	s->cat_sizes = doc_get(tree, "categories_sizes");
	if (s->cat_nodes && s->cat_nodes->n &&
	    (!list(s->cat_nodes, s->cat_nodes->n) || !list(s->cat_segments, s->cat_nodes->n) ||
	     !list(s->cat_sizes, s->cat_nodes->n) || !s->cats || !list(s->cats, s->cats->n)))
		return bad_tree(s, "bad categories");
	return 0;
}

static int add_set(const struct source *s, size_t first, size_t n, struct trees *t)
{
	size_t code;

	ARRAY_GROW(t->sets, t->n_sets, t->sets_cap);
	t->sets[t->n_sets++] = (struct tree_set){ t->n_cats, n };
	for (size_t i = 0; i < n; i++) {
		if (!whole(s->cats->numbers[first + i], TREES_CAT_MAX, &code))
			return bad_tree(s, "a category out of range");
		ARRAY_GROW(t->cats, t->n_cats, t->cats_cap);
		t->cats[t->n_cats++] = (int32_t)code;
	}
	return 0;
}

/* The sets of a tree's categorical nodes; their segments may not overlap, so their sum is bounded.
 */
static int sets_parse(struct source *s, struct trees *t)
{
	size_t n = s->cat_nodes ? s->cat_nodes->n : 0, next = 0;

	for (size_t i = 0; i < n; i++) {
		size_t node, first, size;

		if (!whole(s->cat_nodes->numbers[i], (double)s->n, &node) ||
		    !whole(s->cat_segments->numbers[i], (double)s->cats->n + 1, &first) ||
		    !whole(s->cat_sizes->numbers[i], (double)s->cats->n + 1, &size) ||
		    first != next || size > s->cats->n - first || s->set_of[node])
			return bad_tree(s, "bad categories");
		next = first + size;
		if (add_set(s, first, size, t) < 0)
			return ERR_CORRUPT;
		s->set_of[node] = (uint32_t)t->n_sets;
	}
	return 0;
}

/* Node `from` of the document as `to`. left_out: its left child there, or n for a leaf. */
static int node_parse(const struct source *s, size_t from, const struct trees *t,
		      struct tree_node *to, size_t *left_out, size_t *right_out)
{
	size_t feature;

	*to = (struct tree_node){ .cond = (float)s->cond[from] };
	*left_out = s->n;
	if (s->left[from] == -1)
		return 0;
	if (!whole(s->left[from], (double)s->n, left_out) ||
	    !whole(s->right[from], (double)s->n, right_out))
		return bad_tree(s, "a child that is no node");
	if (!whole(s->feature[from], (double)t->inputs, &feature))
		return bad_tree(s, "a split on a feature that is none");
	to->feature = (uint32_t)feature;
	to->default_left = s->default_left[from] != 0;
	to->cat = s->split_type && s->split_type[from] == 1;
	if (to->cat && !s->set_of[from])
		return bad_tree(s, "a categorical split without categories");
	if (to->cat)
		to->set = s->set_of[from] - 1;
	else if (isnan(to->cond))
		return bad_tree(s, "a split at nan");
	return 0;
}

/*
 * Breadth first from the root, so that deleted nodes fall away and siblings lie together. `at`
 * holds for each node laid out its number in the document.
 */
static int lay_out(const struct source *s, const struct trees *t, struct tree *tree, uint32_t *at)
{
	uint32_t level_end = 1, n = 1;

	at[0] = 0;
	for (uint32_t i = 0; i < n; i++) {
		size_t left, right = 0;

		if (i == level_end) {
			tree->depth++;
			level_end = n;
		}
		if (node_parse(s, at[i], t, &tree->nodes[i], &left, &right) < 0)
			return ERR_CORRUPT;
		if (left == s->n) {
			tree->leaves++;
			continue;
		}
		if (!left || !right || left == right || s->seen[left] || s->seen[right])
			return bad_tree(s, "a node with two parents");
		s->seen[left] = s->seen[right] = true;
		tree->has_cat |= tree->nodes[i].cat;
		tree->nodes[i].left = n;
		at[n++] = (uint32_t)left;
		at[n++] = (uint32_t)right;
	}
	tree->n = n;
	return 0;
}

static int tree_parse(const struct doc_value *v, size_t index, struct trees *t, struct tree *tree)
{
	struct source s = { .index = index };
	uint32_t *at = NULL;
	int rc = source_open(v, &s);

	if (!rc && s.n >= UINT32_MAX / 4)
		rc = bad_tree(&s, "too many nodes");
	if (!rc)
		rc = mem_alloc(s.n, sizeof(*s.set_of), &s.set_of);
	if (!rc)
		rc = mem_alloc(s.n, sizeof(*s.seen), &s.seen);
	if (!rc)
		rc = mem_alloc(s.n, sizeof(*at), &at);
	if (!rc)
		rc = mem_alloc(s.n, sizeof(*tree->nodes), &tree->nodes);
	if (!rc)
		rc = sets_parse(&s, t);
	if (!rc)
		rc = lay_out(&s, t, tree, at);
	free(s.set_of);
	free(s.seen);
	free(at);
	return rc;
}

/* One number of a list of them; *p moves behind it and its comma. */
static bool base_number(const char **p, float *out)
{
	size_t n = strcspn(*p, ",]");
	char copy[64], *end;

	if (!n || n >= sizeof copy)
		return false;
	memcpy(copy, *p, n);
	copy[n] = '\0';
	*out = strtof(copy, &end);
	*p += n + ((*p)[n] == ',');
	return !*end;
}

/* "5E-1" or "[5E-1,2E-1]": one for all groups, or one each. */
static int base_parse(const char *text, struct trees *t)
{
	const char *p = text + (*text == '[');
	size_t n = 0;

	t->base = xcalloc(t->groups, sizeof(*t->base));
	for (; *p && *p != ']'; n++) {
		float v;

		if (n == t->groups || !base_number(&p, &v))
			return bad("bad base_score");
		t->base[n] = objective_margin(t->objective, v);
	}
	if ((n != 1 && n != t->groups) || strcmp(p, *text == '[' ? "]" : ""))
		return bad("bad base_score");
	for (size_t k = n; k < t->groups; k++)
		t->base[k] = t->base[0];
	return 0;
}

/* Before 2.0 a logitraw model's base_score was a probability. */
static bool objective_known(const struct doc_value *version, const struct objective *o)
{
	double major = version && version->type == DOC_NUMBERS ? version->numbers[0] : 0;

	return o && (major >= 2 || strcmp(o->name, "binary:logitraw"));
}

static int head_parse(const struct doc_value *version, const struct doc_value *learner,
		      struct trees *t)
{
	const struct doc_value *param = doc_get(learner, "learner_model_param");
	const char *name = doc_str(doc_get(doc_get(learner, "objective"), "name"), NULL);
	double classes = doc_num(doc_get(param, "num_class"), 0);
	double targets = doc_num(doc_get(param, "num_target"), 1);

	if (!param || !name)
		return bad("it has no learner with an objective");
	t->objective = objective_find(name);
	if (!objective_known(version, t->objective))
		return error_set(ERR_INPUT,
				 "cannot score the XGBoost model: objective '%.60s' is not known%s",
				 name, t->objective ? " as XGBoost before 2.0 wrote it" : "");
	if (!whole(doc_num(doc_get(param, "num_feature"), -1), TREES_INPUTS_MAX, &t->inputs))
		return bad("bad num_feature");
	if (!whole(classes > targets ? classes : targets, TREES_GROUPS_MAX, &t->groups))
		return bad("bad num_class or num_target");
	t->groups = t->groups ? t->groups : 1;
	return base_parse(doc_str(doc_get(param, "base_score"), ""), t);
}

/* Trees of the first so many rounds. */
static int cut(const struct doc_value *model, int iterations, size_t groups, size_t trees,
	       size_t *n_out)
{
	const struct doc_value *ptr = doc_get(model, "iteration_indptr");
	double parallel =
		doc_num(doc_get(doc_get(model, "gbtree_model_param"), "num_parallel_tree"), 1);
	double end = (parallel > 1 ? parallel : 1) * (double)groups * iterations;

	*n_out = trees;
	if (iterations <= 0)
		return 0;
	if (ptr && ptr->type == DOC_NUMBERS && ptr->n)
		end = (size_t)iterations < ptr->n ? ptr->numbers[iterations] : -1;
	if (!whole(end, (double)trees + 1, n_out))
		return error_set(ERR_INPUT, "the model has fewer than %d rounds", iterations);
	return 0;
}

/* XGBoost has put a DART model's weights in three places over the years. */
static const struct doc_value *drop_weights(const struct doc_value *booster,
					    const struct doc_value *model)
{
	const struct doc_value *w = doc_get(booster, "weight_drop");

	return w ? w : doc_get(model, "weight_drop");
}

static int weigh(const struct doc_value *weights, struct trees *t)
{
	if (weights->type != DOC_NUMBERS || weights->n < t->n)
		return t->n ? bad("bad weight_drop") : 0;
	for (size_t i = 0; i < t->n; i++)
		for (uint32_t k = 0; k < t->v[i].n; k++)
			if (!t->v[i].nodes[k].left)
				t->v[i].nodes[k].cond *= (float)weights->numbers[i];
	return 0;
}

static int trees_read(const struct doc_value *model, int iterations, struct trees *t)
{
	const struct doc_value *list_v = doc_get(model, "trees"),
			       *info = doc_get(model, "tree_info");
	size_t n = list_v && list_v->type == DOC_ARRAY ? list_v->n : 0, group;
	int rc;

	if (!list_v || list_v->type != DOC_ARRAY || !list(info, n))
		return bad("bad 'trees' or 'tree_info'");
	if ((rc = cut(model, iterations, t->groups, n, &n)) < 0)
		return rc;
	t->v = xcalloc(n, sizeof(*t->v));
	for (t->n = 0; t->n < n && !rc; t->n++) {
		struct tree *tree = &t->v[t->n];

		if (!whole(info->numbers[t->n], (double)t->groups, &group))
			return bad("a tree of a class that is none");
		tree->group = (uint32_t)group;
		rc = tree_parse(&list_v->v[t->n], t->n, t, tree);
	}
	return rc;
}

static void strings(const struct doc_value *v, struct strlist *out)
{
	for (size_t i = 0; v && v->type == DOC_ARRAY && i < v->n; i++)
		strlist_add(out, doc_str(&v->v[i], ""));
}

static int learner_parse(const struct doc_value *root, int iterations, struct trees *t)
{
	const struct doc_value *learner = doc_get(root, "learner");
	const struct doc_value *booster = doc_get(learner, "gradient_booster");
	const struct doc_value *inner =
		doc_get(booster, "gbtree") ? doc_get(booster, "gbtree") : booster;
	const struct doc_value *model = doc_get(inner, "model"), *weights;
	const char *name = doc_str(doc_get(booster, "name"), "");
	size_t best;
	int rc;

	if (strcmp(name, "gbtree") && strcmp(name, "dart"))
		return *name ? error_set(
				       ERR_INPUT,
				       "cannot score the XGBoost model: booster '%.60s' is not known",
				       name)
			     : bad("it has no booster");
	if ((rc = head_parse(doc_get(root, "version"), learner, t)) < 0 ||
	    (rc = trees_read(model, iterations, t)) < 0)
		return rc;
	weights = drop_weights(booster, model);
	if (!weights && !strcmp(name, "dart"))
		return bad("no weight_drop");
	if (weights && (rc = weigh(weights, t)) < 0)
		return rc;
	if (!whole(doc_num(doc_get(doc_get(learner, "attributes"), "best_iteration"), -1), INT_MAX,
		   &best))
		best = SIZE_MAX;
	t->best_iteration = best == SIZE_MAX ? -1 : (int)best;
	strings(doc_get(learner, "feature_names"), &t->names);
	strings(doc_get(learner, "feature_types"), &t->types);
	return 0;
}

int trees_parse(const void *data, size_t n, int iterations, struct trees *out)
{
	struct doc *doc = NULL;
	int rc = doc_parse(data, n, &doc);

	*out = (struct trees){ 0 };
	if (rc < 0)
		return rc;
	rc = learner_parse(doc_root(doc), iterations, out);
	doc_free(doc);
	return rc;
}
