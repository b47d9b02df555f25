/* partitions.c - what is trained, what the parent answers for, how the file of weights comes to be in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/learn/partitions.h"

enum { PARTITIONS = 60 };

/* Partition i has i + 1 rows with the value i; one has only one class, one no weight. */
struct made {
	struct matrix m;
	float *x, *y, *w;
	int64_t first[PARTITIONS + 2];
	char dir[64];
};

static void make(struct made *t)
{
	struct matrix_split *s = &t->m.splits[MATRIX_TRAIN];
	int64_t rows = PARTITIONS * (PARTITIONS + 1) / 2, at = 0;

	*t = (struct made){ .m = { .task = MATRIX_BINARY, .n_inputs = 1 } };
	t->x = xcalloc((size_t)rows, sizeof *t->x);
	t->y = xcalloc((size_t)rows, sizeof *t->y);
	t->w = xcalloc((size_t)rows, sizeof *t->w);
	strlist_add(&t->m.by, "city");
	for (int64_t i = 0; i < PARTITIONS; i++) {
		strlist_addf(&t->m.values, "v%lld", (long long)i);
		t->first[i] = at;
		for (int64_t k = 0; k <= i; k++, at++) {
			t->x[at] = (float)i;
			t->y[at] = i == 30 ? 1 : (float)(k & 1);
			t->w[at] = i == 40 ? 0 : 1;
		}
	}
	t->first[PARTITIONS] = t->first[PARTITIONS + 1] = at;
	s->present = true;
	s->rows = rows;
	s->x = (struct npy){ .rows = rows, .cols = 1, .data = t->x };
	s->y = (struct npy){ .rows = rows, .cols = 1, .data = t->y };
	s->w = (struct npy){ .rows = rows, .cols = 1, .data = t->w };
	s->first = t->first;
	strcpy(t->dir, "/tmp/mich-partitions-XXXXXX");
	assert_non_null(mkdtemp(t->dir));
}

static void unmake(struct made *t)
{
	file_remove_tree(t->dir);
	strlist_clear(&t->m.by);
	strlist_clear(&t->m.values);
	free(t->x);
	free(t->y);
	free(t->w);
}

/* "VALUE:ROWS;" of the rows that it was given. */
static int train(void *payload, const struct matrix *m, struct buf *weights, int64_t *rounds_out)
{
	const struct matrix_split *s = &m->splits[MATRIX_TRAIN];
	const float *x = s->x.data, *fails = payload;

	if (fails && x[0] == *fails)
		return error_set(ERR_FAIL, "training diverged");
	buf_addf(weights, "%g:%lld;", (double)x[0], (long long)s->rows);
	*rounds_out = 3;
	return 0;
}

/* One is told to end after so many were trained. */
static size_t end_after;
static struct partitions_progress last;

static bool wants_end(void *payload)
{
	(void)payload;
	return end_after && last.done - last.resumed >= end_after;
}

static void note(void *payload, const struct partitions_progress *p)
{
	(void)payload;
	last = *p;
}

static int run_kept(struct made *t, int threads, const float *fails, char *checkpoint)
{
	struct brief b = { .threads = threads, .partition_min_rows = 10, .checkpoint = checkpoint };
	struct partitions_ask ask = { .brief = &b,
				      .out = t->dir,
				      .matrix = &t->m,
				      .train = train,
				      .on_progress = note,
				      .wants_end = wants_end,
				      .of = "this",
				      .payload = (void *)fails };

	return partitions_train(&ask);
}

static int run(struct made *t, int threads, const float *fails)
{
	return run_kept(t, threads, fails, NULL);
}

static void the_file_is_in_order(void **state)
{
	struct buf want = BUF_INIT, got = BUF_INIT;
	char path[80];
	struct made t;

	(void)state;
	make(&t);
	for (int i = 9; i < PARTITIONS; i++)
		if (i != 30 && i != 40)
			buf_addf(&want, "%d:%d;", i, i + 1);
	for (int threads = 1; threads < 9; threads += 7) {
		assert_int_equal(run(&t, threads, NULL), 0);
		snprintf(path, sizeof path, "%s/partitions.bin", t.dir);
		buf_reset(&got);
		assert_int_equal(file_read(path, &got), 0);
		assert_string_equal(got.data, want.data);
	}
	buf_clear(&want);
	buf_clear(&got);
	unmake(&t);
}

