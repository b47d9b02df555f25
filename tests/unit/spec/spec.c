/* spec.c - tests of lib/spec: sections, keys, values, links, orders, overrides, refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/spec/settings.h"
#include "lib/spec/spec.h"
#include "lib/spec/typed.h"

#define DATA "[dataset \"flights\"]\nsource = data/flights.csv.zip\nlabel = arr_delay\n"
#define MODEL "[model \"eta\"]\ndataset = flights\nlearner = xgboost\n"

static struct spec *good(const char *text)
{
	struct spec *s;

	if (spec_parse(text, strlen(text), "Michfile", &s) < 0)
		fail_msg("refused: %s\n%s", error_text(), text);
	return s;
}

/* text is refused, and the reason is want. */
static void bad(const char *text, const char *want)
{
	struct spec *s;

	assert_int_equal(spec_parse(text, strlen(text), "Michfile", &s), ERR_INPUT);
	assert_null(s);
	assert_string_equal(error_text(), want);
}

static void same_json(const json_t *v, const char *want)
{
	struct buf b = BUF_INIT;

	json_canonical(v, &b);
	assert_string_equal(b.data, want);
	buf_clear(&b);
}

/* The example of the manual. */
static void test_example(void **state)
{
	struct spec *s = good("[dataset \"flights\"]\n"
			      "    source = data/flights.csv                 ; files\n"
			      "    query  = \"SELECT * FROM flights WHERE arr_delay IS NOT NULL\"\n"
			      "    split  = 75/15/10 by time(time_hour)      ; oldest first\n"
			      "    label  = arr_delay\n"
			      "    check  = \"distance > 0\"\n"
			      "    check  = \"rows >= 100000\"\n"
			      "[model \"eta\"]\n"
			      "    dataset = flights\n"
			      "    feature = dep_delay, distance, hour, carrier\n"
			      "    learner = xgboost\n"
			      "    param   = max_depth=8\n"
			      "    param   = rounds=200\n"
			      "    param   = eta = 0.10\n"
			      "    param   = max_depth=6\n"
			      "    gate    = \"test.rmse < 25\"\n"
			      "    gate    = \"worst slice(carrier).rmse < 60\"\n");
	struct spec_node *d = spec_find(s, SPEC_DATASET, "flights");
	struct spec_node *m = spec_find(s, SPEC_MODEL, "eta");
	struct spec_node *e = spec_find(s, SPEC_EVAL, "eta");

	(void)state;
	assert_int_equal(s->n, 3);
	assert_string_equal(d->source[0].name, "flights");
	assert_string_equal(d->source[0].path, "data/flights.csv");
	assert_int_equal(d->split.by, SPEC_SPLIT_TIME);
	assert_string_equal(d->split.cols.v[0], "time_hour");
	assert_int_equal(d->check.n, 2);
	assert_int_equal(d->check.v[1].line, 7);
	assert_int_equal(spec_line(d, "label"), 5);
	same_json(d->json.output,
		  "{\"exact\":true,\"keep\":true,\"label\":\"arr_delay\",\"query\":"
		  "\"SELECT * FROM flights WHERE arr_delay IS NOT NULL\",\"seed\":0,"
		  "\"split\":\"75/15/10 by time(time_hour)\",\"volatile\":false}");
	same_json(d->json.input, "{\"source\":[\"data/flights.csv\"]}");
	same_json(d->json.check, "{\"check\":[\"distance > 0\",\"rows >= 100000\"]}");
	same_json(d->json.run, "{\"refresh\":\"never\",\"threads\":0}");
	assert_string_equal(m->learner, "xgboost");
	assert_int_equal(m->feature.n, 4);
	assert_string_equal(m->feature.v[3].text, "carrier");
	same_json(m->params, "{\"eta\":0.1,\"max_depth\":6,\"rounds\":200}");
	assert_int_equal(m->n_ref, 1);
	assert_ptr_equal(m->ref[0].node, d);
	assert_string_equal(m->ref[0].text, "dataset/flights");
	assert_true(e->implied);
	assert_int_equal(e->gate.n, 2);
	assert_int_equal(e->line, 16);
	assert_ptr_equal(e->ref[0].node, m);
	assert_ptr_equal(e->ref[1].node, d);
	assert_int_equal(e->part, SPEC_PART_TEST);
	same_json(
		e->json.output,
		"{\"bins\":10,\"bootstrap\":1000,\"importance\":5,\"seed\":0,\"split\":\"test\",\"threshold\":0.5}");
	spec_free(s);
}

