/* ensemble.c - models that answer as one: what they answer, and the folders that are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/error.h"
#include "lib/model/ensemble.h"
#include "lib/model/joined.h"
#include "tests/lib/grown.h"

enum { ROWS = 40 };

static char dir[64];
static double cells[ROWS];
static const char *texts[ROWS];

static int set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "/tmp/mich-ensemble-XXXXXX");
	for (int i = 0; i < ROWS; i++) {
		cells[i] = (i % 11) / 2.0 - 2;
		texts[i] = i % 3 ? i % 3 == 1 ? "x" : "y" : "z";
	}
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return file_remove_tree(dir);
}

/* Columns "n" and "s", whose categories are x and y in one order or the other. */
static struct contract contract_of(enum contract_task task, int classes, bool turned)
{
	struct contract c = CONTRACT_INIT;
	struct contract_column *col;

	c.task = task;
	c.label_type = classes ? FRAME_STRING : FRAME_DOUBLE;
	for (int i = 0; i < classes; i++)
		strlist_addf(&c.classes, "c%d", i);
	col = contract_add(&c, turned ? "s" : "n", turned ? FRAME_STRING : FRAME_DOUBLE);
	if (!turned)
		col = contract_add(&c, "s", FRAME_STRING);
	dict_add(&col->categories, turned ? "y" : "x");
	dict_add(&col->categories, turned ? "x" : "y");
	return c;
}

static struct grown grown_of(enum contract_task task, int classes, uint64_t seed)
{
	return (struct grown){ task == TASK_REGRESSION ? "reg:squarederror"
			       : task == TASK_BINARY   ? "binary:logistic"
						       : "multi:softprob",
			       task == TASK_MULTICLASS ? classes : 0,
			       0,
			       task == TASK_MULTICLASS ? 3 * classes : 9,
			       4,
			       -2,
			       3,
			       seed };
}

static struct frame rows(struct frame_column cols[2])
{
	cols[0] = (struct frame_column){ "n", FRAME_DOUBLE, .d = cells };
	cols[1] = (struct frame_column){ "s", FRAME_STRING, .s = texts };
	return (struct frame){ ROWS, 2, cols };
}

/* The scores of the model in the folder. */
static void score(const char *path, struct scores *out)
{
	struct frame_column cols[2];
	struct frame f = rows(cols);
	struct model *m;

	if (model_open(path, &m) < 0)
		fail_msg("%s", error_text());
	assert_int_equal(model_score(m, &f, 1, out), 0);
	model_free(m);
}

/* A folder `name` with members a and b, and their scores. */
static char *build(const char *name, enum contract_task task, int classes, const struct ensemble *e,
		   struct scores v[2])
{
	char *path = xasprintf("%s/%s", dir, name), *inner;
	struct joined j = JOINED_INIT;

	for (size_t i = 0; i < 2; i++) {
		struct contract c = contract_of(task, classes, i);

		assert_int_equal(joined_add(&j, &c, e->v[i].name), 0);
		assert_int_equal(
			grown_inside(path, e->v[i].name, grown_of(task, classes, i + 3), &c), 0);
		inner = path_join(path, e->v[i].name);
		v[i] = (struct scores)SCORES_INIT;
		score(inner, &v[i]);
		free(inner);
		contract_clear(&c);
	}
	assert_int_equal(j.contract.n, 2);
	assert_int_equal(model_write_ensemble(path, &j.contract, e), 0);
	joined_clear(&j);
	return path;
}

static void answers(enum contract_task task, int classes, enum ensemble_combine combine)
{
	struct ensemble e = { .combine = combine };
	struct scores v[2], s = SCORES_INIT;
	double w[2] = { 3, 1 };
	char *path;

	if (combine == ENSEMBLE_MEAN)
		w[0] = 1;
	ensemble_add(&e, "a", w[0]);
	ensemble_add(&e, "b", w[1]);
	path = build("of", task, classes, &e, v);
	score(path, &s);
	for (size_t i = 0; i < (size_t)ROWS * s.k; i++) {
		double want = 0;

		for (int m = 0; m < 2; m++)
			if (combine != ENSEMBLE_VOTE)
				want += w[m] * (double)v[m].v[i];
			else if (s.k == 1)
				want += v[m].cls[i] ? w[m] : 0;
			else
				want += v[m].cls[i / s.k] == (int32_t)(i % s.k) ? w[m] : 0;
		want /= w[0] + w[1];
		assert_true(fabs(want - (double)s.v[i]) <= 1e-6 * (1 + fabs(want)));
	}
	for (int m = 0; m < 2; m++)
		scores_clear(&v[m]);
	scores_clear(&s);
	ensemble_clear(&e);
	file_remove_tree(path);
	free(path);
}

