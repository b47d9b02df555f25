/* transform.c - column by column: read the raw value, check it, write its inputs. */
#include "lib/model/transform.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/model/rows/cell.h"

/* One column on its way into the matrix. */
struct job {
	const struct contract *contract;
	const struct contract_column *col;
	const struct frame_column *from;
	struct counts_column *counts;
	int64_t first; /* number of the frame's first row */
	int64_t rows;
	float *x; /* the column's first input in the first row */
};

float transform_float(double v)
{
	if (v > FLT_MAX)
		return FLT_MAX;
	return v < -FLT_MAX ? -FLT_MAX : (float)v;
}

static int refuse(const struct job *j, int64_t row, const char *why)
{
	return error_set(ERR_INPUT, "cannot score row %lld: column '%s' %s",
			 (long long)(j->first + row), j->col->name, why);
}

static bool is_missing(const struct job *j, int64_t row)
{
	const struct frame_column *f = j->from;

	return !frame_valid(f, row) || (f->type == FRAME_STRING && !f->s[row]) ||
	       (f->type == FRAME_DOUBLE && isnan(f->d[row]));
}

static int missing(const struct job *j, int64_t row)
{
	for (size_t k = 0; k < j->col->n_parts; k++)
		j->x[(size_t)row * j->contract->inputs + k] = NAN;
	if (j->col->nullable)
		return 0;
	j->counts->missing++;
	if (j->contract->mode == CONTRACT_REJECT)
		return refuse(j, row, "is missing, and never was in training");
	return 0;
}

static int check_range(const struct job *j, int64_t row, double v)
{
	char why[128];

	if (!j->col->ranged || (v >= j->col->min && v <= j->col->max))
		return 0;
	j->counts->range++;
	if (j->contract->mode != CONTRACT_REJECT)
		return 0;
	snprintf(why, sizeof why, "is %.17g, and was %.17g to %.17g in training", v, j->col->min,
		 j->col->max);
	return refuse(j, row, why);
}

static int cast_failed(const struct job *j, int64_t row)
{
	char why[160];

	snprintf(why, sizeof why, "holds '%.60s', want %s",
		 j->from->type == FRAME_STRING ? j->from->s[row] : "a value that does not fit",
		 frame_type_name(j->col->type));
	return refuse(j, row, why);
}

/* Text as the column's type. */
static bool number_of_text(enum frame_type want, const char *s, double *out)
{
	size_t n = strlen(s);
	int64_t i;
	bool b;

	switch (want) {
	case FRAME_BOOL:
		if (!cell_bool(s, n, &b))
			return false;
		*out = b;
		return true;
	case FRAME_INT:
	case FRAME_TIME:
		if (!(want == FRAME_INT ? cell_int(s, n, &i) : cell_time(s, n, &i)))
			return false;
		*out = (double)i;
		return true;
	default:
		return cell_double(s, n, out);
	}
}

/* The raw value of a number, a bool or a time; false where it cannot be cast. */
static bool number_at(const struct job *j, int64_t row, double *out)
{
	const struct frame_column *f = j->from;

	switch (f->type) {
	case FRAME_BOOL:
		*out = f->b[row] != 0;
		return true;
	case FRAME_DOUBLE:
		*out = f->d[row];
		return j->col->type != FRAME_BOOL || *out == 0 || *out == 1;
	case FRAME_STRING:
		return number_of_text(j->col->type, f->s[row], out);
	default:
		*out = (double)f->i[row];
		return j->col->type != FRAME_BOOL || *out == 0 || *out == 1;
	}
}

/* The most frequent value: a double where one is wanted, there, and within the range. */
static inline bool plain_double(const struct job *j, int64_t row, double *out)
{
	const struct frame_column *f = j->from;
	double v;

	if (f->type != FRAME_DOUBLE || j->col->type != FRAME_DOUBLE || !frame_valid(f, row))
		return false;
	v = *out = f->d[row];
	return j->col->ranged ? v >= j->col->min && v <= j->col->max : !isnan(v);
}