static void test_defaults(void **state)
{
	struct spec *s = good(DATA MODEL);
	const struct spec_node *d = s->v[0], *m = s->v[1];

	(void)state;
	assert_int_equal(s->n, 2);
	assert_string_equal(d->split.text, "75/15/10 by hash");
	assert_true(d->exact && d->keep && !d->is_volatile);
	assert_int_equal(d->refresh.when, SPEC_REFRESH_NEVER);
	assert_int_equal(m->threads, 0);
	assert_true(m->network);
	assert_int_equal(m->task, SPEC_TASK_AUTO);
	same_json(
		m->json.output,
		"{\"contract\":\"warn\",\"determinism\":\"run\",\"learner\":\"xgboost\",\"seed\":0,"
		"\"task\":\"auto\"}");
	same_json(m->json.run, "{\"gpus\":0,\"max-restarts\":0,\"network\":true,\"ranks\":0,"
			       "\"threads\":0}");
	spec_free(s);
}

static void test_sources(void **state)
{
	struct spec *s = good("[dataset \"a\"]\nsource = b\nsource = w = data/w2024.csv\n"
			      "source = data/x.sqlite:trips\nsource = ./c.d/weather.csv.gz\n"
			      "source = images/\nsource = dataset/old@3\nsource = maps/roads@2.1\n"
			      "source = data/img@2x.png\nsource = c:x\nquery = SELECT 1\n"
			      "[dataset \"b\"]\nsource = b.csv\n");
	const struct spec_node *a = s->v[0];
	static const char *const want[][3] = {
		{ "b", NULL, NULL },
		{ "w", "data/w2024.csv", NULL },
		{ "trips", "data/x.sqlite", "trips" },
		{ "weather", "./c.d/weather.csv.gz", NULL },
		{ "images", "images/", NULL },
		{ "old", NULL, NULL },
		{ "roads", NULL, NULL },
		{ "img_2x", "data/img@2x.png", NULL },
		{ "c_x", "c:x", NULL },
	};

	(void)state;
	assert_int_equal(a->n_source, 9);
	for (size_t i = 0; i < 9; i++) {
		const struct spec_source *x = &a->source[i];

		assert_string_equal(x->name, want[i][0]);
		assert_string_equal(x->path ? x->path : "-", want[i][1] ? want[i][1] : "-");
		assert_string_equal(x->table ? x->table : "-", want[i][2] ? want[i][2] : "-");
		assert_true(!x->path == !!x->ref);
	}
	assert_ptr_equal(a->source[0].ref->node, s->v[1]);
	assert_string_equal(a->source[5].ref->text, "dataset/old@3");
	assert_string_equal(a->source[6].ref->text, "maps/roads@2.1");
	assert_null(a->source[5].ref->node);
	spec_free(s);
}

