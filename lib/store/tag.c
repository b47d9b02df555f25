/* tag.c - annotated git tags. */
#define _GNU_SOURCE
#include "lib/store/tag.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

/* The rest of the line that begins with key at *p, NULL when another one stands there. */
static const char *header(const char **p, const char *end, const char *key, size_t *len)
{
	size_t n = strlen(key);
	const char *nl = memchr(*p, '\n', (size_t)(end - *p)), *value;

	if (!nl || (size_t)(nl - *p) < n || memcmp(*p, key, n) != 0)
		return NULL;
	value = *p + n;
	*len = (size_t)(nl - value);
	*p = nl + 1;
	return value;
}

static bool read_type(const char *v, size_t len, enum object_type *out)
{
	static const char *const names[] = { "commit", "tree", "blob", "tag" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strlen(names[i]) == len && !memcmp(names[i], v, len)) {
			*out = (enum object_type)(OBJECT_COMMIT + i);
			return true;
		}
	return false;
}

/* "Name <mail> seconds +zone"; a tag of old has none. */
static bool read_tagger(const char *v, size_t len, struct tag *out)
{
	const char *close = memrchr(v, '>', len);
	char *rest;

	if (!close)
		return false;
	out->tagger = xstrndup(v, (size_t)(close + 1 - v));
	rest = xstrndup(close + 1, len - (size_t)(close + 1 - v));
	out->time_s = strtoll(rest, NULL, 10);
	free(rest);
	return true;
}

/* Where the signature that git appends begins, else the end. */
static const char *find_signature(const char *p, const char *end)
{
	static const char begin[] = "-----BEGIN ";
	const char *line = p;

	while (line < end) {
		const char *nl = memchr(line, '\n', (size_t)(end - line));

		if ((size_t)(end - line) >= sizeof begin - 1 &&
		    !memcmp(line, begin, sizeof begin - 1))
			return line;
		line = nl ? nl + 1 : end;
	}
	return end;
}

static int fail(struct tag *t, const char *why)
{
	tag_clear(t);
	return error_set(ERR_CORRUPT, "malformed tag: %s", why);
}

int tag_parse(const char *data, size_t n, struct tag *out)
{
	const char *p = data, *end = data + n, *v, *sig;
	size_t len = 0;

	*out = (struct tag){ 0 };
	if (!(v = header(&p, end, "object ", &len)) || len != OID_HEX ||
	    !oid_parse(v, &out->object))
		return fail(out, "it begins with no object");
	if (!(v = header(&p, end, "type ", &len)) || !read_type(v, len, &out->type))
		return fail(out, "it has no type");
	if (!(v = header(&p, end, "tag ", &len)))
		return fail(out, "it has no name");
	out->name = xstrndup(v, len);
	if (!(v = header(&p, end, "tagger ", &len)) || !read_tagger(v, len, out))
		return fail(out, "it has no tagger");
	if (p == end || *p++ != '\n')
		return fail(out, "it has no message");
	sig = find_signature(p, end);
	out->is_signed = sig < end;
	out->message = xstrndup(p, (size_t)(sig - p));
	return 0;
}

int tag_read(struct store *s, const struct oid *id, struct tag *out)
{
	struct buf b = BUF_INIT;
	int rc = object_read(s, id, OBJECT_TAG, &b);

	*out = (struct tag){ 0 };
	if (!rc)
		rc = tag_parse(b.data, b.len, out);
	buf_clear(&b);
	return rc;
}

void tag_clear(struct tag *t)
{
	free(t->name);
	free(t->tagger);
	free(t->message);
	*t = (struct tag){ 0 };
}

void tag_format(const struct oid *commit, const char *name, const char *tagger, const char *message,
		struct buf *out)
{
	char hex[OID_HEX + 1];

	oid_hex(commit, hex);
	buf_addf(out, "object %s\ntype commit\ntag %s\ntagger %s\n\n%s", hex, name, tagger,
		 message);
}