static void answers_of_every_kind(void **state)
{
	(void)state;
	answers(TASK_REGRESSION, 0, ENSEMBLE_MEAN);
	answers(TASK_REGRESSION, 0, ENSEMBLE_WEIGHTED);
	answers(TASK_BINARY, 2, ENSEMBLE_MEAN);
	answers(TASK_BINARY, 2, ENSEMBLE_VOTE);
	answers(TASK_MULTICLASS, 4, ENSEMBLE_WEIGHTED);
	answers(TASK_MULTICLASS, 4, ENSEMBLE_VOTE);
}

static void refused(const char *path, const char *why)
{
	struct model *m;

	assert_int_equal(model_open(path, &m), ERR_CORRUPT);
	assert_null(m);
	if (!strstr(error_text(), why))
		fail_msg("'%s' does not say '%s'", error_text(), why);
}

/* The members are real folders; what model.json says of them is not. */
static void says(const char *path, const char *ensemble, const char *why)
{
	char *file = path_join(path, "model.json");
	json_t *meta, *v;

	assert_int_equal(json_read(file, &meta), 0);
	assert_int_equal(json_parse(ensemble, strlen(ensemble), "test", &v), 0);
	json_object_set_new(meta, "ensemble", v);
	assert_int_equal(json_write(file, meta), 0);
	refused(path, why);
	json_decref(meta);
	free(file);
}

static void refuses_what_is_no_ensemble(void **state)
{
	struct ensemble e = { .combine = ENSEMBLE_MEAN };
	struct scores v[2];
	char *path, *link;

	(void)state;
	ensemble_add(&e, "a", 1);
	ensemble_add(&e, "b", 1);
	path = build("bad", TASK_REGRESSION, 0, &e, v);
	says(path, "null", "'combine'");
	says(path, "{\"combine\":\"most\",\"members\":[{\"name\":\"a\"}]}", "'combine'");
	says(path, "{\"combine\":\"mean\",\"members\":[]}", "no members");
	says(path, "{\"combine\":\"mean\",\"members\":[{\"name\":\"../bad\"}]}", "without a name");
	says(path, "{\"combine\":\"mean\",\"members\":[{\"name\":\"_final\"}]}", "without a name");
	says(path, "{\"combine\":\"mean\",\"members\":[{\"name\":\"a\"},{\"name\":\"a\"}]}",
	     "two members");
	says(path, "{\"combine\":\"weighted\",\"members\":[{\"name\":\"a\",\"weight\":-1}]}",
	     "a weight");
	says(path, "{\"combine\":\"weighted\",\"members\":[{\"name\":\"a\",\"weight\":0}]}",
	     "add up to nothing");
	says(path, "{\"combine\":\"mean\",\"members\":[{\"name\":\"lost\"}]}", "'lost'");
	says(path, "{\"combine\":\"stacked\",\"members\":[{\"name\":\"a\"}]}", ENSEMBLE_FINAL);
	says(path, "{\"combine\":\"vote\",\"members\":[{\"name\":\"a\"}]}", "no classes");
	link = path_join(path, "loop"); /* a folder that is its own member */
	assert_int_equal(symlink(".", link), 0);
	says(path, "{\"combine\":\"mean\",\"members\":[{\"name\":\"loop\"}]}", "deep");
	free(link);
	free(path);
	scores_clear(&v[0]);
	scores_clear(&v[1]);
	ensemble_clear(&e);
}

static void not_joined(const struct contract *a, const struct contract *b, const char *why)
{
	struct joined j = JOINED_INIT;

	assert_int_equal(joined_add(&j, a, "one"), 0);
	assert_int_equal(joined_add(&j, b, "two"), ERR_INPUT);
	if (!strstr(error_text(), why) || !strstr(error_text(), "one") ||
	    !strstr(error_text(), "two"))
		fail_msg("'%s' does not say '%s' of one and two", error_text(), why);
	joined_clear(&j);
}

static void refuses_to_join_what_differs(void **state)
{
	struct contract a = contract_of(TASK_BINARY, 2, false),
			b = contract_of(TASK_REGRESSION, 0, false);

	(void)state;
	not_joined(&a, &b, "regression");
	contract_clear(&b);
	b = contract_of(TASK_BINARY, 2, true);
	free(b.classes.v[1]);
	b.classes.v[1] = xstrdup("other");
	not_joined(&a, &b, "c0, c1 (string), c0, other (string)");
	contract_clear(&b);
	b = contract_of(TASK_BINARY, 2, true);
	a.label = xstrdup("late");
	b.label = xstrdup("early");
	not_joined(&a, &b, "predicts early");
	contract_clear(&b);
	b = contract_of(TASK_BINARY, 2, false);
	b.cols[0].type = FRAME_BOOL;
	not_joined(&a, &b, "'n' is double");
	contract_clear(&a);
	contract_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_of_every_kind),
		cmocka_unit_test(refuses_what_is_no_ensemble),
		cmocka_unit_test(refuses_to_join_what_differs),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