static void test_values(void **state)
{
	struct spec *s = good(
		"[dataset \"a\"]\ncommand = \"python3 ingest.py; true\"\n"
		"code = train.py, lib/\ncode = x.py\nrefresh = 1d\nmemory = 4G\n"
		"time-limit = 2h ; or so\nthreads = 2\nnetwork = no\nenv = CITY, TEAM\n"
		"[dataset \"b\"]\nsource = b.csv\nquery = SELECT 1\nVolatile\nrefresh = curl -sI example.org\n"
		"[dataset \"a\"]\ninputs = copy\n");
	const struct spec_node *a = s->v[0], *b = s->v[1];

	(void)state;
	assert_string_equal(a->command, "python3 ingest.py; true");
	assert_int_equal(a->code.n, 3);
	assert_string_equal(a->code.v[1].text, "lib/");
	assert_int_equal(a->refresh.when, SPEC_REFRESH_EVERY);
	assert_int_equal(a->refresh.span_ms, 86400000);
	assert_int_equal(a->memory_bytes, (int64_t)4 << 30);
	assert_int_equal(a->time_limit_ms, 7200000);
	assert_int_equal(a->inputs, SPEC_INPUTS_COPY);
	assert_false(a->network);
	same_json(a->json.input, "{\"code\":[\"train.py\",\"lib/\",\"x.py\"],"
				 "\"env\":[\"CITY\",\"TEAM\"]}");
	assert_true(b->is_volatile);
	assert_int_equal(b->refresh.when, SPEC_REFRESH_COMMAND);
	assert_string_equal(b->refresh.command, "curl -sI example.org");
	spec_free(s);
}

static void test_order(void **state)
{
	struct spec *s = good("[eval \"e\"]\nmodel = m\n[model \"m\"]\ndataset = b\nlabel = y\n"
			      "learner = xgboost\n[dataset \"b\"]\nsource = a\n"
			      "[dataset \"a\"]\nsource = a.csv\n");
	const struct spec_node **v;

	(void)state;
	assert_int_equal(spec_order(s, &v), 0);
	assert_string_equal(v[0]->name, "a");
	assert_string_equal(v[1]->name, "b");
	assert_string_equal(v[2]->name, "m");
	assert_string_equal(v[3]->name, "e");
	free(v);
	spec_free(s);
}

static void test_circle(void **state)
{
	(void)state;
	bad("[dataset \"x\"]\nsource = a\n[dataset \"a\"]\nsource = b\n[dataset \"b\"]\nsource = c\n"
	    "[dataset \"c\"]\n\nsource = a\n",
	    "Michfile:9: a circle: dataset/a (Michfile:4) reads dataset/b (Michfile:6) reads "
	    "dataset/c (Michfile:9) reads dataset/a");
	bad("[dataset \"x\"]\nsource = dataset/x\n",
	    "Michfile:2: a circle: dataset/x (Michfile:2) reads dataset/x");
}

static int set_one(struct spec *s, struct spec_node *node, const char *assignment)
{
	return spec_set(s, node, &assignment, 1);
}

static void test_set_in_any_order(void **state)
{
	static const char *const orders[][2] = { { "label=z", "feature=y" },
						 { "feature=y", "label=z" } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct spec *s = good(DATA MODEL "label = y\nfeature = z\n");

		assert_int_equal(spec_set(s, spec_find(s, SPEC_MODEL, "eta"), orders[i], 2), 0);
		spec_free(s);
	}
}

static void test_set(void **state)
{
	struct spec *s = good(DATA MODEL "param = max_depth=8\ngate = \"test.rmse < 25\"\n");
	struct spec_node *m = spec_find(s, SPEC_MODEL, "eta");

	(void)state;
	assert_int_equal(set_one(s, m, "max_depth=3"), 0);
	assert_int_equal(set_one(s, m, "seed=7"), 0);
	assert_int_equal(set_one(s, m, "gate=test.mae < 9"), 0);
	assert_int_equal(m->seed, 7);
	same_json(m->params, "{\"max_depth\":3}");
	same_json(m->override, "{\"gate\":\"test.mae < 9\",\"max_depth\":\"3\",\"seed\":\"7\"}");
	assert_string_equal(spec_find(s, SPEC_EVAL, "eta")->gate.v[0].text, "test.mae < 9");
	assert_int_equal(spec_find(s, SPEC_EVAL, "eta")->gate.n, 1);
	assert_int_equal(set_one(s, m, "threads=many"), ERR_INPUT);
	assert_string_equal(error_text(),
			    "--set: 'threads' must be a whole number from 0 to 4096, not 'many'");
	assert_int_equal(set_one(s, s->v[0], "max_depth=3"), ERR_INPUT);
	assert_int_equal(set_one(s, m, "max_depth"), ERR_INPUT);
	spec_free(s);
}

