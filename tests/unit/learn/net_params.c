/* net_params.c - tests of lib/learn/net_params and net_suit: what is meant, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/learn/net_params.h"

static void parse(const char *text, bool linear, struct net_params *p)
{
	json_t *v = NULL;

	assert_int_equal(json_parse(text, strlen(text), "test", &v), 0);
	assert_int_equal(net_params_parse(v, linear, p), 0);
	json_decref(v);
}

static void refused(const char *text, bool linear, const char *why)
{
	struct net_params p;
	json_t *v = NULL;

	assert_int_equal(json_parse(text, strlen(text), "test", &v), 0);
	assert_int_equal(net_params_parse(v, linear, &p), ERR_INPUT);
	if (!strstr(error_text(), why))
		fail_msg("'%s' does not say '%s'", error_text(), why);
	json_decref(v);
}

static struct matrix table(enum matrix_task task, int64_t train, int64_t validation)
{
	struct matrix m = MATRIX_INIT;

	m.task = task;
	m.splits[MATRIX_TRAIN].rows = train;
	m.splits[MATRIX_VALIDATION].rows = validation;
	matrix_add_input(&m, "x", false, 0);
	matrix_add_input(&m, "c", true, 12);
	matrix_add_input(&m, "z", false, 0);
	if (task == MATRIX_MULTICLASS)
		for (int i = 0; i < 3; i++)
			strlist_addf(&m.classes, "%d", i);
	return m;
}

static void test_defaults(void **state)
{
	struct matrix m = table(MATRIX_REGRESSION, 250000, 100);
	struct net_shape shape = NET_SHAPE_INIT;
	struct net_params p;

	(void)state;
	parse("{}", false, &p);
	assert_int_equal(net_params_suit(&p, &m), 0);
	assert_int_equal(p.loss, LOSS_MSE);
	assert_int_equal(p.batch, 1024);
	assert_int_equal(p.early_stopping, 5);
	assert_int_equal(p.epochs, 20);
	assert_true(p.lr == 0.001 && p.weight_decay == 0 && p.l2 == 4.0 / 250000);
	assert_int_equal(net_params_shape(&p, &m, &shape), 0);
	assert_int_equal(shape.n_hidden, 2);
	assert_int_equal(shape.hidden[1].units, 128);
	assert_int_equal(shape.n_numeric, 2);
	assert_int_equal(shape.embedded[0].input, 1);
	assert_int_equal(shape.embedded[0].dim, 7); /* 1.6 * 12^0.56 = 6.4 */
	assert_int_equal(shape.head, NET_IDENTITY);
	net_shape_clear(&shape);
	net_params_clear(&p);
	matrix_close(&m);
}

/* Steps enough to come to rest, and something that holds the weights; whatever is given stays. */
static void test_few_rows(void **state)
{
	struct matrix m = table(MATRIX_BINARY, 400, 50);
	struct net_params p;

	(void)state;
	parse("{}", false, &p);
	assert_int_equal(net_params_suit(&p, &m), 0);
	assert_int_equal(p.epochs, 116); /* of 13 batches: 1508 steps */
	assert_int_equal(p.early_stopping, 29);
	assert_true(p.l2 == 0.01);
	net_params_clear(&p);
	parse("{}", true, &p);
	assert_int_equal(net_params_suit(&p, &m), 0);
	assert_int_equal(p.epochs, 116);
	assert_int_equal(p.early_stopping, 0);
	assert_true(p.l2 == 1.0 / 400);
	net_params_clear(&p);
	parse("{\"epochs\":8,\"l2\":0,\"early_stopping\":3}", true, &p);
	assert_int_equal(net_params_suit(&p, &m), 0);
	assert_true(p.epochs == 8 && p.l2 == 0 && p.early_stopping == 3);
	net_params_clear(&p);
	for (size_t i = 0; i < 3; i++) {
		static const char *const held[] = { "{\"optimizer\":\"adamw\"}", "{\"l1\":0.1}",
						    "{\"weight_decay\":0.1}" };

		parse(held[i], false, &p);
		assert_int_equal(net_params_suit(&p, &m), 0);
		assert_true(p.l2 == 0);
		net_params_clear(&p);
	}
	m.splits[MATRIX_TRAIN].rows = 1;
	parse("{}", false, &p);
	assert_int_equal(net_params_suit(&p, &m), 0);
	assert_true(p.epochs == 500 && p.batch == 1);
	net_params_clear(&p);
	matrix_close(&m);
}

