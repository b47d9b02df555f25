/* listing.c - tests of the table of experiments and of lineage, over an index made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/catalog/listing.h"
#include "lib/index/index.h"
#include "lib/record/head.h"
#include "lib/record/lineage.h"

static struct index *x;

/* d@1, d@2; m@1 of d@1 (failed), m@2, m@3 of d@2; e@1 measures m@2. */
static const char ROWS[] =
	"INSERT INTO artifact VALUES('dataset','d','refs/mich/dataset/d','t'),('model','m','refs/mich/model/m','t'),"
	"('eval','m','refs/mich/eval/m','t');"
	"INSERT INTO version VALUES"
	"('d1','dataset','d',1,'c1','k1','f1','good','none','active',0,0,1000,2000,'h','ann','g1',0),"
	"('d2','dataset','d',2,'c2','k2','f2','good','none','active',1,0,3000,4000,'h','bob','g1',0),"
	"('m1','model','m',1,'','k3','f3','failed','none','active',0,0,5000,6000,'h','ann','g1',1),"
	"('m2','model','m',2,'c4','k4','f4','good','none','active',0,0,7000,9000,'h','ann','g2',1),"
	"('m3','model','m',3,'c5','k5','f5','good','none','retired',0,0,9000,10000,'h','bob','g2',1),"
	"('e1','eval','m',1,'c6','k6','f6','good','none','active',0,0,11000,12000,'h','ann','g2',1);"
	"INSERT INTO input VALUES('d1',0,'source','x.csv',NULL,'s1'),('d2',0,'source','x.csv',NULL,'s2'),"
	"('m1',0,'dataset','dataset/d@1','d1','c1'),('m2',0,'dataset','dataset/d@2','d2','c2'),"
	"('m3',0,'dataset','dataset/d@2','d2','c2'),('m3',1,'init','model/m@2','m2','c4'),"
	"('e1',0,'model','model/m@2','m2','c4'),('e1',1,'dataset','dataset/d@2','d2','c2');"
	"INSERT INTO param VALUES('m1','max_depth',3),('m2','max_depth',6),('m3','max_depth','auto'),"
	"('m2','seed',7);"
	"INSERT INTO metric VALUES('m2','validation.rmse',18.5),('m3','validation.rmse',17.25),"
	"('e1','test.rmse',19.125);"
	"INSERT INTO tag VALUES('m2','owner','ann'),('m2','prio','5');";

static int make(void **state)
{
	bool empty;

	(void)state;
	assert_int_equal(index_open(":memory:", true, &x, &empty), 0);
	assert_int_equal(index_exec(x, ROWS), 0);
	return 0;
}

static int drop(void **state)
{
	(void)state;
	index_close(x);
	return 0;
}

/* The table as text: titles, then a line a row; or the reason and its hint. */
static void check(const struct listing_query *q, const char *want)
{
	struct listing l;
	struct buf b = BUF_INIT;

	if (listing_read(x, q, &l) < 0) {
		buf_addf(&b, "%s; %s", error_text(), error_hint_text());
	} else {
		for (size_t i = 0; i < l.n_columns; i++)
			buf_addf(&b, "%s%s", i ? "," : "", l.columns[i].title);
		for (size_t i = 0; i < l.n; i++)
			for (size_t j = 0; j < l.n_columns; j++) {
				buf_addch(&b, j ? ',' : '\n');
				listing_text(listing_cell(&l, i, j), &b);
			}
		listing_clear(&l);
	}
	if (strcmp(b.data, want))
		fail_msg("got\n%s\nwant\n%s", b.data, want);
	buf_clear(&b);
}

static void test_artifacts(void **state)
{
	(void)state;
	check(&(struct listing_query){ .columns = "ref,versions" },
	      "ref,versions\ndataset/d@2,2\neval/m@1,1\nmodel/m@2,3");
	check(&(struct listing_query){ .kind = "model", .columns = "ref,state,finished,user" },
	      "ref,state,finished,user\nmodel/m@2,good,1970-01-01 00:00,ann");
	check(&(struct listing_query){ .kind = "nothing", .columns = "ref" }, "ref");
}