static void test_define(void **state)
{
	static const char *const on[] = { "model", "eta", "dataset", "holdout@2", NULL };
	static const char *const wrong[] = { "modl", "eta", NULL };
	struct spec *s = good(DATA MODEL "gate = \"test.rmse < 25\"\n");
	struct spec_node *e;

	(void)state;
	assert_int_equal(spec_define(s, SPEC_EVAL, "eta", on, &e), 0);
	assert_int_equal(s->n, 3);
	assert_ptr_equal(spec_find(s, SPEC_EVAL, "eta"), e);
	assert_string_equal(e->ref[1].text, "dataset/holdout@2");
	assert_false(e->implied);
	assert_int_equal(spec_define(s, SPEC_MODEL, "eta", on, &e), ERR_EXISTS);
	assert_int_equal(spec_define(s, SPEC_EVAL, "new", wrong, &e), ERR_INPUT);
	assert_string_equal(error_text(), "command line: unknown key 'modl' in [eval \"new\"], did "
					  "you mean 'model'?");
	spec_free(s);
}

static void test_refusals(void **state)
{
	(void)state;
	bad("[dataset \"flights\"]\nlable = x\n",
	    "Michfile:2: unknown key 'lable' in [dataset \"flights\"], did you mean 'label'?");
	bad("[dataset \"a\"]\ngate = x\n",
	    "Michfile:2: 'gate' is a key of [model], [eval], not of [dataset \"a\"]");
	bad("[modle \"a\"]\n", "Michfile:1: unknown section [modle], did you mean [model \"a\"]?");
	bad("[model]\n", "Michfile:1: [model] needs a name: [model \"NAME\"]");
	bad("[model \"A\"]\n", "Michfile:1: 'A' is not a name: want [a-z0-9][a-z0-9_-]*");
	bad("x = 1\n", "Michfile:1: a key before the first [section]");
	bad("[dataset \"a\"]\nsource = x.csv\nthreads = many\n",
	    "Michfile:3: 'threads' must be a whole number from 0 to 4096, not 'many'");
	bad("[dataset \"a\"]\nlabel\n", "Michfile:2: 'label' needs a value: label = COLUMN");
	bad("[dataset \"a\"]\nlabel =\n", "Michfile:2: 'label' is empty, want COLUMN");
	bad("[dataset \"a\"]\nlabel = x\nlabel = y\n",
	    "Michfile:3: 'label' is given twice, first on line 2");
	bad("[dataset \"a\"]\ncheck = x > 0 ; positive\n",
	    "Michfile:2: the value of 'check' is cut by a ';' or '#', which begins a comment");
	bad("[dataset \"a\"]\nsource = a#1.csv\n",
	    "Michfile:2: the value of 'source' is cut by a ';' or '#', which begins a comment");
	bad("[dataset \"a\"]\nquery = \"SELECT 1\n", "Michfile:2: a quote is not closed");
	bad("[dataset \"a\"]\nlabel = \xff\n", "Michfile:2: 'label' is not UTF-8");
	bad("[dataset \"a\"]\nlabel = x\n",
	    "Michfile:1: [dataset \"a\"] needs source = PATH, or command = PROGRAM");
	bad("[dataset \"a\"]\nsource = a.csv\nsource = b/a.csv\nquery = x\n",
	    "Michfile:3: two sources are called 'a'");
	bad("[dataset \"a\"]\nsource = a.csv\nsource = b.csv\n",
	    "Michfile:1: [dataset \"a\"] has 2 sources, and needs a query that joins them");
	bad("[dataset \"a\"]\nsource = a.csv\nenv = X\n",
	    "Michfile:3: 'env' means nothing in [dataset \"a\"], which has no command");
	bad("[dataset \"a\"]\ncommand = x\nsource = a-b.csv\nsource = A_B.csv\n",
	    "Michfile:4: two sources are called 'a_b'");
	bad("[dataset \"a\"]\nsource = a.csv\nvolatile\n",
	    "Michfile:3: 'volatile' means nothing in [dataset \"a\"], which has no query");
	bad("[dataset \"a\"]\ncommand = x\nenv = A-B\n",
	    "Michfile:3: 'A-B' is no name of an environment variable");
	bad("[dataset \"a\"]\ncommand = x\nenv = TOKEN\nsecret = TOKEN\n",
	    "Michfile:3: 'TOKEN' is a secret as well, which is never recorded");
	bad("[dataset \"a\"]\ncommand = x\npass = MICH_OUT\n",
	    "Michfile:3: 'MICH_OUT' is mich's own to set");
	bad("[dataset \"a\"]\nsource = http://x/a.csv\n",
	    "Michfile:2: cannot read 'http://x/a.csv': a source is a path or a data set");
	bad("[dataset \"a\"]\nrefresh = nevr\n",
	    "Michfile:2: 'refresh' is 'nevr', did you mean 'never'?");
	bad("[model \"m\"]\ndataset = d\n",
	    "Michfile:1: [model \"m\"] needs learner = xgboost, net or linear, command = PROGRAM, or members = MODEL, ...");
	bad("[model \"m\"]\nlearner = forest\n",
	    "Michfile:2: unknown learner 'forest', want xgboost, net or linear");
	bad("[dataset \"d\"]\nsource = d.csv\nlabel = y\n[model \"m\"]\ndataset = d\n"
	    "learner = xgboost\npartition = x\ninit-from = m@1\n",
	    "Michfile:8: the models of partitions start from nothing");
	bad("[dataset \"d\"]\nsource = d.csv\nlabel = y\n[model \"m\"]\ndataset = d\n"
	    "learner = net\ninit-from = m\n",
	    "Michfile:7: a circle: model/m (Michfile:7) reads model/m");
#define TWO "[dataset \"d\"]\nsource = d.csv\nlabel = y\n[model \"m\"]\ndataset = d\n"
	bad(TWO "members = a\n", "Michfile:6: an ensemble has two members or more");
	bad(TWO "members = a, a\n", "Michfile:6: 'a' is twice in 'members'");
	bad(TWO "members = a, b\ncommand = x\n",
	    "Michfile:7: 'command' means nothing in [model \"m\"], which has members");
	bad(TWO "members = a, b\nlearner = net\n",
	    "Michfile:7: 'learner' means nothing in [model \"m\"], whose members have the last word");
	bad(TWO "members = a, b\ncombine = stacked\n",
	    "Michfile:7: combine = stacked needs learner = xgboost, net or linear");
	bad(TWO "members = a, b\nfolds = 3\n",
	    "Michfile:7: 'folds' means nothing in [model \"m\"], which has no combine = stacked");
	bad(TWO "members = a, b\nweights = 1, 1\n",
	    "Michfile:7: weights are for combine = weighted or vote");
	bad(TWO "members = a, b\ncombine = weighted\nweights = 1, -1\n",
	    "Michfile:8: '-1' is no weight: want a number from 0");
	bad(TWO "members = a, m\n", "Michfile:6: a circle: model/m (Michfile:6) reads model/m");
	bad(TWO "members = a, b@latest\n",
	    "Michfile:6: 'b@latest' may come to mean another version while this file stays the same");
	bad(TWO "learner = net\ncombine = mean\n",
	    "Michfile:7: 'combine' means nothing in [model \"m\"], which has no members");
	bad("[model \"m\"]\ncontract = strict\n",
	    "Michfile:2: 'contract' must be warn, reject or coerce, not 'strict'");
	bad(DATA MODEL "feature = x, arr_delay\n",
	    "Michfile:7: the label 'arr_delay' is among the features of [model \"eta\"]");
	bad("[dataset \"d\"]\nsource = d.csv\n[model \"m\"]\ndataset = d\nlearner = xgboost\n",
	    "Michfile:4: neither [model \"m\"] nor [dataset \"d\"] says what to predict");
	bad(MODEL "task = ranking\n",
	    "Michfile:4: ranking needs group = COLUMN, the rows of one question");
	bad("[eval \"e\"]\nmodel = m\n",
	    "Michfile:1: [eval \"e\"] needs dataset = NAME, since this file has no [model \"m\"]");
	bad(DATA MODEL "gate = x\n[model \"other\"]\ndataset = flights\nlearner = xgboost\n"
		       "[eval \"eta\"]\nmodel = other\n",
	    "Michfile:7: the gates of [model \"eta\"] are judged by eval/eta, but [eval \"eta\"] on "
	    "line 11 measures another model");
}

