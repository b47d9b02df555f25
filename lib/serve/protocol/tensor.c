/* tensor.c - elements one by one into the sheet, and floats in one go where nothing is in the way. */
#include "lib/serve/protocol/tensor.h"

#include <math.h>
#include <string.h>

#include "lib/base/error.h"

enum { DEEPEST = 8 };

static const struct {
	const char *name;
	size_t bytes;
} types[TENSOR_TYPES] = {
	[TENSOR_BOOL] = { "BOOL", 1 },	   [TENSOR_UINT8] = { "UINT8", 1 },
	[TENSOR_UINT16] = { "UINT16", 2 }, [TENSOR_UINT32] = { "UINT32", 4 },
	[TENSOR_UINT64] = { "UINT64", 8 }, [TENSOR_INT8] = { "INT8", 1 },
	[TENSOR_INT16] = { "INT16", 2 },   [TENSOR_INT32] = { "INT32", 4 },
	[TENSOR_INT64] = { "INT64", 8 },   [TENSOR_FP16] = { "FP16", 2 },
	[TENSOR_BF16] = { "BF16", 2 },	   [TENSOR_FP32] = { "FP32", 4 },
	[TENSOR_FP64] = { "FP64", 8 },	   [TENSOR_BYTES] = { "BYTES", 0 },
};

int tensor_type_parse(const char *name, size_t n, enum tensor_type *out)
{
	for (int i = TENSOR_TYPES; i-- > 0;)
		if (n && types[i].name[0] == *name && strlen(types[i].name) == n &&
		    !memcmp(types[i].name, name, n)) {
			*out = (enum tensor_type)i;
			return 0;
		}
	return error_set(ERR_INPUT, "'%.*s' is no type of a tensor", n > 40 ? 40 : (int)n, name);
}

/* The value of an IEEE 754 binary16. */
static double half(uint16_t bits)
{
	int e = bits >> 10 & 31, m = bits & 1023;
	double v = e == 31 ? m ? NAN : INFINITY : e == 0 ? ldexp(m, -24) : ldexp(m + 1024, e - 25);

	return bits >> 15 ? -v : v;
}

static float bfloat(uint16_t bits)
{
	uint32_t wide = (uint32_t)bits << 16;
	float v;

	memcpy(&v, &wide, sizeof v);
	return v;
}

/* A value that may lie at any address. */
#define LOAD(T, p) (((const struct { T v; } __attribute__((packed, may_alias)) *)(p))->v)

static struct jsonscan_number whole(int64_t i)
{
	return (struct jsonscan_number){ .d = (double)i, .i = i, .whole = true };
}

static struct jsonscan_number large(uint64_t u)
{
	if (u <= INT64_MAX)
		return whole((int64_t)u);
	return (struct jsonscan_number){ .d = (double)u };
}

/* A number that is no bool and no text, as JSON would give it. */
static struct jsonscan_number number_at(enum tensor_type type, const char *p)
{
	switch (type) {
	case TENSOR_UINT8:
		return whole(LOAD(uint8_t, p));
	case TENSOR_UINT16:
		return whole(LOAD(uint16_t, p));
	case TENSOR_UINT32:
		return whole(LOAD(uint32_t, p));
	case TENSOR_UINT64:
		return large(LOAD(uint64_t, p));
	case TENSOR_INT8:
		return whole(LOAD(int8_t, p));
	case TENSOR_INT16:
		return whole(LOAD(int16_t, p));
	case TENSOR_INT32:
		return whole(LOAD(int32_t, p));
	case TENSOR_INT64:
		return whole(LOAD(int64_t, p));
	case TENSOR_FP16:
		return (struct jsonscan_number){ .d = half(LOAD(uint16_t, p)) };
	case TENSOR_BF16:
		return (struct jsonscan_number){ .d = (double)bfloat(LOAD(uint16_t, p)) };
	case TENSOR_FP32:
		return (struct jsonscan_number){ .d = (double)LOAD(float, p) };
	default:
		return (struct jsonscan_number){ .d = LOAD(double, p) };
	}
}

/* Floats into a column of doubles that holds nothing yet. */
static void put_floats(enum tensor_type type, const char *p, size_t step, int64_t rows,
		       struct sheet_column *c)
{
	for (int64_t i = 0; i < rows; i++, p += step)
		c->d[i] = type == TENSOR_FP32 ? (double)LOAD(float, p) : LOAD(double, p);
	memset(c->valid, 1, (size_t)rows);
	c->filled = rows;
}

static int put_column(enum tensor_type type, const char *p, size_t step, size_t column,
		      int64_t rows, struct sheet *s)
{
	struct sheet_column *c = &s->cols[column];
	int rc = 0;

	if ((type == TENSOR_FP32 || type == TENSOR_FP64) && !c->filled &&
	    s->contract->cols[column].type == FRAME_DOUBLE) {
		put_floats(type, p, step, rows, c);
		return 0;
	}
	for (int64_t i = 0; i < rows && !rc; i++, p += step) {
		struct jsonscan_number v = number_at(type, p);

		rc = type == TENSOR_BOOL ? sheet_put_bool(s, column, i, *p != 0)
					 : sheet_put_number(s, column, i, &v);
	}
	return rc;
}

