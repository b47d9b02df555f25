/* forest.c - models written by hand: what is refused, and how they score; model folders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/model/trees/forest.h"
#include "lib/model/model.h"
#include "lib/model/transform.h"

/* What a test changes of the model below. */
struct parts {
	const char *objective, *base, *classes, *booster, *model_extra, *left, *right, *feature,
		*cond, *info;
	const char *cats;
};

/* x0 < 0.5 (missing left): 1, else x1 < 2 (missing right): 10, else 100. */
static const struct parts plain = {
	"reg:squarederror",
	"[5E-1]",
	"0",
	"\"name\":\"gbtree\"",
	"",
	"[1,-1,3,-1,-1]",
	"[2,-1,4,-1,-1]",
	"[0,0,1,0,0]",
	"[5E-1,1E0,2E0,1E1,1E2]",
	"[0]",
	"\"categories\":[],\"categories_nodes\":[],\"categories_segments\":[],\"categories_sizes\":[]",
};

static char *model_text(const struct parts *p)
{
	return xasprintf(
		"{\"version\":[3,2,0],\"learner\":{\"learner_model_param\":{\"base_score\":\"%s\","
		"\"num_class\":\"%s\",\"num_feature\":\"2\",\"num_target\":\"1\"},"
		"\"objective\":{\"name\":\"%s\"},\"attributes\":{\"best_iteration\":\"7\"},"
		"\"gradient_booster\":{%s,\"model\":{\"gbtree_model_param\":{\"num_trees\":\"1\","
		"\"num_parallel_tree\":\"1\"},\"tree_info\":%s,%s\"trees\":[{\"tree_param\":"
		"{\"num_nodes\":\"5\",\"size_leaf_vector\":\"1\"},\"left_children\":%s,"
		"\"right_children\":%s,\"split_indices\":%s,\"split_conditions\":%s,"
		"\"default_left\":[1,0,0,0,0],\"split_type\":[0,0,%d,0,0],%s}]}}}}",
		p->base, p->classes, p->objective, p->booster, p->info, p->model_extra, p->left,
		p->right, p->feature, p->cond, strstr(p->cats, "[2]") != NULL, p->cats);
}

static struct forest *parsed(const struct parts *p)
{
	char *text = model_text(p);
	struct forest *f;

	if (forest_parse(text, strlen(text), 0, &f) < 0)
		fail_msg("%s", error_text());
	free(text);
	return f;
}

static float scored(const struct forest *f, float a, float b)
{
	float x[2] = { a, b }, y;

	assert_int_equal(forest_margin(f, x, 1, 1, &y), 0);
	return y;
}

static void test_score(void **state)
{
	struct forest *f = parsed(&plain);

	(void)state;
	assert_int_equal(forest_best_iteration(f), 7);
	assert_int_equal(forest_inputs(f), 2);
	assert_true(scored(f, 0.4f, 0) == 1.5f);
	assert_true(scored(f, 0.5f, 0) == 10.5f);
	assert_true(scored(f, 0.5f, 2) == 100.5f);
	assert_true(scored(f, NAN, 2) == 1.5f);
	assert_true(scored(f, INFINITY, NAN) == 100.5f);
	assert_true(scored(f, -INFINITY, NAN) == 1.5f);
	forest_free(f);
}

static void test_dart(void **state)
{
	struct parts p = plain;
	struct forest *f;

	(void)state;
	p.booster = "\"name\":\"gbtree\",\"weight_drop\":[5E-1]";
	f = parsed(&p);
	assert_true(scored(f, 0.4f, 0) == 1.0f);
	forest_free(f);
	p.booster = "\"name\":\"gbtree\"";
	p.model_extra = "\"weight_drop\":[2.5E-1],";
	f = parsed(&p);
	assert_true(scored(f, 0.4f, 0) == 0.75f);
	forest_free(f);
}

/* Categories 1 and 40 go right; the others, too large and negative ones go left. */
static void test_categories(void **state)
{
	static const float lefts[] = { 0, 2, 41, 1e9f, -1, -0.5f, 39.9f },
			   rights[] = { 1, 40, 1.9f, NAN };
	struct parts p = plain;
	struct forest *f;

	(void)state;
	p.cats =
		"\"categories\":[1,40],\"categories_nodes\":[2],\"categories_segments\":[0],\"categories_sizes\":[2]";
	f = parsed(&p);
	for (size_t i = 0; i < ARRAY_LEN(lefts); i++)
		assert_true(scored(f, 1, lefts[i]) == 10.5f);
	for (size_t i = 0; i < ARRAY_LEN(rights); i++)
		assert_true(scored(f, 1, rights[i]) == 100.5f);
	forest_free(f);
}

