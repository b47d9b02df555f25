/* net_shape.c - shapes of nets: JSON there and back, what is refused, the order of the tensors. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/error.h"
#include "lib/model/net/net_shape.h"

static const char WHOLE[] =
	"{\"head\":\"softmax\",\"hidden\":["
	"{\"activation\":\"gelu\",\"dropout\":0.25,\"norm\":\"batch\",\"units\":8},"
	"{\"activation\":\"tanh\",\"dropout\":0.0,\"norm\":\"layer\",\"units\":6}],"
	"\"inputs\":{\"embedded\":[{\"categories\":9,\"dim\":4,\"input\":1}],\"numeric\":[0,2]},"
	"\"outputs\":3}";

static int parse(const char *text, size_t inputs, struct net_shape *out)
{
	json_t *v;
	int rc = json_parse(text, strlen(text), "net", &v);

	assert_int_equal(rc, 0);
	rc = net_shape_parse(v, inputs, out);
	json_decref(v);
	return rc;
}

static void refused(const char *text, const char *why)
{
	struct net_shape s;

	assert_int_equal(parse(text, 3, &s), ERR_CORRUPT);
	if (!strstr(error_text(), why))
		fail_msg("'%s' does not say '%s'", error_text(), why);
	assert_null(s.numeric);
}

static void goes_there_and_back(void **state)
{
	struct net_shape s, copy;
	struct buf b = BUF_INIT;
	json_t *v;

	(void)state;
	assert_int_equal(parse(WHOLE, 3, &s), 0);
	assert_int_equal(net_shape_width(&s), 6);
	v = net_shape_json(&s);
	json_canonical(v, &b);
	assert_string_equal(b.data, WHOLE);
	net_shape_copy(&s, &copy);
	assert_true(net_shape_equal(&s, &copy));
	copy.hidden[1].units++;
	assert_false(net_shape_equal(&s, &copy));
	net_shape_clear(&copy);
	net_shape_clear(&s);
	buf_clear(&b);
	json_decref(v);
}

#define INPUTS "\"inputs\":{\"numeric\":[0],\"embedded\":[]}"
#define REST "\"hidden\":[],\"outputs\":1,\"head\":\"identity\""

static void refuses_what_is_impossible(void **state)
{
	(void)state;
	refused("{}", "hidden");
	refused("[]", "hidden");
	refused("{\"hidden\":[]}", "numeric");
	refused("{\"inputs\":{\"numeric\":[],\"embedded\":[]}," REST "}", "no inputs");
	refused("{\"inputs\":{\"numeric\":[3],\"embedded\":[]}," REST "}", "input 3 of 3");
	refused("{\"inputs\":{\"numeric\":[1,1],\"embedded\":[]}," REST "}", "twice");
	refused("{\"inputs\":{\"numeric\":[-1],\"embedded\":[]}," REST "}", "no number");
	refused("{\"inputs\":{\"numeric\":[0],\"embedded\":[{\"input\":0,\"categories\":2,"
		"\"dim\":1}]}," REST "}",
		"twice");
	refused("{\"inputs\":{\"numeric\":[],\"embedded\":[{\"input\":0,\"categories\":0,"
		"\"dim\":1}]}," REST "}",
		"0 categories");
	refused("{" INPUTS ",\"hidden\":[],\"outputs\":0,\"head\":\"identity\"}", "0 outputs");
	refused("{" INPUTS ",\"hidden\":[],\"outputs\":1,\"head\":\"softmax\"}", "softmax");
	refused("{" INPUTS ",\"hidden\":[],\"outputs\":2,\"head\":\"logistic\"}", "logistic");
	refused("{" INPUTS ",\"hidden\":[],\"outputs\":1,\"head\":\"sqrt\"}",
		"'sqrt' is no head: identity, logistic, softmax, exp");
	refused("{" INPUTS ",\"hidden\":[{\"units\":0}],\"outputs\":1,\"head\":\"exp\"}",
		"0 units");
	refused("{" INPUTS ",\"hidden\":[{\"units\":4,\"dropout\":1}],\"outputs\":1,"
		"\"head\":\"exp\"}",
		"dropout");
	refused("{" INPUTS ",\"hidden\":[{\"units\":65536},{\"units\":65536}],\"outputs\":1,"
		"\"head\":\"exp\"}",
		"weights");
}

static void lays_tensors_in_order(void **state)
{
	static const char *const names[] = { "embed.0.weight", "layer.0.weight", "layer.0.bias",
					     "norm.0.weight",  "norm.0.bias",	 "layer.1.weight",
					     "layer.1.bias",   "norm.1.weight",	 "norm.1.bias",
					     "output.weight",  "output.bias" };
	static const size_t counts[] = { 40, 48, 8, 8, 8, 48, 6, 6, 6, 18, 3 };
	struct net_tensors t;
	struct net_shape s;
	size_t at = 0;

	(void)state;
	assert_int_equal(parse(WHOLE, 3, &s), 0);
	net_shape_params(&s, &t);
	assert_int_equal(t.n, 11);
	for (size_t i = 0; i < t.n; i++) {
		assert_string_equal(t.v[i].name, names[i]);
		assert_int_equal(t.v[i].count, counts[i]);
		assert_int_equal(t.v[i].offset, at);
		at += counts[i];
	}
	assert_int_equal(t.count, at);
	assert_int_equal(net_tensors_find(&t, "embed.0.weight")->dims[0], 10);
	assert_null(net_tensors_find(&t, "norm.0.mean"));
	net_tensors_clear(&t);
	net_shape_stats(&s, &t);
	assert_int_equal(t.n, 4);
	assert_string_equal(t.v[2].name, "norm.0.mean");
	assert_int_equal(t.count, 2 + 2 + 8 + 8);
	net_tensors_clear(&t);
	net_shape_clear(&s);
}

static void reads_inputs(void **state)
{
	float nan = strtof("nan", NULL);

	(void)state;
	assert_true(net_scaled(3, 1, 0.5f) == 1);
	assert_true(net_scaled(nan, 1, 0.5f) == 0);
	assert_true(net_scaled(FLT_MAX, 1, 0.5f) == 0 && net_scaled(-FLT_MAX, 1, 0.5f) == 0);
	assert_true(net_scaled(INFINITY, 1, 0.5f) == 0 && net_scaled(1e38f, 0, 0.5f) == 5e37f);
	assert_int_equal(net_category(0, 5), 0);
	assert_int_equal(net_category(4, 5), 4);
	assert_int_equal(net_category(5, 5), 5);
	assert_int_equal(net_category(-1, 5), 5);
	assert_int_equal(net_category(nan, 5), 5);
	assert_int_equal(net_category(1e30f, 5), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_there_and_back),
		cmocka_unit_test(refuses_what_is_impossible),
		cmocka_unit_test(lays_tensors_in_order),
		cmocka_unit_test(reads_inputs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
