/* fit.c - one pass over the train split, gathering what a contract states. */
#include "lib/model/fit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/base/strlist.h"
#include "lib/model/rows/cell.h"
#include "lib/model/task.h"

enum { CATEGORIES_DEFAULT = 4096 };

struct fit_column {
	const char *name; /* borrowed from fit.columns, or the label */
	enum frame_type type;
	int64_t missing, first_missing; /* rows; the first, from 1 */
	double min, max;		/* of numbers and times that are not missing */
	struct dict strings;
	int64_t *numbers; /* (n_numbers) sorted: distinct numbers of a label, see number_key() */
	size_t n_numbers, numbers_cap;
	bool many; /* more than TASK_CLASSES_MAX */
	bool key;  /* its values are categories */
};

struct fit {
	struct strlist columns, skip, keys;
	char *label;
	bool has_task;
	enum contract_task task;
	enum contract_mode mode;
	size_t max_categories;
	int64_t rows;
	bool begun;		 /* types are known */
	struct fit_column *cols; /* (columns.n) */
	struct fit_column target;
};

static int take_opts(struct fit *f, const struct fit_opts *opts)
{
	f->mode = opts->mode;
	f->max_categories = opts->max_categories ? opts->max_categories : CATEGORIES_DEFAULT;
	if (f->max_categories > CONTRACT_CATEGORIES)
		return error_set(ERR_INPUT, "%zu categories a column are too many, at most %d",
				 f->max_categories, CONTRACT_CATEGORIES);
	f->label = opts->label ? xstrdup(opts->label) : NULL;
	f->has_task = opts->task && strcmp(opts->task, "auto");
	if (f->has_task && contract_task_parse(opts->task, &f->task) < 0)
		return ERR_INPUT;
	for (size_t i = 0; i < opts->n_skip; i++)
		strlist_add(&f->skip, opts->skip[i]);
	for (size_t i = 0; i < opts->n_keys; i++) {
		if (f->label && !strcmp(f->label, opts->keys[i]))
			return error_set(ERR_INPUT,
					 "column '%s' is the label, and cannot part the rows too",
					 f->label);
		strlist_add(&f->keys, opts->keys[i]);
	}
	for (size_t i = 0; i < opts->n; i++) {
		if (strlist_has(&f->columns, opts->columns[i]))
			return error_set(ERR_INPUT, "column '%s' is named twice", opts->columns[i]);
		if (f->label && !strcmp(f->label, opts->columns[i]))
			return error_set(ERR_INPUT,
					 "column '%s' is the label, and cannot be an input too",
					 f->label);
		strlist_add(&f->columns, opts->columns[i]);
	}
	return 0;
}

int fit_new(const struct fit_opts *opts, struct fit **out)
{
	struct fit *f = xcalloc(1, sizeof(*f));
	int rc = take_opts(f, opts);

	if (rc < 0) {
		fit_free(f);
		f = NULL;
	}
	*out = f;
	return rc;
}

static void column_clear(struct fit_column *c)
{
	dict_clear(&c->strings);
	free(c->numbers);
}

void fit_free(struct fit *f)
{
	if (!f)
		return;
	for (size_t i = 0; f->cols && i < f->columns.n; i++)
		column_clear(&f->cols[i]);
	column_clear(&f->target);
	free(f->cols);
	free(f->label);
	strlist_clear(&f->columns);
	strlist_clear(&f->skip);
	strlist_clear(&f->keys);
	free(f);
}

int64_t fit_rows(const struct fit *f)
{
	return f->rows;
}

static int no_column(const struct frame *rows, const char *name)
{
	struct strlist names = STRLIST_INIT;

	for (size_t i = 0; i < rows->n; i++)
		strlist_add(&names, rows->cols[i].name);
	error_set(ERR_INPUT, "the data have no column '%s'", name);
	strlist_hint(ERR_INPUT, (const char *const *)names.v, names.n, name);
	strlist_clear(&names);
	return ERR_INPUT;
}

static int column_begin(const struct frame *rows, const char *name, struct fit_column *c)
{
	const struct frame_column *from = frame_find(rows, name);

	if (!from)
		return no_column(rows, name);
	*c = (struct fit_column){
		.name = name, .type = from->type, .min = INFINITY, .max = -INFINITY
	};
	return 0;
}

static int input_begin(const struct fit *f, const struct frame *rows, const char *name,
		       struct fit_column *c)
{
	int rc = column_begin(rows, name, c);

