/* contents.c - the listing that names a version's bytes. */
#define _GNU_SOURCE
#include "lib/record/content/contents.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

static const char *const mode_names[] = { "644", "755", "link" };

/* Letter after the backslash for bytes 7 to 13, then quote and backslash themselves. */
static const char control[] = "abtnvfr";

void path_quote(const char *path, struct buf *out)
{
	const unsigned char *p;

	for (p = (const unsigned char *)path; *p >= ' ' && *p < 127 && *p != '"' && *p != '\\'; p++)
		;
	if (!*p) {
		buf_addstr(out, path);
		return;
	}
	buf_addch(out, '"');
	for (p = (const unsigned char *)path; *p; p++) {
		if (*p >= 7 && *p <= 13)
			buf_addf(out, "\\%c", control[*p - 7]);
		else if (*p == '"' || *p == '\\')
			buf_addf(out, "\\%c", *p);
		else if (*p < ' ' || *p >= 127)
			buf_addf(out, "\\%03o", *p);
		else
			buf_addch(out, (char)*p);
	}
	buf_addch(out, '"');
}

static int unquote_escape(const char **p, const char *end, struct buf *out)
{
	const char *q = *p, *known;
	int v = 0;

	if (q >= end)
		return -1;
	if ((known = *q ? strchr(control, *q) : NULL)) {
		buf_addch(out, (char)(7 + (known - control)));
	} else if (*q == '"' || *q == '\\') {
		buf_addch(out, *q);
	} else {
		for (int i = 0; i < 3; i++, q++) {
			if (q >= end || *q < '0' || *q > '7')
				return -1;
			v = v << 3 | (*q - '0');
		}
		if (!v || v > 255)
			return -1;
		buf_addch(out, (char)v);
		q--;
	}
	*p = q + 1;
	return 0;
}

int path_unquote(const char *text, size_t n, struct buf *out)
{
	const char *p = text, *end = text + n;

	if (!n || memchr(text, '\0', n))
		return error_set(ERR_CORRUPT, "malformed path");
	if (*p != '"') {
		buf_add(out, text, n);
		return 0;
	}
	for (p++; p < end - 1;) {
		if (*p == '"')
			return error_set(ERR_CORRUPT, "malformed path: a quote inside");
		if (*p != '\\') {
			buf_addch(out, *p++);
			continue;
		}
		p++;
		if (unquote_escape(&p, end - 1, out) < 0)
			return error_set(ERR_CORRUPT, "malformed path: unknown escape");
	}
	if (n < 2 || p != end - 1 || *p != '"')
		return error_set(ERR_CORRUPT, "malformed path: no closing quote");
	return 0;
}

int path_is_inside(const char *path)
{
	const char *p = path;

	if (!*p)
		return 0;
	for (;;) {
		size_t n = strcspn(p, "/");

		if (!n || (n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
			return 0;
		if (!p[n])
			return 1;
		p += n + 1;
	}
}

void contents_add(struct contents *c, enum contents_mode mode, const char *sha256, int64_t size,
		  const char *path)
{
	struct contents_line *l;

	ARRAY_GROW(c->v, c->n, c->cap);
	l = &c->v[c->n++];
	l->mode = mode;
	memcpy(l->sha256, sha256, HASH_HEX);
	l->sha256[HASH_HEX] = '\0';
	l->size = size;
	l->path = xstrdup(path);
}

static int line_compare(const void *a, const void *b)
{
	return strcmp(((const struct contents_line *)a)->path,
		      ((const struct contents_line *)b)->path);
}

void contents_sort(struct contents *c)
{
	if (c->n)
		qsort(c->v, c->n, sizeof(*c->v), line_compare);
}

void contents_write(const struct contents *c, struct buf *out)
{
	for (size_t i = 0; i < c->n; i++) {
		buf_addf(out, "%s %s %lld ", mode_names[c->v[i].mode], c->v[i].sha256,
			 (long long)c->v[i].size);
		path_quote(c->v[i].path, out);
		buf_addch(out, '\n');
	}
}

void contents_hash(const struct contents *c, char out[HASH_HEX + 1])
{
	struct buf b = BUF_INIT;

	contents_write(c, &b);
	hash_data(b.data, b.len, out);
	buf_clear(&b);
}

void contents_clear(struct contents *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i].path);
	free(c->v);
	memset(c, 0, sizeof(*c));
}