static int apply_numbers(struct job *j)
{
	double v;
	int rc;

	for (int64_t row = 0; row < j->rows; row++) {
		if (plain_double(j, row, &v)) {
			j->x[(size_t)row * j->contract->inputs] = transform_float(v);
			continue;
		}
		if (is_missing(j, row)) {
			if ((rc = missing(j, row)) < 0)
				return rc;
			continue;
		}
		if (!number_at(j, row, &v))
			return cast_failed(j, row);
		if (isnan(v)) /* "nan" as text */
			rc = missing(j, row);
		else
			rc = check_range(j, row, v);
		if (rc < 0)
			return rc;
		j->x[(size_t)row * j->contract->inputs] = transform_float(v);
	}
	return 0;
}

static void put_time(const struct job *j, int64_t us, float *x)
{
	int64_t hours = us / 3600000000 - (us % 3600000000 < 0);
	int64_t days = hours / 24 - (hours % 24 < 0), weekday = (days + 3) % 7;
	int y, m, d;

	cell_date(days, &y, &m, &d);
	for (size_t k = 0; k < j->col->n_parts; k++)
		switch (j->col->parts[k]) {
		case PART_HOUR:
			x[k] = (float)(hours - days * 24);
			break;
		case PART_WEEKDAY:
			x[k] = (float)(weekday < 0 ? weekday + 7 : weekday);
			break;
		default:
			x[k] = (float)m;
		}
}

static int apply_times(struct job *j)
{
	int64_t us;
	int rc;

	for (int64_t row = 0; row < j->rows; row++) {
		if (is_missing(j, row)) {
			if ((rc = missing(j, row)) < 0)
				return rc;
			continue;
		}
		if (j->from->type == FRAME_TIME)
			us = j->from->i[row];
		else if (!cell_time(j->from->s[row], strlen(j->from->s[row]), &us))
			return cast_failed(j, row);
		if ((rc = check_range(j, row, (double)us)) < 0)
			return rc;
		put_time(j, us, &j->x[(size_t)row * j->contract->inputs]);
	}
	return 0;
}

/* The text of a value that is no string, as training would have read it. */
static const char *text_at(const struct job *j, int64_t row, struct buf *b)
{
	const struct frame_column *f = j->from;

	buf_reset(b);
	switch (f->type) {
	case FRAME_STRING:
		return f->s[row];
	case FRAME_BOOL:
		return f->b[row] ? "true" : "false";
	case FRAME_INT:
		buf_addf(b, "%lld", (long long)f->i[row]);
		break;
	case FRAME_DOUBLE:
		cell_put_double(b, f->d[row] + 0.0); /* no "-0" */
		break;
	case FRAME_TIME:
		cell_put_time(b, f->i[row]);
	}
	return b->data;
}

static int unknown(const struct job *j, int64_t row, const char *text)
{
	char why[128];

	j->counts->unknown++;
	if (j->contract->mode != CONTRACT_REJECT || j->col->dropped)
		return 0;
	snprintf(why, sizeof why, "is '%.60s', which the model does not know", text);
	return refuse(j, row, why);
}

static int apply_codes(struct job *j)
{
	struct buf b = BUF_INIT;
	int rc = 0;

	for (int64_t row = 0; row < j->rows && !rc; row++) {
		const char *text;
		int64_t code;

		if (is_missing(j, row)) {
			rc = missing(j, row);
			continue;
		}
		text = text_at(j, row, &b);
		code = dict_find(&j->col->categories, text);
		if (code < 0)
			rc = unknown(j, row, text);
		j->x[(size_t)row * j->contract->inputs] = code < 0 ? NAN : (float)code;
	}
	buf_clear(&b);
	return rc;
}

/* May values of type `have` stand where the contract wants `want`? */
static bool castable(enum frame_type want, enum frame_type have)
{
	if (want == FRAME_STRING || have == FRAME_STRING)
		return true;
	return want != FRAME_TIME && have != FRAME_TIME;
}