static void refuse(const struct parts *p, int code, const char *want)
{
	char *text = model_text(p);
	struct forest *f;

	assert_int_equal(forest_parse(text, strlen(text), 0, &f), code);
	assert_null(f);
	if (!strstr(error_text(), want))
		fail_msg("'%s' does not say '%s'", error_text(), want);
	free(text);
}

static void test_refusals(void **state)
{
	struct parts p;
	struct forest *f;

	(void)state;
#define WITH(field, value, code, want) p = plain, p.field = (value), refuse(&p, code, want)
	WITH(objective, "reg:mystery", ERR_INPUT, "objective 'reg:mystery' is not known");
	WITH(booster, "\"name\":\"gblinear\"", ERR_INPUT, "booster 'gblinear' is not known");
	WITH(booster, "\"name\":\"dart\"", ERR_CORRUPT, "no weight_drop");
	WITH(base, "[1E0,2E0]", ERR_CORRUPT, "base_score");
	WITH(base, "[1E0", ERR_CORRUPT, "base_score");
	WITH(base, "", ERR_CORRUPT, "base_score");
	WITH(left, "[1,-1,3,-1]", ERR_CORRUPT, "tree 0");
	WITH(left, "[0,-1,3,-1,-1]", ERR_CORRUPT, "two parents"); /* a cycle */
	WITH(right, "[1,-1,4,-1,-1]", ERR_CORRUPT,
	     ""); /* the same child twice is found by its size */
	WITH(right, "[5,-1,4,-1,-1]", ERR_CORRUPT, "a child that is no node");
	WITH(feature, "[0,0,2,0,0]", ERR_CORRUPT, "a feature that is none");
	WITH(cond, "[NaN,1E0,2E0,1E1,1E2]", ERR_CORRUPT, "a split at nan");
	WITH(info, "[1]", ERR_CORRUPT, "a class that is none");
	WITH(cats,
	     "\"categories\":[1],\"categories_nodes\":[2],\"categories_segments\":[0],\"categories_sizes\":[2]",
	     ERR_CORRUPT, "bad categories");
	WITH(cats,
	     "\"categories\":[16777216],\"categories_nodes\":[2],\"categories_segments\":[0],\"categories_sizes\":[1]",
	     ERR_CORRUPT, "out of range");
	assert_int_equal(forest_parse("", 0, 0, &f), ERR_CORRUPT);
	assert_int_equal(forest_parse("{L", 2, 0, &f), ERR_CORRUPT);
	assert_int_equal(forest_parse("{}", 2, 0, &f), ERR_CORRUPT);
}

static void test_iterations(void **state)
{
	char *text = model_text(&plain);
	struct forest *f;

	(void)state;
	assert_int_equal(forest_parse(text, strlen(text), 1, &f), 0);
	assert_int_equal(forest_trees(f), 1);
	forest_free(f);
	assert_int_equal(forest_parse(text, strlen(text), 2, &f), ERR_INPUT);
	free(text);
}

/* A folder with the model above; caller frees. */
static char *folder(const struct parts *p, const struct contract *c)
{
	char *dir = xstrdup("/tmp/mich-model-XXXXXX"), *path, *text = model_text(p);

	assert_non_null(mkdtemp(dir));
	path = path_join(dir, "model.json.xgb");
	assert_int_equal(file_write(path, text, strlen(text)), 0);
	assert_int_equal(model_write_forest(dir, c, "model.json.xgb", NULL), 0);
	free(path);
	free(text);
	return dir;
}