static void test_pins(void **state)
{
	(void)state;
	bad("[model \"m\"]\nlearner = xgboost\ndataset = flights@latest\n",
	    "Michfile:3: 'flights@latest' may come to mean another version while this file stays the "
	    "same");
	bad("[model \"m\"]\nlearner = xgboost\ndataset = flights@production\n",
	    "Michfile:3: 'flights@production' may come to mean another version while this file stays "
	    "the same");
	bad("[model \"m\"]\nlearner = xgboost\ndataset = flights@2.1\n",
	    "Michfile:3: 'flights@2.1' is a release without its namespace, want NAMESPACE/NAME@2.1");
	bad("[model \"m\"]\nlearner = xgboost\ndataset = model/flights\n",
	    "Michfile:3: want a dataset, not 'model/flights'");
	bad("[model \"m\"]\nlearner = xgboost\ndataset = data/flights.csv\n",
	    "Michfile:3: 'data/flights.csv' names no dataset: a name is [a-z0-9][a-z0-9_-]*");
	spec_free(good("[model \"m\"]\nlearner = xgboost\nlabel = y\ndataset = flights@3\n"));
	spec_free(good("[model \"m\"]\nlearner = xgboost\nlabel = y\ndataset = flights@0123abc\n"));
	spec_free(
		good("[model \"m\"]\nlearner = xgboost\nlabel = y\ndataset = maps/flights@2.1\n"));
}