	c->key = !rc && strlist_has(&f->keys, name);
	if (!c->key || (c->type != FRAME_DOUBLE && c->type != FRAME_TIME))
		return rc;
	error_set(ERR_INPUT, "column '%s' is %s: partitions are by text, whole numbers or switches",
		  name, frame_type_name(c->type));
	return error_hint(ERR_INPUT, "cast it in the query of the data set: %s::VARCHAR", name);
}

static int begin(struct fit *f, const struct frame *rows)
{
	int rc = 0;

	for (size_t i = 0; !f->columns.n && i < f->skip.n; i++)
		if (!frame_find(rows, f->skip.v[i]))
			return no_column(rows, f->skip.v[i]);
	if (!f->columns.n)
		for (size_t i = 0; i < rows->n; i++)
			if (!strlist_has(&f->skip, rows->cols[i].name) &&
			    !strlist_has(&f->keys, rows->cols[i].name) &&
			    (!f->label || strcmp(f->label, rows->cols[i].name)))
				strlist_add(&f->columns, rows->cols[i].name);
	if (!f->columns.n)
		return error_set(ERR_INPUT, "the data have no column that could be an input");
	for (size_t i = 0; i < f->keys.n; i++)
		if (!strlist_has(&f->columns, f->keys.v[i]))
			strlist_add(&f->columns, f->keys.v[i]);
	free(f->cols);
	f->cols = xcalloc(f->columns.n, sizeof(*f->cols));
	for (size_t i = 0; i < f->columns.n && !rc; i++)
		rc = input_begin(f, rows, f->columns.v[i], &f->cols[i]);
	if (!rc && f->label)
		rc = column_begin(rows, f->label, &f->target);
	f->begun = !rc;
	return rc;
}

/* Numbers of one column as keys that tell them apart exactly. */
static int64_t number_key(const struct frame_column *from, int64_t row)
{
	double d;
	int64_t key;

	if (from->type == FRAME_BOOL)
		return from->b[row] != 0;
	if (from->type != FRAME_DOUBLE)
		return from->i[row];
	d = from->d[row] + 0.0;
	memcpy(&key, &d, sizeof key);
	return key;
}

static void add_number(struct fit_column *c, int64_t key)
{
	size_t lo = 0, hi = c->n_numbers;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (c->numbers[mid] < key)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < c->n_numbers && c->numbers[lo] == key)
		return;
	if (c->n_numbers == TASK_CLASSES_MAX) {
		c->many = true;
		return;
	}
	ARRAY_GROW(c->numbers, c->n_numbers, c->numbers_cap);
	memmove(c->numbers + lo + 1, c->numbers + lo, (c->n_numbers - lo) * sizeof(*c->numbers));
	c->numbers[lo] = key;
	c->n_numbers++;
}

static bool value_at(const struct frame_column *from, int64_t row, double *v)
{
	if (!frame_valid(from, row))
		return false;
	switch (from->type) {
	case FRAME_BOOL:
		*v = from->b[row] != 0;
		return true;
	case FRAME_DOUBLE:
		*v = from->d[row];
		return !isnan(*v);
	case FRAME_STRING:
		return from->s[row] != NULL;
	default:
		*v = (double)from->i[row];
		return true;
	}
}

/* A whole number or a switch as the text of its category (transform.c reads it alike). */
static void add_text(struct fit_column *c, const struct frame_column *from, int64_t row)
{
	char text[24];

	if (from->type == FRAME_BOOL)
		snprintf(text, sizeof text, "%s", from->b[row] ? "true" : "false");
	else
		snprintf(text, sizeof text, "%lld", (long long)from->i[row]);
	dict_add(&c->strings, text);
}

static void add_rows(struct fit_column *c, const struct frame_column *from, int64_t rows,
		     int64_t first, bool is_label)
{
	for (int64_t row = 0; row < rows; row++) {
		double v = 0;

		if (!value_at(from, row, &v)) {
			if (!c->missing++)
				c->first_missing = first + row;
			continue;
		}
		if (c->type == FRAME_STRING) {
			dict_add(&c->strings, from->s[row]);
			continue;
		}
		if (c->key) {
			add_text(c, from, row);
			continue;
		}
		c->min = v < c->min ? v : c->min;
		c->max = v > c->max ? v : c->max;
		if (is_label && !c->many)
			add_number(c, number_key(from, row));
	}
}

static int add_column(struct fit *f, struct fit_column *c, const struct frame *rows, bool is_label)
{
	const struct frame_column *from = frame_find(rows, c->name);

	if (!from)
		return no_column(rows, c->name);
	if (from->type != c->type)
		return error_set(ERR_INPUT, "column '%s' was %s and is %s from row %lld on",
				 c->name, frame_type_name(c->type), frame_type_name(from->type),
				 (long long)f->rows + 1);
	add_rows(c, from, rows->rows, f->rows + 1, is_label);
	return 0;
}