static int put_texts(const char *p, size_t n, const struct tensor_place *to, struct sheet *s)
{
	const char *end = p + n;
	int rc = 0;

	for (int64_t row = 0; row < to->rows; row++)
		for (size_t k = 0; k < to->width && !rc; k++) {
			uint32_t length;

			if (end - p < 4)
				return error_set(ERR_NO, "its bytes end within an element");
			memcpy(&length, p, sizeof length);
			p += 4;
			if (length > (size_t)(end - p))
				return error_set(ERR_NO, "its bytes end within an element");
			rc = sheet_put_text(s, to->column + k, row, p, length);
			p += length;
		}
	if (!rc && p != end)
		rc = error_set(ERR_NO, "it has bytes behind its last element");
	return rc;
}

int tensor_bytes_put(enum tensor_type type, const char *data, size_t n,
		     const struct tensor_place *to, struct sheet *s)
{
	size_t each = types[type].bytes, step = each * to->width;
	int rc = 0;

	if (type == TENSOR_BYTES)
		return put_texts(data, n, to, s);
	if (n != step * (size_t)to->rows)
		return error_set(ERR_NO, "it has %zu bytes, but its shape takes %zu", n,
				 step * (size_t)to->rows);
	for (size_t k = 0; k < to->width && !rc; k++)
		rc = put_column(type, data + k * each, step, to->column + k, to->rows, s);
	return rc;
}

/* Is a number of JSON one that the tensor's type can hold? */
static bool fits(enum tensor_type type, const struct jsonscan_number *v)
{
	int bits = (int)types[type].bytes * 8;

	if (type >= TENSOR_FP16)
		return true;
	if (type >= TENSOR_INT8)
		return v->whole &&
		       (bits == 64 || (v->i >= -(1ll << (bits - 1)) && v->i < 1ll << (bits - 1)));
	if (type == TENSOR_UINT64)
		return v->d >= 0 &&
		       (v->whole || (v->d < 18446744073709551616.0 && v->d == floor(v->d)));
	return v->whole && v->i >= 0 && v->i < 1ll << bits;
}

/* The most frequent element: a number of a tensor of floats, for a column of doubles. */
static inline bool put_plain(enum tensor_type type, struct jsonscan *scan, size_t column,
			     int64_t row, struct sheet *s, int *rc)
{
	struct sheet_column *c = &s->cols[column];
	struct jsonscan_number v;

	if (type < TENSOR_FP16 || type > TENSOR_FP64 || row >= c->cap || c->valid[row] ||
	    s->contract->cols[column].type != FRAME_DOUBLE)
		return false;
	if ((*rc = jsonscan_number(scan, &v)) < 0 || isnan(v.d))
		return true;
	c->d[row] = v.d;
	c->valid[row] = 1;
	c->filled++;
	return true;
}

/* An element that JSON gives must be of the kind that the tensor's type says. */
static int put_element(enum tensor_type type, struct jsonscan *scan, enum jsonscan_kind kind,
		       size_t column, int64_t row, struct sheet *s)
{
	struct jsonscan_number v;
	int rc;

	if (kind == JSONSCAN_NUMBER && put_plain(type, scan, column, row, s, &rc))
		return rc;
	if (kind == JSONSCAN_NUMBER && type != TENSOR_BOOL && type != TENSOR_BYTES) {
		rc = jsonscan_number(scan, &v);
		if (rc || fits(type, &v))
			return rc ? rc : sheet_put_number(s, column, row, &v);
	}
	if (kind == JSONSCAN_NULL || kind == JSONSCAN_NOTHING ||
	    (kind == JSONSCAN_STRING && type == TENSOR_BYTES) ||
	    (kind == JSONSCAN_BOOL && type == TENSOR_BOOL))
		return sheet_put_json(s, column, row, scan);
	if (type == TENSOR_BOOL && kind == JSONSCAN_NUMBER) { /* 0 and 1, as some clients write */
		rc = jsonscan_number(scan, &v);
		if (rc || (v.whole && (v.i == 0 || v.i == 1)))
			return rc ? rc : sheet_put_bool(s, column, row, v.i != 0);
	}
	return error_set(ERR_INPUT, "cannot score row %lld: column '%s' holds %s in a tensor of %s",
			 (long long)row + 1, s->contract->cols[column].name,
			 kind == JSONSCAN_NUMBER ? "a number that does not fit"
						 : "another kind of value",
			 types[type].name);
}

int tensor_json_put(enum tensor_type type, struct jsonscan *scan, const struct tensor_place *to,
		    struct sheet *s)
{
	size_t item[DEEPEST] = { 0 }, k = 0;
	enum jsonscan_kind kind;
	int64_t row = 0;
	int depth = 0, rc;

	if ((rc = jsonscan_open(scan, '[')) < 0)
		return rc;
	for (;;) {
		if ((rc = jsonscan_item(scan, item[depth]++)) < 0)
			return rc;
		if (!rc) {
			if (!depth--)
				break;
			continue;
		}
		kind = jsonscan_kind(scan);
		if (kind == JSONSCAN_ARRAY) {
			if (++depth == DEEPEST)
				return error_set(ERR_NO, "its data is nested too deep");
			item[depth] = 0;
			jsonscan_open(scan, '[');
			continue;
		}
		if (row == to->rows)
			return error_set(ERR_NO, "it has more elements than its shape says");
		if ((rc = put_element(type, scan, kind, to->column + k, row, s)) < 0)
			return rc;
		if (++k == to->width)
			k = 0, row++;
	}
	if (row < to->rows)
		return error_set(ERR_NO, "it has %lld elements, but its shape takes %lld",
				 (long long)(row * (int64_t)to->width + (int64_t)k),
				 (long long)(to->rows * (int64_t)to->width));
	return 0;
}
