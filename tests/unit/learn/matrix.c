/* matrix.c - tests of lib/learn/matrix and brief: what is taken, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/learn/brief.h"
#include "lib/learn/matrix.h"
#include "tests/lib/synth.h"

static char dir[] = "/tmp/mich-matrix-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return file_remove_tree(dir);
}

static void make(const struct synth *o)
{
	assert_int_equal(file_remove_tree(dir), 0);
	assert_int_equal(file_make_dirs(dir), 0);
	assert_int_equal(synth_matrix(dir, o), 0);
}

static void test_round_trip(void **state)
{
	struct matrix m;

	(void)state;
	make(&(struct synth){
		.task = MATRIX_RANKING, .rows = { 100, 40, 0 }, .inputs = 5, .weights = true });
	assert_int_equal(matrix_open(dir, &m), 0);
	assert_int_equal(m.task, MATRIX_RANKING);
	assert_int_equal(m.n_inputs, 5);
	assert_string_equal(m.inputs[4].name, "carrier");
	assert_true(m.inputs[4].categorical);
	assert_int_equal(m.inputs[4].categories, 12);
	assert_int_equal(m.splits[MATRIX_TRAIN].x.rows, 100);
	assert_int_equal(m.splits[MATRIX_TRAIN].group.rows, 5);
	assert_int_equal(m.splits[MATRIX_TRAIN].w.rows, 5);
	assert_true(m.splits[MATRIX_TEST].present);
	assert_false(m.splits[MATRIX_VALIDATION].present);
	assert_int_equal(matrix_check_values(&m, MATRIX_TRAIN), 0);
	matrix_close(&m);
}

static void refused_meta(const char *text, const char *why)
{
	struct matrix m;

	assert_int_equal(matrix_meta_parse(text, strlen(text), &m), ERR_CORRUPT);
	if (!strstr(error_text(), why))
		fail_msg("'%s' does not say '%s'", error_text(), why);
}

#define HEAD "{\"format\":\"mich-matrix/1\",\"task\":\"regression\","
#define FLOAT_A "{\"name\":\"a\",\"type\":\"float\"}"
#define SPLITS "\"splits\":{\"train\":{\"rows\":1}}}"

static void test_meta_refused(void **state)
{
	(void)state;
	refused_meta("", "cannot parse matrix.json");
	refused_meta("[]", "format is ''");
	refused_meta("{\"format\":\"mich-matrix/2\"}", "format is 'mich-matrix/2'");
	refused_meta("{\"format\":\"mich-matrix/1\",\"task\":\"x\"}", "task 'x'");
	refused_meta(HEAD "\"inputs\":[]," SPLITS, "no list of inputs");
	refused_meta(HEAD "\"inputs\":[{\"name\":\"a\",\"type\":\"int\"}]," SPLITS, "input 0");
	refused_meta(HEAD "\"inputs\":[" FLOAT_A "," FLOAT_A "]," SPLITS, "'a' is there twice");
	refused_meta(
		HEAD
		"\"inputs\":[{\"name\":\"a\",\"type\":\"categorical\",\"categories\":-1}]," SPLITS,
		"-1 categories");
	refused_meta(HEAD "\"inputs\":[{\"name\":\"a\",\"type\":\"float\"}],\"splits\":{}}",
		     "no split 'train'");
	refused_meta(
		HEAD
		"\"inputs\":[{\"name\":\"a\",\"type\":\"float\"}],\"splits\":{\"train\":{\"rows\":-3}}}",
		"no number of rows");
	refused_meta("{\"format\":\"mich-matrix/1\",\"task\":\"multiclass\",\"classes\":[\"a\"]}",
		     "names 1");
}

static void write_floats(const char *rel, const float *v, int64_t rows, int64_t cols)
{
	char *path = path_join(dir, rel);
	struct npy_writer w;

	assert_int_equal(npy_create(path, NPY_F4, cols, &w), 0);
	assert_int_equal(npy_append(&w, v, rows), 0);
	assert_int_equal(npy_finish(&w), 0);
	free(path);
}

static void test_shapes_refused(void **state)
{
	const float v[64] = { 0 };
	struct matrix m;

	(void)state;
	make(&(struct synth){ .rows = { 10, 0, 0 }, .inputs = 3 });
	write_floats("train/x.npy", v, 10, 4);
	assert_int_equal(matrix_open(dir, &m), ERR_CORRUPT);
	make(&(struct synth){ .rows = { 10, 0, 0 }, .inputs = 3 });
	write_floats("train/y.npy", v, 9, 0);
	assert_int_equal(matrix_open(dir, &m), ERR_CORRUPT);
	assert_non_null(strstr(error_text(), "train/y.npy"));
	make(&(struct synth){ .task = MATRIX_RANKING, .rows = { 40, 0, 0 }, .inputs = 3 });
	write_floats("train/group.npy", v, 2, 0);
	assert_int_equal(matrix_open(dir, &m), ERR_CORRUPT);
	assert_int_equal(matrix_open("/none/such", &m), ERR_NOT_FOUND);
}

static void test_values_refused(void **state)
{
	float y[10] = { 0, 1, 1, 0, 1, 0, 1, 0, 1, 0 };
	struct matrix m;

	(void)state;
	make(&(struct synth){ .task = MATRIX_BINARY, .rows = { 10, 0, 0 }, .inputs = 3 });
	y[7] = NAN;
	write_floats("train/y.npy", y, 10, 0);
	assert_int_equal(matrix_open(dir, &m), 0);
	assert_int_equal(matrix_check_values(&m, MATRIX_TRAIN), ERR_INPUT);
	assert_non_null(strstr(error_text(), "row 7 has no label"));
	matrix_close(&m);
	y[7] = 2;
	write_floats("train/y.npy", y, 10, 0);
	assert_int_equal(matrix_open(dir, &m), 0);
	assert_int_equal(matrix_check_values(&m, MATRIX_TRAIN), ERR_INPUT);
	assert_non_null(strstr(error_text(), "the label 2, which is no class"));
	matrix_close(&m);
}

static void test_brief(void **state)
{
	struct brief b;

	(void)state;
	unsetenv("MICH_OUT");
	assert_int_equal(brief_read(&b), ERR_USAGE);
	setenv("MICH_OUT", dir, 1);
	setenv("MICH_IN_MATRIX", "/none/such", 1);
	assert_int_equal(brief_read(&b), ERR_INPUT);
	setenv("MICH_IN_MATRIX", dir, 1);
	setenv("MICH_PARAMS", "{\"eta\":0.1}", 1);
	setenv("MICH_THREADS", "3", 1);
	setenv("MICH_SEED", "42", 1);
	assert_int_equal(brief_read(&b), 0);
	assert_int_equal(b.threads, 3);
	assert_int_equal(b.seed, 42);
	assert_null(b.events);
	assert_int_equal(json_object_size(b.params), 1);
	brief_clear(&b);
	setenv("MICH_PARAMS", "[1]", 1);
	assert_int_equal(brief_read(&b), ERR_INPUT);
	setenv("MICH_PARAMS", "{", 1);
	assert_int_equal(brief_read(&b), ERR_INPUT);
	unsetenv("MICH_PARAMS");
	setenv("MICH_THREADS", "0", 1);
	assert_int_equal(brief_read(&b), ERR_INPUT);
	unsetenv("MICH_THREADS");
	assert_int_equal(brief_read(&b), 0);
	assert_true(b.threads >= 1);
	brief_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),     cmocka_unit_test(test_meta_refused),
		cmocka_unit_test(test_shapes_refused), cmocka_unit_test(test_values_refused),
		cmocka_unit_test(test_brief),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