int fit_add(struct fit *f, const struct frame *rows)
{
	int rc = f->begun ? 0 : begin(f, rows);

	for (size_t i = 0; i < f->columns.n && !rc; i++)
		rc = add_column(f, &f->cols[i], rows, false);
	if (!rc && f->label)
		rc = add_column(f, &f->target, rows, true);
	if (!rc)
		f->rows += rows->rows;
	return rc;
}

static int finish_categories(struct fit *f, struct fit_column *from, struct contract_column *to)
{
	size_t most = from->key ? CONTRACT_CATEGORIES : f->max_categories;

	for (size_t i = 0; i < from->strings.n; i++) {
		json_t *s = json_string(from->strings.v[i].s);

		if (!s)
			return error_set(ERR_INPUT, "column '%s' holds text that is not UTF-8",
					 from->name);
		json_decref(s);
	}
	dict_sort(&from->strings);
	if (from->strings.n > most) {
		to->dropped = (int64_t)(from->strings.n - most);
		dict_cut(&from->strings, most);
	}
	to->categories = from->strings;
	from->strings = (struct dict)DICT_INIT;
	return 0;
}

/* Ranges are kept as finite numbers, since JSON has no others. */
static double bounded(double v)
{
	return isfinite(v) ? v : v < 0 ? -1.7976931348623157e308 : 1.7976931348623157e308;
}

static int finish_column(struct fit *f, struct fit_column *from, struct contract *c)
{
	struct contract_column *to = from->key ? contract_add_coded(c, from->name, from->type)
					       : contract_add(c, from->name, from->type);

	to->nullable = from->missing > 0;
	if (contract_coded(to))
		return finish_categories(f, from, to);
	if (from->min <= from->max && from->type != FRAME_BOOL) {
		to->ranged = true;
		to->min = bounded(from->min);
		to->max = bounded(from->max);
	}
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int by_double(const void *a, const void *b)
{
	double x, y;

	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return (x > y) - (x < y);
}

static void add_classes(struct fit_column *t, struct contract *c)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < t->strings.n; i++)
		strlist_add(&c->classes, t->strings.v[i].s);
	if (t->strings.n)
		qsort(c->classes.v, c->classes.n, sizeof(char *), by_text);
	if (t->type == FRAME_DOUBLE && t->n_numbers)
		qsort(t->numbers, t->n_numbers, sizeof(*t->numbers), by_double);
	for (size_t i = 0; i < t->n_numbers; i++) {
		double d;

		buf_reset(&b);
		memcpy(&d, &t->numbers[i], sizeof d);
		if (t->type == FRAME_BOOL)
			buf_addstr(&b, t->numbers[i] ? "true" : "false");
		else if (t->type == FRAME_DOUBLE)
			cell_put_double(&b, d);
		else
			buf_addf(&b, "%lld", (long long)t->numbers[i]);
		strlist_add(&c->classes, b.data);
	}
	buf_clear(&b);
}

static int judge_label(const struct fit *f, enum contract_task *out)
{
	const struct fit_column *c = &f->target;
	const struct task_label t = { .name = f->label,
				      .type = c->type,
				      .rows = f->rows,
				      .missing = c->missing,
				      .first_missing = c->first_missing,
				      .distinct =
					      c->type == FRAME_STRING ? c->strings.n : c->n_numbers,
				      .many = c->many,
				      .min = c->min,
				      .max = c->max };

	return task_choose(&t, f->has_task ? contract_task_name(f->task) : NULL, out);
}

static int finish_label(struct fit *f, struct contract *c)
{
	int rc = judge_label(f, &c->task);

	if (rc < 0)
		return rc;
	c->label = xstrdup(f->label);
	c->label_type = f->target.type;
	if (c->task == TASK_BINARY || c->task == TASK_MULTICLASS)
		add_classes(&f->target, c);
	for (size_t i = 0; i < c->classes.n; i++) {
		json_t *s = json_string(c->classes.v[i]);

		if (!s)
			return error_set(ERR_INPUT, "label '%s' holds text that is not UTF-8",
					 f->label);
		json_decref(s);
	}
	return 0;
}

int fit_finish(struct fit *f, struct contract *c)
{
	int rc = 0;

	if (!f->rows)
		return error_set(ERR_INPUT, "there are no rows to fit a model to");
	c->mode = f->mode;
	for (size_t i = 0; i < f->columns.n && !rc; i++)
		rc = finish_column(f, &f->cols[i], c);
	if (!rc && f->label)
		rc = finish_label(f, c);
	return rc;
}
