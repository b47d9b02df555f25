/*
 * three_ways.c - batch, stream and request give the same bits: models of every kind score the same
 * rows as typed columns, as CSV and JSON lines in pieces, and as requests in every shape.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/base/json.h"
#include "lib/model/rows/csvrows.h"
#include "lib/model/ensemble.h"
#include "lib/model/joined.h"
#include "lib/model/rows/jsonrows.h"
#include "tests/lib/desktop.h"

enum { ROWS = 257, COLUMNS = 6 };

static struct desktop t;

/* The rows, typed as a Parquet file gives them. */
static struct {
	double a[ROWS], b[ROWS];
	int64_t n[ROWS], time[ROWS];
	const char *s[ROWS];
	uint8_t flag[ROWS], valid[COLUMNS][ROWS];
	struct frame_column cols[COLUMNS];
	struct frame f;
} rows;

static double awkward(uint64_t *seed)
{
	static const double odd[] = { 0,      -0.0,    1e300,	 -1e300, 5e-324, 1e-40,
				      0.1,    1.0 / 3, 16777217, 2.5e-7, 1e22,	 9007199254740993.0,
				      1e-310, 3.4e38,  3.5e38,	 -2 };
	uint64_t bits = grown_next(seed);
	double v;

	switch (bits % 4) {
	case 0:
		return odd[bits / 4 % ARRAY_LEN(odd)];
	case 1:
		return (double)(float)(grown_uniform(seed) * 4 - 1);
	case 2:
		bits = (grown_next(seed) & 0x800fffffffffffffull) |
		       (uint64_t)(1023 - 40 + grown_next(seed) % 80) << 52;
		memcpy(&v, &bits, sizeof v);
		return v;
	default:
		return grown_uniform(seed) * 4 - 1;
	}
}

static void rows_make(uint64_t seed)
{
	static const char *const texts[] = {
		"AA",  "UA",	     "a,b", "\"q\"", "\xc3\xa9\xe2\x82\xac",
		"new", "line\nfeed", "NaN", "7",     "true"
	};

	for (int i = 0; i < ROWS; i++) {
		rows.a[i] = awkward(&seed);
		rows.b[i] = awkward(&seed);
		rows.n[i] = (int64_t)(grown_next(&seed) >> grown_next(&seed) % 60) - 3;
		rows.time[i] = (int64_t)(grown_next(&seed) % 4000000000000000) - 2000000000000000;
		rows.s[i] = texts[grown_next(&seed) % ARRAY_LEN(texts)];
		rows.flag[i] = grown_next(&seed) & 1;
		for (int k = 0; k < COLUMNS; k++)
			rows.valid[k][i] = grown_next(&seed) % 8 != 0;
	}
	rows.cols[0] = (struct frame_column){ "a", FRAME_DOUBLE, .d = rows.a, rows.valid[0] };
	rows.cols[1] = (struct frame_column){ "b", FRAME_DOUBLE, .d = rows.b, rows.valid[1] };
	rows.cols[2] = (struct frame_column){ "n", FRAME_INT, .i = rows.n, rows.valid[2] };
	rows.cols[3] = (struct frame_column){ "time", FRAME_TIME, .i = rows.time, rows.valid[3] };
	rows.cols[4] = (struct frame_column){ "s", FRAME_STRING, .s = rows.s, rows.valid[4] };
	rows.cols[5] = (struct frame_column){ "flag", FRAME_BOOL, .b = rows.flag, rows.valid[5] };
	rows.f = (struct frame){ ROWS, COLUMNS, rows.cols };
}

static void contract_make(enum contract_task task, int classes, enum frame_type label,
			  enum contract_mode mode, struct contract *c)
{
	struct contract_column *col;

	*c = (struct contract)CONTRACT_INIT;
	c->task = task;
	c->mode = mode;
	c->label_type = label;
	for (int i = 0; i < classes; i++)
		strlist_addf(&c->classes, label == FRAME_BOOL ? (i ? "true" : "false") : "%d", i);
	for (int i = 0; i < COLUMNS; i++) {
		col = contract_add(c, rows.cols[i].name, rows.cols[i].type);
		col->nullable = i % 2;
		col->ranged = col->type == FRAME_DOUBLE || col->type == FRAME_INT;
		col->min = -1;
		col->max = 1e6;
		if (col->type != FRAME_STRING)
			continue;
		dict_add(&col->categories, "AA");
		dict_add(&col->categories, "a,b");
		dict_add(&col->categories, "\xc3\xa9\xe2\x82\xac");
		dict_add(&col->categories, "7");
	}
}

