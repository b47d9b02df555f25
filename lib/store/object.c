/* object.c - read git objects. */
#define _GNU_SOURCE
#define OPENSSL_SUPPRESS_DEPRECATED
#include "lib/store/object.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/store/git.h"

static const char *const type_names[] = { "", "commit", "tree", "blob", "tag" };

int object_read(struct store *s, const struct oid *id, enum object_type type, struct buf *out)
{
	git_odb *odb = git_store_odb(s);
	git_odb_object *o = NULL;
	char hex[OID_HEX + 1];
	int rc;

	if (!odb)
		return ERR_FAIL;
	oid_hex(id, hex);
	if ((rc = git_odb_read(&o, odb, git_id(id))) < 0)
		return git_fail(rc, "cannot read the %s %s", type_names[type], hex);
	if (git_odb_object_type(o) != (git_object_t)type)
		rc = error_set(ERR_CORRUPT, "the git object %s is no %s", hex, type_names[type]);
	else
		buf_add(out, git_odb_object_data(o), git_odb_object_size(o));
	git_odb_object_free(o);
	return rc;
}

bool object_exists(struct store *s, const struct oid *id)
{
	git_odb *odb = git_store_odb(s);

	return odb && git_odb_exists(odb, git_id(id));
}

int object_header(struct store *s, const struct oid *id, enum object_type *type_out,
		  size_t *size_out)
{
	git_odb *odb = git_store_odb(s);
	git_object_t type;
	size_t size;
	int rc;

	if (!odb)
		return ERR_FAIL;
	rc = git_odb_read_header(&size, &type, odb, git_id(id));
	if (rc == GIT_ENOTFOUND)
		return 0;
	if (rc < 0)
		return git_fail(rc, "cannot read a git object");
	if (type_out)
		*type_out = (enum object_type)type;
	if (size_out)
		*size_out = size;
	return 1;
}

void object_name(enum object_type type, const void *data, size_t n, struct oid *out)
{
	char head[64];
	int len = snprintf(head, sizeof head, "%s %zu", type_names[type], n);
	SHA_CTX c;

	SHA1_Init(&c);
	SHA1_Update(&c, head, (size_t)len + 1);
	SHA1_Update(&c, data, n);
	SHA1_Final(out->b, &c);
}

/* One header line at *p: true when it begins with key; *p goes behind the line. */
static bool header_line(const char **p, const char *end, const char *key, const char **value,
			size_t *len)
{
	size_t n = strlen(key);
	const char *nl = memchr(*p, '\n', (size_t)(end - *p));

	if (!nl || (size_t)(nl - *p) < n || memcmp(*p, key, n))
		return false;
	*value = *p + n;
	*len = (size_t)(nl - *value);
	*p = nl + 1;
	return true;
}

static int parse_author(const char *v, size_t len, struct commit *out)
{
	const char *close = memrchr(v, '>', len);
	char number[24];
	size_t rest;

	if (!close)
		return error_set(ERR_CORRUPT, "malformed commit: its author has no address");
	out->author = xstrndup(v, (size_t)(close + 1 - v));
	rest = len - (size_t)(close + 1 - v);
	if (rest >= sizeof number)
		rest = sizeof number - 1;
	memcpy(number, close + 1, rest);
	number[rest] = '\0';
	out->time_s = strtoll(number, NULL, 10);
	return 0;
}

int commit_parse(const char *data, size_t n, struct commit *out)
{
	const char *p = data, *end = data + n, *v;
	size_t len, cap = 0;
	int rc = 0;

	memset(out, 0, sizeof(*out));
	if (!header_line(&p, end, "tree ", &v, &len) || len != OID_HEX || !oid_parse(v, &out->tree))
		rc = error_set(ERR_CORRUPT, "malformed commit: it begins with no tree");
	while (!rc && header_line(&p, end, "parent ", &v, &len)) {
		ARRAY_GROW(out->parents, out->n_parents, cap);
		if (len != OID_HEX || !oid_parse(v, &out->parents[out->n_parents++]))
			rc = error_set(ERR_CORRUPT, "malformed commit: a bad parent");
	}
	if (!rc && !header_line(&p, end, "author ", &v, &len))
		rc = error_set(ERR_CORRUPT, "malformed commit: no author");
	else if (!rc)
		rc = parse_author(v, len, out);
	if (!rc) {
		const char *blank = memmem(p, (size_t)(end - p), "\n\n", 2);

		out->message = blank ? xstrndup(blank + 2, (size_t)(end - blank - 2)) : xstrdup("");
	}
	if (rc)
		commit_clear(out);
	return rc;
}

int commit_read(struct store *s, const struct oid *id, struct commit *out)
{
	struct buf b = BUF_INIT;
	int rc = object_read(s, id, OBJECT_COMMIT, &b);

	memset(out, 0, sizeof(*out));
	if (!rc)
		rc = commit_parse(b.data, b.len, out);
	buf_clear(&b);
	return rc;
}

void commit_clear(struct commit *c)
{
	free(c->parents);
	free(c->author);
	free(c->message);
	memset(c, 0, sizeof(*c));
}

char *message_trailer(const char *message, const char *key)
{
	size_t n = strlen(key);
	const char *found = NULL, *p = message;

	while (p && *p) {
		if (!strncmp(p, key, n) && p[n] == ':' && p[n + 1] == ' ')
			found = p + n + 2;
		p = strchr(p, '\n');
		p = p ? p + 1 : NULL;
	}
	return found ? xstrndup(found, strcspn(found, "\r\n")) : NULL;
}

char *commit_trailer(const struct commit *c, const char *key)
{
	return message_trailer(c->message, key);
}