static void test_given(void **state)
{
	struct matrix m = table(MATRIX_MULTICLASS, 1000, 0);
	struct net_shape shape = NET_SHAPE_INIT;
	struct net_params p;

	(void)state;
	parse("{\"hidden\":[64,32,16],\"norm\":\"layer\",\"optimizer\":\"adamw\",\"class_weight\":"
	      "\"1,2,0.5\",\"batch\":4096,\"lr\":\"auto\",\"dropout\":0.5}",
	      false, &p);
	assert_int_equal(net_params_suit(&p, &m), 0);
	assert_int_equal(p.batch, 1000); /* no more than there are */
	assert_int_equal(p.early_stopping, 0);
	assert_true(p.weight_decay == 0.01 && p.class_weights[2] == 0.5);
	assert_int_equal(net_params_shape(&p, &m, &shape), 0);
	assert_int_equal(shape.outputs, 3);
	assert_int_equal(shape.head, NET_SOFTMAX);
	assert_int_equal(shape.hidden[2].norm, NET_NORM_LAYER);
	net_shape_clear(&shape);
	net_params_clear(&p);
	matrix_close(&m);
}

static void test_without_hidden_layers(void **state)
{
	struct matrix m = table(MATRIX_REGRESSION, 1000, 100);
	struct net_params net, linear;

	(void)state;
	parse("{\"hidden\":\"none\"}", false, &net);
	parse("{}", true, &linear);
	assert_int_equal(net_params_suit(&net, &m), 0);
	assert_int_equal(net_params_suit(&linear, &m), 0);
	assert_int_equal(net.n_hidden, 0);
	assert_true(net.linear && net.lr == linear.lr && net.l2 == linear.l2);
	assert_int_equal(net.early_stopping, linear.early_stopping);
	net_params_clear(&net);
	net_params_clear(&linear);
	matrix_close(&m);
	refused("{\"hidden\":\"none\",\"dropout\":0.1}", false,
		"'dropout' means nothing with hidden = none");
}

static void test_refused(void **state)
{
	(void)state;
	refused("{\"hiden\":8}", false, "unknown parameter 'hiden' of the learner 'net'");
	refused("{\"hidden\":8}", true, "has no hidden layer");
	refused("{\"hidden\":[8,\"x\"]}", false, "1 to 64 numbers of units");
	refused("{\"hidden\":\"\"}", false, "1 to 64 numbers of units");
	refused("{\"hidden\":1e9}", false, "1 to 64 numbers of units");
	refused("{\"epochs\":0}", false, "a whole number from 1 to");
	refused("{\"epochs\":null}", false, "a whole number from 1 to");
	refused("{\"lr\":\"fast\"}", false, "must be auto, or a number");
	refused("{\"loss\":\"logistic\"}", false, "must be auto, mse, mae");
	refused("{\"class_weight\":\"1\"}", false, "a weight for each class");
	refused("{\"class_weight\":[1,-1]}", false, "a weight for each class");
	refused("{\"n_epochs\":3}", false, "it is called 'epochs' here");
}

static void test_unsuited(void **state)
{
	struct matrix m = table(MATRIX_BINARY, 100, 0);
	struct net_params p;

	(void)state;
	parse("{\"loss\":\"mse\"}", false, &p);
	assert_int_equal(net_params_suit(&p, &m), ERR_INPUT);
	net_params_clear(&p);
	parse("{\"early_stopping\":2}", false, &p);
	assert_int_equal(net_params_suit(&p, &m), ERR_INPUT);
	net_params_clear(&p);
	m.splits[MATRIX_VALIDATION].rows = 3; /* which no loss can be measured on */
	m.splits[MATRIX_VALIDATION].w = (struct npy){ .data = (float[]){ 0, 0, 0 }, .rows = 3 };
	parse("{\"early_stopping\":2}", false, &p);
	assert_int_equal(net_params_suit(&p, &m), ERR_INPUT);
	net_params_clear(&p);
	parse("{}", false, &p);
	assert_int_equal(net_params_suit(&p, &m), 0);
	assert_int_equal(p.early_stopping, 0);
	net_params_clear(&p);
	m.splits[MATRIX_VALIDATION].w = (struct npy){ .data = NULL };
	m.task = MATRIX_RANKING;
	parse("{}", false, &p);
	assert_int_equal(net_params_suit(&p, &m), ERR_INPUT);
	assert_non_null(strstr(error_text(), "do not rank"));
	net_params_clear(&p);
	matrix_close(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults), cmocka_unit_test(test_few_rows),
		cmocka_unit_test(test_given),	 cmocka_unit_test(test_without_hidden_layers),
		cmocka_unit_test(test_refused),	 cmocka_unit_test(test_unsuited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