static int check_type(const struct job *j)
{
	enum frame_type want = j->col->type, have = j->from->type;
	bool widening = want == FRAME_DOUBLE && have == FRAME_INT;

	if (want == have || widening)
		return 0;
	if (j->contract->mode == CONTRACT_COERCE && castable(want, have)) {
		j->counts->cast += j->rows;
		return 0;
	}
	error_set(ERR_INPUT, "cannot score: column '%s' is %s, want %s", j->col->name,
		  frame_type_name(have), frame_type_name(want));
	if (castable(want, have) && j->contract->mode != CONTRACT_COERCE)
		error_hint(ERR_INPUT, "cast it in the query, or train with contract = coerce");
	return ERR_INPUT;
}

static int apply_column(struct job *j)
{
	int rc = check_type(j);

	if (rc < 0)
		return rc;
	if (contract_coded(j->col))
		return apply_codes(j);
	return j->col->type == FRAME_TIME ? apply_times(j) : apply_numbers(j);
}

/* Most frames have the contract's columns in its order. */
static const struct frame_column *find(const struct frame *f, size_t guess, const char *name)
{
	if (guess < f->n && (f->cols[guess].name == name || !strcmp(f->cols[guess].name, name)))
		return &f->cols[guess];
	return frame_find(f, name);
}

int transform_apply(const struct contract *c, const struct frame *f, float *x,
		    struct counts *counts)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct contract_column *col = &c->cols[i];
		struct job j = { .contract = c,
				 .col = col,
				 .counts = &counts->cols[i],
				 .first = counts->rows + 1,
				 .rows = f->rows,
				 .x = x + col->input };
		int rc;

		j.from = find(f, i, col->name);
		if (!j.from)
			return error_set(ERR_INPUT, "cannot score: column '%s' (%s) is missing",
					 col->name, frame_type_name(col->type));
		if ((rc = apply_column(&j)) < 0)
			return rc;
	}
	counts->rows += f->rows;
	return 0;
}

static int64_t class_at(const struct contract *c, const struct frame_column *f, int64_t row,
			struct buf *b)
{
	struct job j = { .from = f };
	const char *text = text_at(&j, row, b);

	for (size_t k = 0; k < c->classes.n; k++)
		if (!strcmp(c->classes.v[k], text))
			return (int64_t)k;
	return -1;
}

static int label_rows(const struct contract *c, const struct frame_column *f, int64_t rows,
		      int64_t first_row, float *y)
{
	struct job j = { .from = f };
	struct contract_column number = { .type = FRAME_DOUBLE };
	struct buf b = BUF_INIT;
	int rc = 0;

	j.col = &number;
	for (int64_t row = 0; row < rows && !rc; row++) {
		int64_t k = -1;
		double v = NAN;

		if (is_missing(&j, row))
			rc = error_set(ERR_INPUT, "label '%s' is missing in row %lld", c->label,
				       (long long)(first_row + row));
		else if (c->classes.n && (k = class_at(c, f, row, &b)) < 0)
			rc = error_set(
				ERR_INPUT,
				"label '%s' is '%.60s' in row %lld, which is no class of the model",
				c->label, text_at(&j, row, &b), (long long)(first_row + row));
		else if (!c->classes.n)
			number_at(&j, row, &v);
		y[row] = c->classes.n ? (float)k : transform_float(v);
	}
	buf_clear(&b);
	return rc;
}

int transform_label(const struct contract *c, const struct frame *f, int64_t first_row, float *y)
{
	const struct frame_column *from = c->label ? frame_find(f, c->label) : NULL;
	bool widening;

	if (!c->label)
		return error_set(ERR_INPUT, "the model states no label");
	if (!from)
		return error_set(ERR_INPUT, "label '%s' is missing", c->label);
	widening = !c->classes.n && from->type <= FRAME_DOUBLE && c->label_type <= FRAME_DOUBLE;
	if (from->type != c->label_type && !widening)
		return error_set(ERR_INPUT, "label '%s' is %s, want %s", c->label,
				 frame_type_name(from->type), frame_type_name(c->label_type));
	return label_rows(c, from, f->rows, first_row, y);
}
