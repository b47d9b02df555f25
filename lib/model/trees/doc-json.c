/* doc-json.c - strict JSON into a doc. Arrays of numbers go straight into flat memory. */
#include "lib/model/trees/doc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/model/rows/cell.h"

struct reader {
	struct doc *doc;
	const char *start, *p, *end;
};

static int bad(struct reader *r, const char *what)
{
	return error_set(ERR_CORRUPT, "cannot read JSON: %s at byte %zu", what,
			 (size_t)(r->p - r->start));
}

static int no_memory(void)
{
	return error_set(ERR_FAIL, "cannot get memory for the model");
}

static void blanks(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\t' || *r->p == '\r'))
		r->p++;
}

static bool word(struct reader *r, const char *w)
{
	size_t n = strlen(w);

	if ((size_t)(r->end - r->p) < n || memcmp(r->p, w, n))
		return false;
	r->p += n;
	return true;
}

/*
 * A decimal is meant as a float: where its double lies halfway between two floats, rounding twice
 * could miss the nearest one, so that one is read as a float.
 */
static double as_float(const char *text, size_t n, double d)
{
	char s[64];
	uint64_t bits;

	memcpy(&bits, &d, sizeof bits);
	if ((bits & 0x1fffffff) != 0x10000000 || n >= sizeof s)
		return d;
	memcpy(s, text, n);
	s[n] = '\0';
	return (double)strtof(s, NULL);
}