static void test_splits(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "80/20", "80/20/0 by hash" },
		{ "75/15/10 by hash( id , \"a,b\" )", "75/15/10 by hash(id, \"a,b\")" },
		{ "99.5/0.5/0 by row", "99.5/0.5/0 by row" },
		{ "70/20/10 by group(driver)", "70/20/10 by group(driver)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf b = BUF_INIT;
		struct spec *s;

		buf_addf(&b, "[dataset \"a\"]\nsource = a.csv\nsplit = \"");
		for (const char *p = cases[i].text; *p; p++) {
			if (*p == '"')
				buf_addch(&b, '\\');
			buf_addch(&b, *p);
		}
		buf_addstr(&b, "\"\n");
		s = good(b.data);
		assert_string_equal(s->v[0]->split.text, cases[i].want);
		spec_free(s);
		buf_clear(&b);
	}
#define SPLIT "[dataset \"a\"]\nsource = a.csv\nsplit = "
	bad(SPLIT "75/15\n", "Michfile:3: the shares of 'split' add up to 90, want 100");
	bad(SPLIT "0/50/50\n", "Michfile:3: 'split' leaves nothing to train on");
	bad(SPLIT "75/15/10/0\n",
	    "Michfile:3: 'split' must begin with percents such as 75/15/10, not '75/15/10/0'");
	bad(SPLIT "75/15/10 by tim(x)\n",
	    "Michfile:3: unknown method 'tim' in 'split', did you mean 'time'?");
	bad(SPLIT "75/15/10 by geo(lat,lon,3)\n",
	    "Michfile:3: a split by geo() is not in this build, which has hash, row, time and group");
	bad(SPLIT "75/15/10 by time(a, b)\n",
	    "Michfile:3: a split by time takes one column: time(COLUMN)");
	bad(SPLIT "75/15/10 hash\n",
	    "Michfile:3: 'split' must be A/B/C by METHOD, not '75/15/10 hash'");
	bad(SPLIT "75/15/10 by hash(a\n",
	    "Michfile:3: 'split' must be A/B/C by METHOD(COLUMN, ...), not '... by hash(a'");
}

