/* doc-ubj.c - UBJSON into a doc: what XGBoost writes, big-endian, with typed arrays. */
#include "lib/model/trees/doc.h"

#include <endian.h>
#include <string.h>

#include "lib/base/error.h"

struct reader {
	struct doc *doc;
	const uint8_t *start, *p, *end;
};

static int bad(struct reader *r, const char *what)
{
	return error_set(ERR_CORRUPT, "cannot read UBJSON: %s at byte %zu", what,
			 (size_t)(r->p - r->start));
}

static int no_memory(void)
{
	return error_set(ERR_FAIL, "cannot get memory for the model");
}

static size_t left(const struct reader *r)
{
	return (size_t)(r->end - r->p);
}

/* Bytes of a number or bool by its type; 0: no such type. T and F carry no bytes. */
static size_t width(int type)
{
	switch (type) {
	case 'i':
	case 'U':
	case 'B': /* XGBoost's byte */
		return 1;
	case 'I':
		return 2;
	case 'l':
	case 'd':
		return 4;
	case 'L':
	case 'D':
		return 8;
	default:
		return 0;
	}
}

static uint64_t big_endian(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

static double decode(int type, const uint8_t *p)
{
	uint64_t v = big_endian(p, width(type));
	uint32_t v32 = (uint32_t)v;
	float f;
	double d;

	switch (type) {
	case 'i':
		return (int8_t)v;
	case 'I':
		return (int16_t)v;
	case 'l':
		return (int32_t)v32;
	case 'L':
		return (double)(int64_t)v;
	case 'd':
		memcpy(&f, &v32, sizeof f);
		return f;
	case 'D':
		memcpy(&d, &v, sizeof d);
		return d;
	default:
		return (double)v;
	}
}

static int take(struct reader *r, int *out)
{
	if (r->p == r->end)
		return bad(r, "the end");
	*out = *r->p++;
	return 0;
}

/* A length: an integer with its type before it. */
static int length(struct reader *r, size_t *out)
{
	int type = 0;
	double v;

	if (take(r, &type) < 0)
		return ERR_CORRUPT;
	if (!width(type) || type == 'd' || type == 'D' || left(r) < width(type))
		return bad(r, "bad length");
	v = decode(type, r->p);
	r->p += width(type);
	if (v < 0 || v > (double)left(r))
		return bad(r, "a length beyond the end");
	*out = (size_t)v;
	return 0;
}

static int string(struct reader *r, const char **out, size_t *n_out)
{
	char *copy;

	if (length(r, n_out) < 0)
		return ERR_CORRUPT;
	if (memchr(r->p, 0, *n_out))
		return bad(r, "a NUL in a string");
	copy = doc_alloc(r->doc, *n_out + 1);
	if (!copy)
		return no_memory();
	memcpy(copy, r->p, *n_out);
	copy[*n_out] = '\0';
	r->p += *n_out;
	*out = copy;
	return 0;
}

static int value(struct reader *r, int type, int depth, struct doc_value *out);

/* n numbers of one type: the types that trees are full of in loops of their own. */
static void decode_all(int type, const uint8_t *p, size_t n, double *out)
{
	size_t w = width(type);
	uint32_t bits;
	float f;

	if (type == 'd')
		for (size_t i = 0; i < n; i++) {
			memcpy(&bits, p + 4 * i, sizeof bits);
			bits = be32toh(bits);
			memcpy(&f, &bits, sizeof f);
			out[i] = f;
		}
	else if (type == 'l')
		for (size_t i = 0; i < n; i++) {
			memcpy(&bits, p + 4 * i, sizeof bits);
			out[i] = (int32_t)be32toh(bits);
		}
	else if (type == 'U')
		for (size_t i = 0; i < n; i++)
			out[i] = p[i];
	else
		for (size_t i = 0; i < n; i++)
			out[i] = decode(type, p + w * i);
}

/* [$T#N: N numbers without markers. */
static int typed_array(struct reader *r, int type, size_t n, struct doc_value *out)
{
	size_t w = width(type);
	double *v;

	if (!w)
		return bad(r, "a typed array of what is no number");
	if (n > left(r) / w)
		return bad(r, "an array beyond the end");
	v = doc_alloc(r->doc, n * sizeof(*v));
	if (!v)
		return no_memory();
	decode_all(type, r->p, n, v);
	r->p += n * w;
	*out = (struct doc_value){ .type = n ? DOC_NUMBERS : DOC_ARRAY, .n = n };
	if (n)
		out->numbers = v;
	return 0;
}

/* Are all of these numbers? Then they become one flat array. */
static int flatten(struct reader *r, struct doc_value *a)
{
	double *v;

	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].type != DOC_NUMBER && a->v[i].type != DOC_BOOL)
			return 0;
	if (!a->n)
		return 0;
	v = doc_alloc(r->doc, a->n * sizeof(*v));
	if (!v)
		return no_memory();
	for (size_t i = 0; i < a->n; i++)
		v[i] = a->v[i].number;
	a->type = DOC_NUMBERS;
	a->numbers = v;
	return 0;
}