static bool number_char(char c)
{
	return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static int number(struct reader *r, double *out)
{
	const char *start = r->p;
	bool decimal = false;

	if (word(r, "NaN")) /* XGBoost writes them so */
		return *out = NAN, 0;
	if (word(r, "Infinity"))
		return *out = INFINITY, 0;
	if (word(r, "-Infinity"))
		return *out = -INFINITY, 0;
	for (; r->p < r->end && number_char(*r->p); r->p++)
		decimal |= *r->p == '.' || *r->p == 'e' || *r->p == 'E';
	if (r->p == start || *start == '+' || !cell_double(start, (size_t)(r->p - start), out))
		return bad(r, "no value");
	if (decimal)
		*out = as_float(start, (size_t)(r->p - start), *out);
	return 0;
}

static int hex4(struct reader *r, unsigned *out)
{
	*out = 0;
	for (int i = 0; i < 4; i++, r->p++) {
		char c = r->p < r->end ? *r->p : 0;

		if (c >= '0' && c <= '9')
			*out = *out * 16 + (unsigned)(c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			*out = *out * 16 + (unsigned)((c | 32) - 'a' + 10);
		else
			return bad(r, "bad \\u escape");
	}
	return 0;
}

static void put_utf8(struct buf *b, unsigned c)
{
	if (c < 0x80) {
		buf_addch(b, (char)c);
	} else if (c < 0x800) {
		buf_addch(b, (char)(0xc0 | c >> 6));
		buf_addch(b, (char)(0x80 | (c & 63)));
	} else if (c < 0x10000) {
		buf_addch(b, (char)(0xe0 | c >> 12));
		buf_addch(b, (char)(0x80 | (c >> 6 & 63)));
		buf_addch(b, (char)(0x80 | (c & 63)));
	} else {
		buf_addch(b, (char)(0xf0 | c >> 18));
		buf_addch(b, (char)(0x80 | (c >> 12 & 63)));
		buf_addch(b, (char)(0x80 | (c >> 6 & 63)));
		buf_addch(b, (char)(0x80 | (c & 63)));
	}
}

static int unicode(struct reader *r, struct buf *b)
{
	unsigned c, low;

	if (hex4(r, &c) < 0)
		return ERR_CORRUPT;
	if (c >= 0xdc00 && c < 0xe000)
		return bad(r, "half of a surrogate pair");
	if (c >= 0xd800 && c < 0xdc00) {
		if (!word(r, "\\u") || hex4(r, &low) < 0 || low < 0xdc00 || low >= 0xe000)
			return bad(r, "half of a surrogate pair");
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	if (!c)
		return bad(r, "a NUL in a string");
	put_utf8(b, c);
	return 0;
}

static int escape(struct reader *r, struct buf *b)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;
	char c = r->p < r->end ? *r->p++ : 0;

	if (c == 'u')
		return unicode(r, b);
	at = c ? strchr(from, c) : NULL;
	if (!at)
		return bad(r, "bad escape");
	buf_addch(b, to[at - from]);
	return 0;
}

static int keep(struct reader *r, const char *s, size_t n, const char **out)
{
	char *copy = doc_alloc(r->doc, n + 1);

	if (!copy)
		return no_memory();
	memcpy(copy, s, n);
	copy[n] = '\0';
	*out = copy;
	return 0;
}

static int string(struct reader *r, const char **out, size_t *n_out)
{
	struct buf b = BUF_INIT;
	int rc = 0;

	r->p++;
	while (!rc) {
		const char *start = r->p;

		while (r->p < r->end && *r->p != '"' && *r->p != '\\' && (unsigned char)*r->p >= 32)
			r->p++;
		buf_add(&b, start, (size_t)(r->p - start));
		if (r->p == r->end || (unsigned char)*r->p < 32)
			rc = bad(r, "a string without end");
		else if (*r->p++ == '"')
			break;
		else
			rc = escape(r, &b);
	}
	if (!rc)
		rc = keep(r, b.data, b.len, out);
	*n_out = b.len;
	buf_clear(&b);
	return rc;
}

static int value(struct reader *r, int depth, struct doc_value *out);

static bool scalar_number(const struct doc_value *v)
{
	return v->type == DOC_NUMBER || v->type == DOC_BOOL;
}

/* Elements while they all are numbers, then, from the first other one on, values. */
struct elements {
	double *numbers;
	struct doc_value *values;
	size_t n, cap;
	bool mixed;
};

static void elements_add(struct elements *e, const struct doc_value *v)
{
	if (!e->mixed && !scalar_number(v)) {
		e->mixed = true;
		e->values = xcalloc(e->cap, sizeof(*e->values));
		for (size_t i = 0; i < e->n; i++)
			e->values[i] =
				(struct doc_value){ .type = DOC_NUMBER, .number = e->numbers[i] };
	}
	if (e->n == e->cap) {
		e->cap = e->cap ? 2 * e->cap : 8;
		if (e->mixed)
			e->values = xrealloc(e->values, e->cap * sizeof(*e->values));
		else
			e->numbers = xrealloc(e->numbers, e->cap * sizeof(*e->numbers));
	}
	if (e->mixed)
		e->values[e->n++] = *v;
	else
		e->numbers[e->n++] = v->number;
}

static int elements_keep(struct reader *r, const struct elements *e, struct doc_value *out)
{
	size_t bytes = e->n * (e->mixed ? sizeof(*e->values) : sizeof(*e->numbers));
	void *copy = doc_alloc(r->doc, bytes);

	if (!copy)
		return no_memory();
	if (e->n)
		memcpy(copy, e->mixed ? (void *)e->values : (void *)e->numbers, bytes);
	*out = (struct doc_value){ .type = e->n && !e->mixed ? DOC_NUMBERS : DOC_ARRAY, .n = e->n };
	if (out->type == DOC_NUMBERS)
		out->numbers = copy;
	else
		out->v = copy;
	return 0;
}

static int array(struct reader *r, int depth, struct doc_value *out)
{
	struct elements e = { 0 };
	int rc = 0;

	r->p++;
	blanks(r);
	if (!word(r, "]"))
		for (;;) {
			struct doc_value v;

			if ((rc = value(r, depth + 1, &v)) < 0)
				break;
			elements_add(&e, &v);
			blanks(r);
			if (word(r, "]"))
				break;
			if (!word(r, ",")) {
				rc = bad(r, "want ',' or ']'");
				break;
			}
		}
	if (!rc)
		rc = elements_keep(r, &e, out);
	free(e.numbers);
	free(e.values);
	return rc;
}

static int member(struct reader *r, int depth, struct doc_member *m)
{
	size_t n;
	int rc;

	blanks(r);
	if (r->p == r->end || *r->p != '"')
		return bad(r, "want a key");
	if ((rc = string(r, &m->key, &n)) < 0)
		return rc;
	blanks(r);
	if (!word(r, ":"))
		return bad(r, "want ':'");
	return value(r, depth + 1, &m->value);
}

static int object(struct reader *r, int depth, struct doc_value *out)
{
	struct doc_member *v = NULL, *copy;
	size_t n = 0, cap = 0;
	int rc = 0;

	r->p++;
	blanks(r);
	if (!word(r, "}"))
		for (;;) {
			ARRAY_GROW(v, n, cap);
			if ((rc = member(r, depth, &v[n])) < 0)
				break;
			n++;
			blanks(r);
			if (word(r, "}"))
				break;
			if (!word(r, ",")) {
				rc = bad(r, "want ',' or '}'");
				break;
			}
		}
	copy = doc_alloc(r->doc, n * sizeof(*v));
	if (!rc && !copy)
		rc = no_memory();
	if (!rc && n)
		memcpy(copy, v, n * sizeof(*v));
	*out = (struct doc_value){ .type = DOC_OBJECT, .n = n, .members = copy };
	free(v);
	return rc;
}

static int value(struct reader *r, int depth, struct doc_value *out)
{
	*out = (struct doc_value){ .type = DOC_NULL };
	blanks(r);
	if (depth > DOC_DEPTH)
		return bad(r, "nested too deep");
	if (r->p == r->end)
		return bad(r, "the end");
	switch (*r->p) {
	case '{':
		return object(r, depth, out);
	case '[':
		return array(r, depth, out);
	case '"':
		out->type = DOC_STRING;
		return string(r, &out->s, &out->n);
	default:
		break;
	}
	if (word(r, "null"))
		return 0;
	out->type = DOC_BOOL;
	if (word(r, "true"))
		return out->number = 1, 0;
	if (word(r, "false"))
		return out->number = 0, 0;
	out->type = DOC_NUMBER;
	return number(r, &out->number);
}

int doc_json(const char *data, size_t n, struct doc **out)
{
	struct reader r = { doc_new(), data, data, data + n };
	int rc = value(&r, 0, doc_root_slot(r.doc));

	blanks(&r);
	if (!rc && r.p != r.end)
		rc = bad(&r, "more bytes after the value");
	if (rc < 0) {
		doc_free(r.doc);
		r.doc = NULL;
	}
	*out = r.doc;
	return rc;
}