/* What batch said: (ROWS, k) floats. */
static struct scores want = SCORES_INIT;

static void same_floats(const struct scores *got, int64_t first, const char *way)
{
	if (memcmp(got->v, want.v + (size_t)first * want.k,
		   (size_t)got->rows * want.k * sizeof *want.v) != 0)
		fail_msg("%s gives other bits", way);
}

struct stream {
	const struct model *m;
	struct scores scores;
	int64_t rows;
	const char *way;
};

static int score_piece(const struct frame *f, void *payload)
{
	struct stream *s = payload;

	assert_int_equal(model_score(s->m, f, 1, &s->scores), 0);
	same_floats(&s->scores, s->rows, s->way);
	s->rows += f->rows;
	return 0;
}

static void stream_csv(const struct model *m, const struct buf *text, size_t piece)
{
	struct stream s = { .m = m, .scores = SCORES_INIT, .way = "CSV" };
	struct csvrows *r;

	csvrows_new(&(struct csvrows_opts){ .contract = model_contract(m), .max_rows = 50 }, &r);
	for (size_t i = 0; i < text->len; i += piece)
		assert_int_equal(csvrows_feed(r, text->data + i,
					      text->len - i < piece ? text->len - i : piece,
					      score_piece, &s),
				 0);
	assert_int_equal(csvrows_end(r, score_piece, &s), 0);
	assert_int_equal(s.rows, ROWS);
	csvrows_free(r);
	scores_clear(&s.scores);
}

static void stream_json(const struct model *m, const struct buf *text, size_t piece)
{
	struct stream s = { .m = m, .scores = SCORES_INIT, .way = "JSON lines" };
	struct jsonrows *r;

	jsonrows_new(&(struct jsonrows_opts){ .contract = model_contract(m), .max_rows = 60 }, &r);
	for (size_t i = 0; i < text->len; i += piece)
		assert_int_equal(jsonrows_feed(r, text->data + i,
					       text->len - i < piece ? text->len - i : piece,
					       score_piece, &s),
				 0);
	assert_int_equal(jsonrows_end(r, score_piece, &s), 0);
	assert_int_equal(s.rows, ROWS);
	jsonrows_free(r);
	scores_clear(&s.scores);
}

/* The answer's floats, as the desk scored them and as its text reads back. */
static void same_answer(const char *way)
{
	const struct frame *f = t.answer.rows_out;
	size_t floats = t.answer.floats;

	if (t.answer.status != 200)
		fail_msg("%s: %s", way, t.answer.body.data);
	assert_int_equal(t.answer.rows, ROWS);
	for (size_t k = floats; k < f->n; k++)
		for (int64_t i = 0; i < ROWS; i++) {
			float got = (float)f->cols[k].d[i];

			if (memcmp(&got, &want.v[(size_t)i * want.k + (k - floats)], sizeof got) !=
			    0)
				fail_msg("%s gives other bits in row %d", way, (int)i + 1);
		}
}

static void read_back(const json_t *list, size_t k, const char *member)
{
	assert_int_equal(json_array_size(list), ROWS);
	for (size_t i = 0; i < ROWS; i++) {
		const json_t *v = json_array_get(list, i);
		float got = (float)json_number_value(member ? json_object_get(v, member) : v);

		assert_memory_equal(&got, &want.v[i * want.k + k], sizeof got);
	}
}

static void ask_frames(const struct buf *lines, const struct buf *csv)
{
	struct buf body = BUF_INIT;
	const struct frame *said;
	json_t *v = NULL;

	buf_addstr(&body, "{\"dataframe_records\":[");
	buf_add(&body, lines->data, lines->len - 1);
	for (char *p = body.data; (p = strstr(p, "}\n{")) != NULL;)
		p[1] = ',';
	buf_addstr(&body, "]}");
	desktop_post(&t, "/invocations", body.data);
	same_answer("records");
	said = t.answer.rows_out;
	assert_int_equal(json_parse(t.answer.body.data, t.answer.body.len, "answer", &v), 0);
	for (size_t k = t.answer.floats; k < said->n; k++)
		read_back(json_object_get(v, "predictions"), k - t.answer.floats,
			  said->n > 1 ? said->cols[k].name : NULL);
	json_decref(v);
	desktop_bytes(&t, "POST", "/invocations", "content-type: text/csv", csv->data, csv->len);
	same_answer("CSV as a request");
	buf_clear(&body);
}

