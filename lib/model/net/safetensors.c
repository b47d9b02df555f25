/* safetensors.c - read and write .safetensors. */
#include "lib/model/net/safetensors.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"

enum { LENGTH_BYTES = 8, ALIGN = 8 };

static const struct {
	const char *name;
	size_t bytes;
	enum safetensors_type type;
} types[] = {
	{ "F32", 4, SAFETENSORS_F32 },	     { "I64", 8, SAFETENSORS_I64 },
	{ "U8", 1, SAFETENSORS_U8 },	     { "BOOL", 1, SAFETENSORS_OTHER },
	{ "I8", 1, SAFETENSORS_OTHER },	     { "F8_E4M3", 1, SAFETENSORS_OTHER },
	{ "F8_E5M2", 1, SAFETENSORS_OTHER }, { "I16", 2, SAFETENSORS_OTHER },
	{ "U16", 2, SAFETENSORS_OTHER },     { "F16", 2, SAFETENSORS_OTHER },
	{ "BF16", 2, SAFETENSORS_OTHER },    { "I32", 4, SAFETENSORS_OTHER },
	{ "U32", 4, SAFETENSORS_OTHER },     { "F64", 8, SAFETENSORS_OTHER },
	{ "U64", 8, SAFETENSORS_OTHER },     { "C64", 8, SAFETENSORS_OTHER },
	{ "F8_E8M0", 1, SAFETENSORS_OTHER },
};

/* A JSON number as a size; false where it is none. */
static bool size_of(const json_t *v, size_t *out)
{
	if (!json_is_integer(v) || json_integer_value(v) < 0)
		return false;
	*out = (size_t)json_integer_value(v);
	return true;
}

static int parse_type(const char *name, const json_t *v, struct safetensor *t, size_t *bytes)
{
	const char *text = json_string_value(v);

	for (size_t i = 0; text && i < ARRAY_LEN(types); i++)
		if (!strcmp(types[i].name, text)) {
			t->type = types[i].type;
			*bytes = types[i].bytes;
			return 0;
		}
	return error_set(ERR_CORRUPT, "tensor '%.100s' is of type '%.20s', which is not known",
			 name, text ? text : "?");
}

/* Multiply the dimensions into *bytes. */
static int parse_dims(const char *name, const json_t *v, struct safetensor *t, size_t *bytes)
{
	if (!json_is_array(v) || json_array_size(v) > SAFETENSORS_DIMS)
		return error_set(ERR_CORRUPT,
				 "tensor '%.100s' has no shape of at most %d dimensions", name,
				 SAFETENSORS_DIMS);
	t->n_dims = json_array_size(v);
	for (size_t i = 0; i < t->n_dims; i++)
		if (!size_of(json_array_get(v, i), &t->dims[i]) ||
		    !mem_mul(*bytes, t->dims[i], bytes))
			return error_set(ERR_CORRUPT, "tensor '%.100s' has a bad shape", name);
	return 0;
}

/* data is where the numbers of the file begin; n of them. */
static int parse_tensor(const char *name, const json_t *v, const char *data, size_t n,
			struct safetensor *t)
{
	const json_t *range = json_object_get(v, "data_offsets");
	size_t from, to;
	int rc;

	if ((rc = parse_type(name, json_object_get(v, "dtype"), t, &t->bytes)) < 0 ||
	    (rc = parse_dims(name, json_object_get(v, "shape"), t, &t->bytes)) < 0)
		return rc;
	if (json_array_size(range) != 2 || !size_of(json_array_get(range, 0), &from) ||
	    !size_of(json_array_get(range, 1), &to) || from > to || to > n)
		return error_set(ERR_CORRUPT, "tensor '%.100s' lies outside the file", name);
	if (to - from != t->bytes)
		return error_set(ERR_CORRUPT,
				 "tensor '%.100s' has %zu bytes, its shape asks for %zu", name,
				 to - from, t->bytes);
	t->data = data + from;
	return 0;
}

static int parse_metadata(json_t *v, struct safetensors *out)
{
	const char *key;
	json_t *e;

	if (!json_is_object(v))
		return error_set(ERR_CORRUPT, "its metadata is no object");
	json_object_foreach(v, key, e)
		if (!json_is_string(e))
			return error_set(ERR_CORRUPT, "its metadata '%.100s' is no string", key);
	out->metadata = json_incref(v);
	return 0;
}

static int by_data(const void *a, const void *b)
{
	const struct safetensor *s = a, *t = b;

	if (s->data != t->data)
		return (const char *)s->data < (const char *)t->data ? -1 : 1;
	if (s->bytes != t->bytes)
		return s->bytes < t->bytes ? -1 : 1;
	return strcmp(s->name, t->name);
}

/* The tensors, in order, are the data: nothing between them, nothing twice, nothing left. */
static int check_cover(const struct safetensors *s, const char *data, size_t n)
{
	const char *at = data;

	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i].data != at)
			return error_set(ERR_CORRUPT,
					 "tensor '%.100s' does not begin where the one before ends",
					 s->v[i].name);
		at += s->v[i].bytes;
	}
	if (at != data + n)
		return error_set(ERR_CORRUPT, "%zu bytes behind the last tensor",
				 n - (size_t)(at - data));
	return 0;
}