static void test_folder(void **state)
{
	static const double a[] = { 0, 1, 1 };
	static const int64_t b[] = { 0, 1, 3 };
	const struct frame f = { 3, 2,
				 (struct frame_column[]){
					 { .name = "b", .type = FRAME_INT, .i = b },
					 { .name = "a", .type = FRAME_DOUBLE, .d = a } } };
	struct contract c = CONTRACT_INIT;
	struct scores s = SCORES_INIT;
	struct parts p = plain;
	struct frame out;
	struct model *m;
	size_t n;
	char *dir;

	(void)state;
	contract_add(&c, "a", FRAME_DOUBLE);
	contract_add(&c, "b", FRAME_INT);
	c.task = TASK_BINARY;
	c.label = xstrdup("y");
	c.label_type = FRAME_STRING;
	strlist_add(&c.classes, "no");
	strlist_add(&c.classes, "yes");
	p.objective = "binary:logistic";
	p.cond = "[5E-1,-1E0,2E0,0E0,2E0]";
	dir = folder(&p, &c);
	if (model_open(dir, &m) < 0)
		fail_msg("%s", error_text());
	assert_string_equal(model_outputs(m, &n)[1].name, "probability");
	assert_int_equal(n, 2);
	assert_int_equal(model_floats(m), 1);
	assert_int_equal(model_score(m, &f, 2, &s), 0);
	assert_int_equal(model_frame(m, &s, &out), 0);
	assert_string_equal(out.cols[0].s[0], "no");
	assert_string_equal(out.cols[0].s[1], "yes"); /* 0.5 */
	assert_true(out.cols[1].d[1] == 0.5);
	assert_true(out.cols[1].d[2] == 1.0f / (expf(-2.0f) + 1.0f));
	assert_int_equal(s.counts.rows, 3);
	scores_clear(&s);
	model_free(m);
	file_remove_tree(dir);
	free(dir);
	contract_clear(&c);
}

static void refuse_open(const char *dir, const char *json, int code, const char *want)
{
	char *path = path_join(dir, "model.json");
	struct model *m;

	assert_int_equal(file_write(path, json, strlen(json)), 0);
	assert_int_equal(model_open(dir, &m), code);
	assert_null(m);
	if (!strstr(error_text(), want))
		fail_msg("'%s' does not say '%s'", error_text(), want);
	free(path);
}

static void test_folder_refusals(void **state)
{
#define CONTRACT(n) "\"contract\":{\"mode\":\"warn\",\"task\":\"regression\",\"columns\":[" n "]}"
#define COLUMN(n) "{\"name\":\"" n "\",\"type\":\"int\",\"nullable\":false,\"inputs\":[\"value\"]}"
	struct contract c = CONTRACT_INIT;
	struct model *m;
	char *dir, *path;

	(void)state;
	contract_add(&c, "a", FRAME_DOUBLE);
	contract_add(&c, "b", FRAME_DOUBLE);
	dir = folder(&plain, &c);
	refuse_open(dir, "{\"format\":\"mich-model/9\"}", ERR_CORRUPT, "mich-model/9");
	refuse_open(dir, "{\"format\":\"mich-model/1\",\"kind\":\"oracle\"}", ERR_INPUT,
		    "kind 'oracle' is not known");
	refuse_open(
		dir,
		"{\"format\":\"mich-model/1\",\"kind\":\"forest\",\"weights\":\"../x\"," CONTRACT(
			"") "}",
		ERR_CORRUPT, "no file beside it");
	refuse_open(
		dir,
		"{\"format\":\"mich-model/1\",\"kind\":\"forest\",\"weights\":\"model.json.xgb\"," CONTRACT(
			COLUMN("a")) "}",
		ERR_CORRUPT, "takes 2 inputs, but the contract gives 1");
	refuse_open(
		dir,
		"{\"format\":\"mich-model/1\",\"kind\":\"forest\",\"weights\":\"nope\"," CONTRACT(
			COLUMN("a") "," COLUMN("b")) "}",
		ERR_NOT_FOUND, "nope");
	refuse_open(
		dir,
		"{\"format\":\"mich-model/1\",\"kind\":\"forest\",\"weights\":\"model.json.xgb\"," CONTRACT(
			COLUMN("a") "," COLUMN("a")) "}",
		ERR_CORRUPT, "repeated name");
	path = path_join(dir, "model.json.xgb");
	assert_int_equal(model_open_xgboost(path, &m), 0);
	assert_int_equal(model_contract(m)->inputs, 2);
	model_free(m);
	free(path);
	file_remove_tree(dir);
	free(dir);
	contract_clear(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_score),		cmocka_unit_test(test_dart),
		cmocka_unit_test(test_categories),	cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_iterations),	cmocka_unit_test(test_folder),
		cmocka_unit_test(test_folder_refusals),
	};

	return cmocka_run_group_tests_name("model/forest", tests, NULL, NULL);
}