/* One value as JSON, with all digits of a double. */
static void put(const struct frame_column *c, int64_t row, struct buf *out)
{
	struct frame f = { 1, 1, NULL };
	struct frame_column one = *c;
	struct buf line = BUF_INIT;
	const char *colon;

	one.name = "x";
	one.valid = c->valid + row;
	if (c->type == FRAME_BOOL)
		one.b = c->b + row;
	else
		one.i = c->i + row;
	f.cols = &one;
	jsonrows_put(&f, 1, &line);
	colon = line.data + 5; /* {"x":...}\n */
	buf_add(out, colon, line.len - 7);
	buf_clear(&line);
}

static void put_list(const struct frame_column *c, struct buf *out)
{
	buf_addch(out, '[');
	for (int64_t i = 0; i < ROWS; i++) {
		if (i)
			buf_addch(out, ',');
		put(c, i, out);
	}
	buf_addch(out, ']');
}

static const char *type_of(enum frame_type type)
{
	return type == FRAME_DOUBLE ? "FP64"
	       : type == FRAME_INT  ? "INT64"
	       : type == FRAME_BOOL ? "BOOL"
				    : "BYTES";
}

static void ask_columns(void)
{
	struct buf body = BUF_INIT, tensors = BUF_INIT;

	buf_addstr(&body, "{\"inputs\":{");
	buf_addstr(&tensors, "{\"inputs\":[");
	for (int k = COLUMNS; k-- > 0;) {
		buf_addf(&body, "\"%s\":", rows.cols[k].name);
		put_list(&rows.cols[k], &body);
		buf_addf(&tensors, "{\"datatype\":\"%s\",\"shape\":[%d],\"data\":",
			 type_of(rows.cols[k].type), ROWS);
		put_list(&rows.cols[k], &tensors);
		buf_addf(&tensors, ",\"name\":\"%s\"}", rows.cols[k].name);
		buf_addstr(&body, k ? "," : "}}");
		buf_addstr(&tensors, k ? "," : "]}");
	}
	desktop_post(&t, "/invocations", body.data);
	same_answer("columns");
	desktop_post(&t, "/v1/models/m:predict", body.data);
	same_answer("columns of KServe v1");
	desktop_post(&t, "/v2/models/m/infer", tensors.data);
	same_answer("tensors");
	buf_clear(&body);
	buf_clear(&tensors);
}

/* A column as bytes; a missing double is NaN. False: the column has other missing values. */
static bool put_bytes(const struct frame_column *c, struct buf *out)
{
	for (int64_t i = 0; i < ROWS; i++) {
		double v = frame_valid(c, i) ? c->d[i] : NAN;
		uint32_t n;

		if (c->type == FRAME_DOUBLE) {
			buf_add(out, &v, sizeof v);
			continue;
		}
		if (!frame_valid(c, i))
			return false;
		if (c->type == FRAME_INT)
			buf_add(out, &c->i[i], sizeof c->i[i]);
		if (c->type == FRAME_BOOL)
			buf_addch(out, (char)c->b[i]);
		if (c->type == FRAME_STRING) {
			n = (uint32_t)strlen(c->s[i]);
			buf_add(out, &n, sizeof n);
			buf_add(out, c->s[i], n);
		}
	}
	return c->type != FRAME_TIME;
}