/* One more element: memory doubles within the document, where the old half is left behind. */
static struct doc_value *push(struct reader *r, struct doc_value **v, size_t *n, size_t *cap)
{
	if (*n == *cap) {
		size_t more = *cap ? 2 * *cap : 8;
		struct doc_value *grown = doc_alloc(r->doc, more * sizeof(*grown));

		if (!grown)
			return NULL;
		if (*n)
			memcpy(grown, *v, *n * sizeof(*grown));
		*v = grown;
		*cap = more;
	}
	return &(*v)[(*n)++];
}

/* [#N with N values, or [ with values up to ]. */
static int loose_array(struct reader *r, bool counted, size_t want, int depth,
		       struct doc_value *out)
{
	struct doc_value *v = NULL, *slot;
	size_t n = 0, cap = 0;
	int type = 0, rc;

	while (!counted || n < want) {
		if (take(r, &type) < 0)
			return ERR_CORRUPT;
		if (!counted && type == ']')
			break;
		slot = push(r, &v, &n, &cap);
		if (!slot)
			return no_memory();
		if ((rc = value(r, type, depth + 1, slot)) < 0)
			return rc;
	}
	*out = (struct doc_value){ .type = DOC_ARRAY, .n = n, .v = v };
	return flatten(r, out);
}

static int array(struct reader *r, int depth, struct doc_value *out)
{
	int type = 0;
	size_t n = 0;

	if (left(r) > 1 && *r->p == '$') {
		type = r->p[1];
		r->p += 2;
	}
	if (r->p == r->end || *r->p != '#')
		return type ? bad(r, "an array with a type but no length")
			    : loose_array(r, false, 0, depth, out);
	r->p++;
	if (length(r, &n) < 0)
		return ERR_CORRUPT;
	return type ? typed_array(r, type, n, out) : loose_array(r, true, n, depth, out);
}

static struct doc_member *push_member(struct reader *r, struct doc_member **v, size_t *n,
				      size_t *cap)
{
	if (*n == *cap) {
		size_t more = *cap ? 2 * *cap : 8;
		struct doc_member *grown = doc_alloc(r->doc, more * sizeof(*grown));

		if (!grown)
			return NULL;
		if (*n)
			memcpy(grown, *v, *n * sizeof(*grown));
		*v = grown;
		*cap = more;
	}
	return &(*v)[(*n)++];
}

static int object(struct reader *r, int depth, struct doc_value *out)
{
	struct doc_member *v = NULL;
	size_t n = 0, cap = 0, bytes, want = 0;
	bool counted = r->p < r->end && *r->p == '#';
	int type = 0, rc;

	if (counted) {
		r->p++;
		if (length(r, &want) < 0)
			return ERR_CORRUPT;
	}
	while (!counted || n < want) {
		struct doc_member *m;

		if (!counted && r->p < r->end && *r->p == '}') {
			r->p++;
			break;
		}
		if (!(m = push_member(r, &v, &n, &cap)))
			return no_memory();
		if ((rc = string(r, &m->key, &bytes)) < 0 || (rc = take(r, &type)) < 0 ||
		    (rc = value(r, type, depth + 1, &m->value)) < 0)
			return rc;
	}
	*out = (struct doc_value){ .type = DOC_OBJECT, .n = n, .members = v };
	return 0;
}

static int value(struct reader *r, int type, int depth, struct doc_value *out)
{
	size_t w = width(type);

	*out = (struct doc_value){ .type = DOC_NULL };
	if (depth > DOC_DEPTH)
		return bad(r, "nested too deep");
	if (w) {
		if (left(r) < w)
			return bad(r, "the end");
		*out = (struct doc_value){ .type = DOC_NUMBER, .number = decode(type, r->p) };
		r->p += w;
		return 0;
	}
	switch (type) {
	case '{':
		return object(r, depth, out);
	case '[':
		return array(r, depth, out);
	case 'S':
		out->type = DOC_STRING;
		return string(r, &out->s, &out->n);
	case 'T':
	case 'F':
		*out = (struct doc_value){ .type = DOC_BOOL, .number = type == 'T' };
		return 0;
	case 'Z':
		return 0;
	default:
		return bad(r, "an unknown type");
	}
}

int doc_ubj(const uint8_t *data, size_t n, struct doc **out)
{
	struct reader r = { doc_new(), data, data, data + n };
	int type = 0, rc = take(&r, &type);

	if (!rc)
		rc = value(&r, type, 0, doc_root_slot(r.doc));
	if (!rc && r.p != r.end)
		rc = bad(&r, "more bytes after the value");
	if (rc < 0) {
		doc_free(r.doc);
		r.doc = NULL;
	}
	*out = r.doc;
	return rc;
}