static void test_typed(void **state)
{
	static const struct {
		const char *text;
		int64_t bytes; /* -1: refused */
	} sizes[] = { { "512", 512 },
		      { "64k", 65536 },
		      { "4GiB", (int64_t)4 << 30 },
		      { "1TB", (int64_t)1 << 40 },
		      { "1.5G", -1 },
		      { "", -1 },
		      { "4X", -1 },
		      { "99999999T", -1 } };
	static const char *const json[][2] = {
		{ "8", "8" },		{ "-3", "-3" },	      { "0.10", "0.1" },
		{ "1e-3", "0.001" },	{ "true", "true" },   { "007", "\"007\"" },
		{ "0x10", "\"0x10\"" }, { "nan", "\"nan\"" }, { "1,2", "\"1,2\"" },
		{ "2.50", "2.5" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		int64_t bytes = -1;

		assert_int_equal(typed_size(sizes[i].text, &bytes), sizes[i].bytes >= 0);
		assert_int_equal(bytes, sizes[i].bytes);
	}
	for (size_t i = 0; i < sizeof json / sizeof *json; i++) {
		json_t *v = typed_json(json[i][0]);

		same_json(v, json[i][1]);
		json_decref(v);
	}
}

static int look(void *payload, const char *key, char **out)
{
	const char *const *pair = payload;

	if (strcmp(pair[0], key))
		return 0;
	*out = strdup(pair[1]);
	return 1;
}

static void test_settings(void **state)
{
	const char *size[] = { "mich.cacheSize", "512M" }, *jobs[] = { "mich.jobs", "0" };
	struct settings s;

	(void)state;
	assert_int_equal(settings_read(look, size, &s), 0);
	assert_int_equal(s.jobs, 1);
	assert_int_equal(s.cache_bytes, 512 << 20);
	assert_string_equal(s.launch, "local");
	assert_null(s.hostfile);
	settings_clear(&s);
	assert_int_equal(settings_read(look, jobs, &s), ERR_INPUT);
	assert_string_equal(error_text(),
			    "'mich.jobs' must be a whole number from 1 to 1024, not '0'");
	settings_clear(&s);
}

/* Every key is explained, and what it takes by itself is among what it takes. */
static void test_page(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	spec_write_scd(&b);
	assert_non_null(strstr(b.data, "*time-limit* = SPAN\n"));
	assert_non_null(strstr(b.data, "Default: 75/15/10 by hash."));
	buf_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_example), cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_sources), cmocka_unit_test(test_values),
		cmocka_unit_test(test_order),	cmocka_unit_test(test_circle),
		cmocka_unit_test(test_set),	cmocka_unit_test(test_set_in_any_order),
		cmocka_unit_test(test_define),	cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_pins),	cmocka_unit_test(test_splits),
		cmocka_unit_test(test_typed),	cmocka_unit_test(test_settings),
		cmocka_unit_test(test_page),
	};

	return cmocka_run_group_tests_name("spec", tests, NULL, NULL);
}