static int parse_header(json_t *header, const char *data, size_t n, struct safetensors *out)
{
	const char *name;
	json_t *e;
	int rc = 0;

	if (!json_is_object(header))
		return error_set(ERR_CORRUPT, "its header is no object");
	if (mem_alloc(json_object_size(header), sizeof(*out->v), &out->v) < 0)
		return ERR_FAIL;
	json_object_foreach(header, name, e) {
		struct safetensor *t = &out->v[out->n];

		if (!strcmp(name, "__metadata__"))
			rc = parse_metadata(e, out);
		else if (!(rc = parse_tensor(name, e, data, n, t))) {
			t->name = xstrdup(name);
			out->n++;
		}
		if (rc < 0)
			return rc;
	}
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_data);
	return check_cover(out, data, n);
}

int safetensors_parse(const void *data, size_t n, struct safetensors *out)
{
	const unsigned char *p = data;
	json_t *header = NULL;
	uint64_t head = 0;
	int rc;

	*out = (struct safetensors){ 0 };
	if (n < LENGTH_BYTES)
		return error_set(ERR_CORRUPT, "it has %zu bytes: no safetensors file", n);
	for (int i = LENGTH_BYTES; i-- > 0;)
		head = head << 8 | p[i];
	if (head > SAFETENSORS_HEADER_MAX || head > n - LENGTH_BYTES)
		return error_set(ERR_CORRUPT,
				 "its header is cut short, or it is no safetensors file");
	if (!(rc = json_parse((const char *)p + LENGTH_BYTES, head, "its header", &header)))
		rc = parse_header(header, (const char *)p + LENGTH_BYTES + head,
				  n - LENGTH_BYTES - head, out);
	json_decref(header);
	return rc;
}

void safetensors_clear(struct safetensors *s)
{
	for (size_t i = 0; i < s->n; i++)
		free((char *)s->v[i].name);
	free(s->v);
	json_decref(s->metadata);
	*s = (struct safetensors){ 0 };
}

const struct safetensor *safetensors_find(const struct safetensors *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->v[i].name, name))
			return &s->v[i];
	return NULL;
}

int safetensors_floats(const struct safetensors *s, const char *name, const size_t *dims,
		       size_t n_dims, float *out)
{
	const struct safetensor *t = safetensors_find(s, name);

	if (!t)
		return error_set(ERR_CORRUPT, "it has no tensor '%s'", name);
	if (t->type != SAFETENSORS_F32)
		return error_set(ERR_CORRUPT, "tensor '%s' is not of type F32", name);
	for (size_t i = 0; i < n_dims; i++)
		if (t->n_dims == n_dims && t->dims[i] != dims[i])
			return error_set(ERR_CORRUPT, "tensor '%s': dimension %zu is %zu, want %zu",
					 name, i, t->dims[i], dims[i]);
	if (t->n_dims != n_dims)
		return error_set(ERR_CORRUPT, "tensor '%s' has %zu dimensions, want %zu", name,
				 t->n_dims, n_dims);
	memcpy(out, t->data, t->bytes);
	return 0;
}

/* "text" as JSON. */
static void put_string(const char *text, struct buf *out)
{
	json_t *v = json_string(text);

	json_canonical(v, out);
	json_decref(v);
}

static void put_tensor(const struct safetensor *t, size_t at, struct buf *out)
{
	const char *type = "";

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (types[i].type == t->type && t->type != SAFETENSORS_OTHER)
			type = types[i].name;
	put_string(t->name, out);
	buf_addf(out, ":{\"dtype\":\"%s\",\"shape\":[", type);
	for (size_t i = 0; i < t->n_dims; i++)
		buf_addf(out, i ? ",%zu" : "%zu", t->dims[i]);
	buf_addf(out, "],\"data_offsets\":[%zu,%zu]}", at, at + t->bytes);
}

/* Length and header, so long that the numbers begin at a multiple of ALIGN. */
static void put_header(const struct safetensor *v, size_t n, const json_t *metadata,
		       struct buf *out)
{
	unsigned char head[LENGTH_BYTES];
	size_t at = 0, len;

	buf_add(out, "\0\0\0\0\0\0\0\0{", LENGTH_BYTES + 1);
	if (metadata) {
		buf_addstr(out, "\"__metadata__\":");
		json_canonical(metadata, out);
	}
	for (size_t i = 0; i < n; i++) {
		if (i || metadata)
			buf_addch(out, ',');
		put_tensor(&v[i], at, out);
		at += v[i].bytes;
	}
	buf_addch(out, '}');
	while (out->len % ALIGN)
		buf_addch(out, ' ');
	len = out->len - LENGTH_BYTES;
	for (int i = 0; i < LENGTH_BYTES; i++)
		head[i] = (unsigned char)(len >> (8 * i));
	memcpy(out->data, head, LENGTH_BYTES);
}

int safetensors_write(const char *path, const struct safetensor *v, size_t n,
		      const json_t *metadata)
{
	struct buf head = BUF_INIT;
	struct file_whole w;
	int rc = file_whole_open(path, &w);

	if (rc < 0)
		return rc;
	put_header(v, n, metadata, &head);
	rc = file_write_fd(w.fd, head.data, head.len);
	for (size_t i = 0; !rc && i < n; i++)
		rc = file_write_fd(w.fd, v[i].data, v[i].bytes);
	buf_clear(&head);
	return file_whole_end(&w, rc ? error_wrap(rc, "'%s'", path) : 0);
}

void safetensors_put(const struct safetensor *v, size_t n, const json_t *metadata, struct buf *out)
{
	struct buf head = BUF_INIT;

	put_header(v, n, metadata, &head);
	buf_add(out, head.data, head.len);
	for (size_t i = 0; i < n; i++)
		buf_add(out, v[i].data, v[i].bytes);
	buf_clear(&head);
}