/* The next word of a line, its length in *n; *p goes behind the blank after it. */
static const char *next_word(const char **p, const char *end, size_t *n)
{
	const char *word = *p, *blank = memchr(word, ' ', (size_t)(end - word));

	if (!blank || blank == word)
		return NULL;
	*n = (size_t)(blank - word);
	*p = blank + 1;
	return word;
}

static int parse_mode(const char *word, size_t n)
{
	for (int i = 0; i < (int)ARRAY_LEN(mode_names); i++)
		if (word && strlen(mode_names[i]) == n && !memcmp(mode_names[i], word, n))
			return i;
	return -1;
}

static int64_t parse_size(const char *word, size_t n)
{
	int64_t v = 0;

	if (!word || n > 18 || (n > 1 && *word == '0'))
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (word[i] < '0' || word[i] > '9')
			return -1;
		v = v * 10 + (word[i] - '0');
	}
	return v;
}

static int parse_line(const char *p, const char *end, struct contents *out)
{
	struct buf path = BUF_INIT;
	size_t n = 0, sha_n = 0;
	const char *word = next_word(&p, end, &n), *sha;
	int mode = parse_mode(word, n), rc = 0;
	int64_t size;

	sha = mode < 0 ? NULL : next_word(&p, end, &sha_n);
	word = sha ? next_word(&p, end, &n) : NULL;
	size = parse_size(word, n);
	if (!sha || sha_n != HASH_HEX || strspn(sha, "0123456789abcdef") != HASH_HEX || size < 0)
		return error_set(ERR_CORRUPT, "malformed contents: line %zu", out->n + 1);
	rc = path_unquote(p, (size_t)(end - p), &path);
	if (!rc && !path_is_inside(path.data))
		rc = error_set(ERR_CORRUPT, "malformed contents: the path '%s' leaves its folder",
			       path.data);
	if (!rc && out->n && strcmp(out->v[out->n - 1].path, path.data) >= 0)
		rc = error_set(ERR_CORRUPT, "malformed contents: '%s' is out of order", path.data);
	if (!rc)
		contents_add(out, (enum contents_mode)mode, sha, size, path.data);
	buf_clear(&path);
	return rc;
}

/* No file may be the folder of another: a link there would lead out. */
static int check_folders(const struct contents *c)
{
	struct buf b = BUF_INIT;
	int rc = 0;

	for (size_t i = 0; !rc && i < c->n; i++)
		for (const char *s = strchr(c->v[i].path, '/'); s && !rc; s = strchr(s + 1, '/')) {
			buf_reset(&b);
			buf_add(&b, c->v[i].path, (size_t)(s - c->v[i].path));
			if (contents_find(c, b.data))
				rc = error_set(ERR_CORRUPT,
					       "malformed contents: '%s' is a file and a folder",
					       b.data);
		}
	buf_clear(&b);
	return rc;
}

int contents_parse(const char *data, size_t n, struct contents *out)
{
	const char *p = data, *end = data + n;
	int rc = 0;

	memset(out, 0, sizeof(*out));
	while (!rc && p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		if (!nl)
			rc = error_set(ERR_CORRUPT, "malformed contents: the last line has no end");
		else
			rc = parse_line(p, nl, out);
		p = nl ? nl + 1 : end;
	}
	if (!rc)
		rc = check_folders(out);
	if (rc)
		contents_clear(out);
	return rc;
}

const struct contents_line *contents_find(const struct contents *c, const char *path)
{
	struct contents_line key = { .path = (char *)(uintptr_t)path };

	return c->n ? bsearch(&key, c->v, c->n, sizeof(*c->v), line_compare) : NULL;
}