static void test_experiments(void **state)
{
	struct listing_query q = { .kind = "model", .name = "m", .versions = true };

	(void)state;
	check(&q, "ref,state,max_depth,seed,test.rmse,validation.rmse,tag.owner,tag.prio,finished\n"
		  "model/m@3,good,auto,,,17.25,,,1970-01-01 00:00\n"
		  "model/m@2,good,6,7,19.125,18.5,ann,5,1970-01-01 00:00\n"
		  "model/m@1,failed,3,,,,,,1970-01-01 00:00");
	q.columns = "number, param.seed, seed, metric.test.rmse";
	check(&q, "number,param.seed,seed,metric.test.rmse\n3,,1,\n2,7,1,19.125\n1,,1,");
	q.columns = "number";
	q.sort = "validation.rmse";
	check(&q, "number\n3\n2\n1");
	q.sort = "-validation.rmse";
	check(&q, "number\n2\n3\n1");
	q.sort = "user, number";
	check(&q, "number\n1\n2\n3");
}

static void test_where(void **state)
{
	struct listing_query q = { .versions = true, .columns = "ref" };

	(void)state;
	q.where = "max_depth > 4 AND test.rmse < 20 AND state = 'good' AND tag.owner = 'ann'";
	check(&q, "ref\nmodel/m@2");
	q.where = "test.rmse IS NOT NULL";
	check(&q, "ref\neval/m@1\nmodel/m@2");
	q.where = "tag.prio > 4 or dirty";
	check(&q, "ref\ndataset/d@2\nmodel/m@2");
	q.where = "kind = 'model' and seconds >= 1 and life <> 'retired'";
	q.sort = "-seconds";
	check(&q, "ref\nmodel/m@2\nmodel/m@1");
}

static void test_refused(void **state)
{
	(void)state;
	check(&(struct listing_query){ .versions = true, .where = "max_dept > 4" },
	      "condition 'max_dept > 4': unknown column 'max_dept': no version has such a parameter, metric or tag; did you mean "
	      "'max_depth'?");
	check(&(struct listing_query){ .columns = "ref,tset.rmse" },
	      "unknown column 'tset.rmse': no version has such a parameter, metric or tag; did you mean "
	      "'test.rmse'?");
	check(&(struct listing_query){ .sort = "-nmae" },
	      "unknown column 'nmae': no version has such a parameter, metric or tag; did you mean 'name'?");
	check(&(struct listing_query){ .columns = " , " }, "no column is named in ' , '; ");
}

static void find(const char *id, struct version *out)
{
	struct listing l;
	char *where = xasprintf("id = '%s'", id);

	assert_int_equal(
		listing_read(x, &(struct listing_query){ .versions = true, .where = where }, &l),
		0);
	assert_int_equal(l.n, 1);
	*out = l.versions[0];
	l.versions[0] = (struct version)VERSION_INIT;
	listing_clear(&l);
	free(where);
}

static void label(void *payload, const struct graph_node *n, const char *role, struct buf *out)
{
	(void)payload;
	buf_addf(out, "%s%s%s", role, *role ? " " : "", n->ref);
}

static void test_lineage(void **state)
{
	struct version v;
	struct graph g;
	struct buf b = BUF_INIT;
	json_t *j;

	(void)state;
	find("m3", &v);
	assert_int_equal(lineage_walk(x, NULL, &v, false, &g), 0);
	graph_tree(&g, false, label, NULL, &b);
	assert_string_equal(b.data, "model/m@3\n"
				    "|-- dataset dataset/d@2\n"
				    "|   `-- source x.csv\n"
				    "`-- init model/m@2\n"
				    "    `-- dataset dataset/d@2 (see above)\n");
	j = graph_json(&g);
	assert_int_equal(json_array_size(json_object_get(j, "nodes")), 4);
	assert_int_equal(json_array_size(json_object_get(j, "edges")), 4);
	json_decref(j);
	graph_clear(&g);
	version_clear(&v);
	buf_reset(&b);
	find("d2", &v);
	assert_int_equal(lineage_walk(x, NULL, &v, true, &g), 0);
	graph_tree(&g, true, label, NULL, &b);
	assert_string_equal(b.data, "dataset/d@2\n"
				    "|-- dataset eval/m@1\n"
				    "|-- dataset model/m@2\n"
				    "|   |-- model eval/m@1\n"
				    "|   `-- init model/m@3\n"
				    "`-- dataset model/m@3\n");
	graph_clear(&g);
	version_clear(&v);
	buf_reset(&b);
	assert_int_equal(lineage_of_source(x, "x.csv", &g), 0);
	assert_int_equal(g.n, 7);
	graph_dot(&g, &b);
	assert_non_null(strstr(b.data, "n1 -> n0 [label=\"source\"];"));
	graph_clear(&g);
	assert_int_equal(lineage_of_source(x, "y.csv", &g), ERR_NOT_FOUND);
	assert_string_equal(error_hint_text(), "did you mean 'x.csv'?");
	buf_clear(&b);
}