static const char *parent_of(const json_t *list, size_t i)
{
	return json_str(json_array_get(json_object_get(list, "partitions"), i), "parent", "");
}

static void the_list_says_why(void **state)
{
	char path[80];
	json_t *list;
	struct made t;

	(void)state;
	make(&t);
	assert_int_equal(run(&t, 2, NULL), 0);
	snprintf(path, sizeof path, "%s/partitions.json", t.dir);
	assert_int_equal(json_read(path, &list), 0);
	assert_string_equal(parent_of(list, 8), "few rows");
	assert_string_equal(parent_of(list, 9), "");
	assert_string_equal(parent_of(list, 30), "one class");
	assert_string_equal(parent_of(list, 40), "no weight");
	json_decref(list);
	unmake(&t);
}

static void a_failure_names_the_value(void **state)
{
	const float fails = 21;
	char path[80];
	struct made t;

	(void)state;
	make(&t);
	assert_int_equal(run(&t, 4, &fails), ERR_FAIL);
	assert_string_equal(error_text(), "partition 'v21': training diverged");
	snprintf(path, sizeof path, "%s/partitions.bin", t.dir);
	assert_false(file_exists(path));
	unmake(&t);
}

static void cut_file(const char *path, size_t n)
{
	struct buf b = BUF_INIT;

	assert_int_equal(file_read(path, &b), 0);
	assert_true(b.len > n);
	unlink(path);
	assert_int_equal(file_write(path, b.data, n), 0);
	buf_clear(&b);
}

/* What was trained is not trained again, and the bytes are those of a run that nobody stopped. */
static void what_was_cut_short_goes_on(void **state)
{
	struct buf want = BUF_INIT, got = BUF_INIT;
	char bin[80], kept[80], log[96];
	struct made t;

	(void)state;
	make(&t);
	snprintf(bin, sizeof bin, "%s/partitions.bin", t.dir);
	snprintf(kept, sizeof kept, "%s/kept", t.dir);
	snprintf(log, sizeof log, "%s/partitions", kept);
	assert_int_equal(run(&t, 1, NULL), 0);
	assert_int_equal(file_read(bin, &want), 0);
	end_after = 7;
	assert_int_equal(run_kept(&t, 1, NULL, kept), ERR_BUSY);
	assert_string_equal(error_text(),
			    "told to end after 7 of 49 partitions: their models are kept");
	assert_int_equal(run_kept(&t, 3, NULL, kept), ERR_BUSY);
	assert_int_equal(last.resumed, 7);
	cut_file(log, 72 + 7 * (24 + 6) +
			      20); /* the eighth was being written; each has 6 or more bytes */
	assert_int_equal(run_kept(&t, 1, NULL, kept), ERR_BUSY);
	assert_in_range(last.resumed, 7, 8);
	end_after = 0;
	unlink(bin);
	assert_int_equal(run_kept(&t, 4, NULL, kept), 0);
	assert_in_range(last.resumed, 14, 15);
	assert_int_equal(file_read(bin, &got), 0);
	assert_string_equal(got.data, want.data);
	assert_int_equal(run_kept(&t, 2, NULL, kept), 0);
	assert_int_equal(last.resumed, 49);
	t.y[0] = 0;
	t.first[1]++; /* other rows: nothing of it is taken */
	assert_int_equal(run_kept(&t, 2, NULL, kept), 0);
	assert_int_equal(last.resumed, 0);
	buf_clear(&want);
	buf_clear(&got);
	unmake(&t);
}

static void a_long_value_is_cut_between_characters(void **state)
{
	struct buf b = BUF_INIT;
	struct made t;

	(void)state;
	make(&t);
	free(t.m.values.v[0]);
	t.m.values.v[0] = xmalloc(10001);
	for (size_t i = 0; i < 10000; i += 2)
		memcpy(t.m.values.v[0] + i, "\xc3\xa4", 2);
	t.m.values.v[0][10000] = '\0';
	matrix_partition_name(&t.m, 0, &b);
	assert_int_equal(b.len, 60 + 2 + 3);
	buf_clear(&b);
	unmake(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_file_is_in_order),
		cmocka_unit_test(the_list_says_why),
		cmocka_unit_test(a_failure_names_the_value),
		cmocka_unit_test(what_was_cut_short_goes_on),
		cmocka_unit_test(a_long_value_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
