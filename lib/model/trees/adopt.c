/* adopt.c - what an XGBoost file says of its inputs. */
#include "lib/model/trees/adopt.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/model/trees/doc.h"

static const char *const orders[] = {
	[ADOPT_SORTED] = "sorted", [ADOPT_FREQUENT] = "frequent", [ADOPT_CODES] = "codes"
};

int adopt_order_parse(const char *name, enum adopt_order *out)
{
	*out = ADOPT_UNKNOWN;
	for (size_t i = 1; name && i < ARRAY_LEN(orders); i++)
		if (!strcmp(orders[i], name))
			*out = (enum adopt_order)i;
	if (name && *out == ADOPT_UNKNOWN)
		return error_set(ERR_INPUT,
				 "'%s' is no order of categories: want sorted, frequent or codes",
				 name);
	return 0;
}

/* Names that only count, "0", "1", ... or "f0", "f1", ..., say nothing. */
static bool only_count(const struct strlist *names)
{
	char bare[24], lettered[24];

	for (size_t i = 0; i < names->n; i++) {
		snprintf(bare, sizeof bare, "%zu", i);
		snprintf(lettered, sizeof lettered, "f%zu", i);
		if (strcmp(names->v[i], bare) && strcmp(names->v[i], lettered))
			return false;
	}
	return true;
}

static void take_names(struct adopted *a)
{
	const struct strlist *names = &a->trees.names;

	if (names->n == a->trees.inputs && !only_count(names))
		for (size_t i = 0; i < names->n; i++)
			strlist_add(&a->names, names->v[i]);
}

static int bad_categories(size_t input)
{
	return error_set(ERR_CORRUPT, "cannot read the XGBoost model: bad categories of input %zu",
			 input);
}

/* As Arrow lays out text: values are bytes, offsets[i] to offsets[i + 1] is one name. */
static int take_texts(const struct doc_value *offsets, const struct doc_value *bytes, size_t input,
		      struct strlist *out)
{
	size_t held = bytes && bytes->type == DOC_NUMBERS ? bytes->n : 0;

	for (size_t i = 0; i + 1 < offsets->n; i++) {
		double from = offsets->numbers[i], to = offsets->numbers[i + 1];
		char *s;

		if (!(from >= 0) || !(to >= from) || !(to <= (double)held))
			return bad_categories(input);
		s = xcalloc((size_t)(to - from) + 1, 1);
		for (size_t k = 0; k < (size_t)to - (size_t)from; k++) {
			double byte = bytes->numbers[(size_t)from + k];

			s[k] = byte >= -128 && byte <= 255 ? (char)(int)byte : 0;
		}
		strlist_take(out, s);
	}
	return 0;
}

/* model.cats of XGBoost 3.1 and later: one entry an input, empty where there are no categories. */
static int take_categories(const struct doc_value *root, struct adopted *a)
{
	const struct doc_value *booster = doc_get(doc_get(root, "learner"), "gradient_booster");
	const struct doc_value *inner =
		doc_get(booster, "gbtree") ? doc_get(booster, "gbtree") : booster;
	const struct doc_value *enc = doc_get(doc_get(doc_get(inner, "model"), "cats"), "enc");
	int rc = 0;

	if (!enc || enc->type != DOC_ARRAY || !enc->n)
		return 0;
	if (enc->n != a->trees.inputs)
		return error_set(
			ERR_CORRUPT,
			"cannot read the XGBoost model: categories of %zu inputs, but it has %zu",
			enc->n, a->trees.inputs);
	for (size_t i = 0; i < enc->n && !rc; i++) {
		const struct doc_value *offsets = doc_get(&enc->v[i], "offsets"),
				       *values = doc_get(&enc->v[i], "values");

		if (offsets && offsets->type == DOC_NUMBERS)
			rc = take_texts(offsets, values, i, &a->inputs[i].categories);
		else
			a->inputs[i].numbers = values && values->type == DOC_NUMBERS;
	}
	return rc;
}

static void take_codes(struct adopted *a)
{
	const struct trees *t = &a->trees;

	for (size_t i = 0; i < t->n; i++)
		for (uint32_t k = 0; t->v[i].has_cat && k < t->v[i].n; k++) {
			const struct tree_node *node = &t->v[i].nodes[k];
			size_t *codes = &a->inputs[node->feature].codes;

			for (size_t c = 0; node->left && node->cat && c < t->sets[node->set].n;
			     c++) {
				size_t code = (size_t)t->cats[t->sets[node->set].first + c];

				*codes = code + 1 > *codes ? code + 1 : *codes;
			}
		}
}

int adopted_parse(const void *data, size_t n, int rounds, struct adopted *out)
{
	struct doc *doc = NULL;
	int rc;

	*out = (struct adopted){ 0 };
	if ((rc = trees_parse(data, n, rounds, &out->trees)) < 0)
		return rc;
	if (out->trees.inputs > ADOPT_INPUTS_MAX)
		return error_set(ERR_INPUT, "the XGBoost model has %zu inputs, at most %d are read",
				 out->trees.inputs, ADOPT_INPUTS_MAX);
	if ((rc = mem_alloc(out->trees.inputs, sizeof *out->inputs, &out->inputs)) < 0 ||
	    (rc = doc_parse(data, n, &doc)) < 0)
		return rc;
	take_names(out);
	take_codes(out);
	rc = take_categories(doc_root(doc), out);
	doc_free(doc);
	return rc;
}

void adopted_clear(struct adopted *a)
{
	for (size_t i = 0; a->inputs && i < a->trees.inputs; i++)
		strlist_clear(&a->inputs[i].categories);
	free(a->inputs);
	strlist_clear(&a->names);
	trees_clear(&a->trees);
	*a = (struct adopted){ 0 };
}