/* Columns of doubles as bytes behind the JSON, and the answer as bytes too. */
static void ask_binary(void)
{
	struct buf head = BUF_INIT, bytes = BUF_INIT;
	const float *tail;
	char header[80];

	buf_addstr(&head, "{\"parameters\":{\"binary_data_output\":true},\"inputs\":[");
	for (int k = 0; k < COLUMNS; k++) {
		size_t before = bytes.len;

		buf_addf(&head, "%s{\"name\":\"%s\",\"datatype\":\"%s\",\"shape\":[%d],",
			 k ? "," : "", rows.cols[k].name, type_of(rows.cols[k].type), ROWS);
		if (put_bytes(&rows.cols[k], &bytes)) {
			buf_addf(&head, "\"parameters\":{\"binary_data_size\":%zu}}",
				 bytes.len - before);
			continue;
		}
		bytes.len = before;
		buf_addstr(&head, "\"data\":");
		put_list(&rows.cols[k], &head);
		buf_addch(&head, '}');
	}
	buf_addstr(&head, "]}");
	snprintf(header, sizeof header, "inference-header-content-length: %zu", head.len);
	buf_add(&head, bytes.data, bytes.len);
	desktop_bytes(&t, "POST", "/v2/models/m/infer", header, head.data, head.len);
	same_answer("binary tensors");
	if (t.answer.rows_out->n == 1) {
		tail = (const float *)(t.answer.body.data + t.answer.body.len) - ROWS;
		assert_memory_equal(tail, want.v, ROWS * sizeof *want.v);
	}
	buf_clear(&head);
	buf_clear(&bytes);
}

static void one_by_one(const struct model *m)
{
	struct scores s = SCORES_INIT;

	for (int64_t i = 0; i < ROWS; i += 16) {
		struct frame_column cols[COLUMNS];
		struct frame f = { 1, COLUMNS, cols };

		for (int k = 0; k < COLUMNS; k++) {
			cols[k] = rows.cols[COLUMNS - 1 - k]; /* in another order */
			cols[k].valid += i;
			if (cols[k].type == FRAME_BOOL)
				cols[k].b += i;
			else
				cols[k].i += i;
		}
		assert_int_equal(model_score(m, &f, 1, &s), 0);
		same_floats(&s, i, "a row alone");
	}
	scores_clear(&s);
}

static const struct kind {
	const char *objective;
	enum contract_task task;
	int classes, trees;
	enum frame_type label;
} kinds[] = {
	{ "reg:squarederror", TASK_REGRESSION, 0, 30, FRAME_DOUBLE },
	{ "reg:absoluteerror", TASK_REGRESSION, 0, 1, FRAME_DOUBLE },
	{ "reg:logistic", TASK_REGRESSION, 0, 20, FRAME_DOUBLE },
	{ "count:poisson", TASK_REGRESSION, 0, 20, FRAME_INT },
	{ "reg:gamma", TASK_REGRESSION, 0, 20, FRAME_DOUBLE },
	{ "reg:tweedie", TASK_REGRESSION, 0, 20, FRAME_DOUBLE },
	{ "binary:logistic", TASK_BINARY, 2, 40, FRAME_BOOL },
	{ "binary:logistic", TASK_BINARY, 2, 40, FRAME_STRING },
	{ "binary:logistic", TASK_BINARY, 2, 7, FRAME_INT },
	{ "multi:softprob", TASK_MULTICLASS, 5, 50, FRAME_STRING },
	{ "multi:softmax", TASK_MULTICLASS, 3, 30, FRAME_INT },
	{ "rank:ndcg", TASK_RANKING, 0, 25, FRAME_INT },
	{ "rank:pairwise", TASK_RANKING, 0, 25, FRAME_INT },
};

static void every_way(const struct model *m)
{
	struct buf csv = BUF_INIT, lines = BUF_INIT;

	assert_int_equal(model_score(m, &rows.f, 2, &want), 0);
	csvrows_put_names(&rows.f, &csv);
	csvrows_put(&rows.f, COLUMNS, &csv);
	jsonrows_put(&rows.f, COLUMNS, &lines);
	one_by_one(m);
	stream_csv(m, &csv, csv.len);
	stream_csv(m, &csv, 77);
	stream_json(m, &lines, lines.len);
	stream_json(m, &lines, 33);
	ask_frames(&lines, &csv);
	ask_columns();
	ask_binary();
	buf_clear(&csv);
	buf_clear(&lines);
	scores_clear(&want);
}