static void test_order(void **state)
{
	struct listing l;
	struct graph g;
	size_t order[6];
	struct buf b = BUF_INIT;

	(void)state;
	assert_int_equal(listing_read(x, &(struct listing_query){ .versions = true }, &l), 0);
	assert_int_equal(lineage_among(x, l.versions, l.n, &g), 0);
	graph_order(&g, order);
	for (size_t i = 0; i < g.n; i++)
		buf_addf(&b, "%s ", g.nodes[order[i]].id);
	assert_string_equal(b.data, "e1 m3 m2 m1 d2 d1 ");
	graph_clear(&g);
	listing_clear(&l);
	buf_clear(&b);
}

static void test_users(void **state)
{
	struct version v, *users;
	size_t n;

	(void)state;
	find("d2", &v);
	assert_int_equal(lineage_users(x, &v, &users, &n), 0);
	assert_int_equal(n, 3);
	for (size_t i = 0; i < n; i++)
		version_clear(&users[i]);
	free(users);
	version_clear(&v);
	find("d1", &v); /* its only user failed */
	assert_int_equal(lineage_users(x, &v, &users, &n), 0);
	assert_int_equal(n, 0);
	free(users);
	version_clear(&v);
}

/* 20 levels of 500 versions, each made from 2 of the level below. */
static void test_many(void **state)
{
	struct version v;
	struct graph g;
	int64_t start;
	struct buf b = BUF_INIT;

	(void)state;
	assert_int_equal(index_begin(x), 0);
	assert_int_equal(
		index_exec(
			x,
			"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999) "
			"INSERT INTO version SELECT 'x' || i, 'model', 'big', i + 1, 'c', 'k', 'f', 'good', "
			"'none', 'active', 0, 0, i, i, 'h', 'u', 'g', 0 FROM n;"
			"WITH RECURSIVE n(i) AS (SELECT 500 UNION ALL SELECT i + 1 FROM n WHERE i < 9999) "
			"INSERT INTO input SELECT 'x' || i, k, 'init', '', 'x' || (i - i % 500 - 500 + "
			"(i * 7 + k * 250) % 500), 'c' FROM n, (SELECT 0 AS k UNION SELECT 1);"
			"INSERT INTO version VALUES('top', 'model', 'big', 20000, 'c', 'k', 'f', 'good', "
			"'none', 'active', 0, 0, 0, 0, 'h', 'u', 'g', 0);"
			"INSERT INTO input SELECT 'top', number, 'part', '', id, 'c' FROM version "
			"WHERE name = 'big' AND number > 9500 AND number < 20000;"),
		0);
	assert_int_equal(index_commit(x), 0);
	find("top", &v);
	start = clock_mono_us();
	assert_int_equal(lineage_walk(x, NULL, &v, false, &g), 0);
	graph_tree(&g, false, label, NULL, &b);
	assert_true(g.n > 9000);
	assert_true(clock_mono_us() - start <
		    20000000); /* a second would do; a busy machine is slow */
	graph_clear(&g);
	version_clear(&v);
	buf_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_artifacts), cmocka_unit_test(test_experiments),
		cmocka_unit_test(test_where),	  cmocka_unit_test(test_refused),
		cmocka_unit_test(test_lineage),	  cmocka_unit_test(test_order),
		cmocka_unit_test(test_users),	  cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, make, drop);
}