static void of_kind(const struct kind *k, enum contract_mode mode, uint64_t seed)
{
	struct contract c;
	struct grown g = {
		k->objective, k->task == TASK_MULTICLASS ? k->classes : 0, 0, k->trees, 6, -2, 8,
		seed
	};

	rows_make(seed * 77 + 5);
	contract_make(k->task, k->classes, k->label, mode, &c);
	every_way(desktop_put(&t, "m", "1", &g, &c));
	contract_clear(&c);
}

/* Another model of the same rows: other columns, in another order, and other categories. */
static void contract_other(const struct contract *c, struct contract *out)
{
	struct contract_column *col;

	*out = (struct contract)CONTRACT_INIT;
	out->task = c->task;
	out->mode = c->mode;
	out->label_type = c->label_type;
	for (size_t i = 0; i < c->classes.n; i++)
		strlist_add(&out->classes, c->classes.v[i]);
	for (size_t i = c->n - 1; i > 0; i--) {
		col = contract_add(out, c->cols[i].name, c->cols[i].type);
		col->nullable = true;
		if (col->type != FRAME_STRING)
			continue;
		dict_add(&col->categories, "7");
		dict_add(&col->categories, "UA");
		dict_add(&col->categories, "AA");
	}
}

static void of_ensemble(const struct kind *k, enum ensemble_combine combine, bool passthrough,
			uint64_t seed)
{
	struct grown g = {
		k->objective, k->task == TASK_MULTICLASS ? k->classes : 0, 0, k->trees, 6, -2, 8,
		seed
	};
	struct ensemble e = { .combine = combine, .passthrough = passthrough };
	struct joined j = JOINED_INIT;
	struct contract a, b, stage = CONTRACT_INIT;
	struct model *members[2];
	char *dir = xasprintf("%s/m@1", t.dir), *inner[2];

	rows_make(seed * 77 + 5);
	contract_make(k->task, k->classes, k->label, CONTRACT_WARN, &a);
	contract_other(&a, &b);
	ensemble_add(&e, "a", 0.75);
	ensemble_add(&e, "b", 0.5);
	assert_int_equal(joined_add(&j, &a, "a"), 0);
	assert_int_equal(joined_add(&j, &b, "b"), 0);
	assert_int_equal(grown_inside(dir, "a", g, &a), 0);
	g.seed++;
	assert_int_equal(grown_inside(dir, "b", g, &b), 0);
	for (int i = 0; i < 2; i++) {
		inner[i] = path_join(dir, e.v[i].name);
		assert_int_equal(model_open(inner[i], &members[i]), 0);
	}
	stage.task = a.task;
	stage.label_type = a.label_type;
	for (size_t i = 0; i < a.classes.n; i++)
		strlist_add(&stage.classes, a.classes.v[i]);
	ensemble_answers(&e, members, &stage);
	for (size_t i = 0; passthrough && i < j.contract.n; i++)
		joined_copy_column(&stage, &j.contract.cols[i]);
	assert_int_equal(grown_inside(dir, ENSEMBLE_FINAL, g, &stage), 0);
	assert_int_equal(model_write_ensemble(dir, &j.contract, &e), 0);
	every_way(desktop_serve(&t, "m", "1", dir, seed));
	for (int i = 0; i < 2; i++) {
		model_free(members[i]);
		free(inner[i]);
	}
	contract_clear(&stage);
	contract_clear(&a);
	contract_clear(&b);
	joined_clear(&j);
	ensemble_clear(&e);
	free(dir);
}

static void ensembles(void **state)
{
	static const int of[] = { 0, 7, 9, 11 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(of); i++) {
		const struct kind *k = &kinds[of[i]];

		of_ensemble(k, ENSEMBLE_MEAN, false, 200 + i);
		of_ensemble(k, ENSEMBLE_WEIGHTED, false, 210 + i);
		of_ensemble(k, ENSEMBLE_STACKED, false, 220 + i);
		of_ensemble(k, ENSEMBLE_STACKED, true, 230 + i);
		if (k->classes)
			of_ensemble(k, ENSEMBLE_VOTE, false, 240 + i);
	}
}

static void every_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		of_kind(&kinds[i], CONTRACT_WARN, i + 1);
		of_kind(&kinds[i], CONTRACT_COERCE, i + 100);
	}
}

static int set_up(void **state)
{
	(void)state;
	desktop_open(&t);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	desktop_close(&t);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind),
		cmocka_unit_test(ensembles),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
