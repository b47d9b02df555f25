/* config.c - git's configuration grammar. */
#include "lib/spec/config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

/* Where reading is; the same characters count as git's config.c counts, so that lines agree. */
struct reader {
	const char *file;
	const char *at, *end;
	int line;
	bool eof; /* the end was read, as a newline */
};

static int refuse(const struct reader *r, int line, const char *why)
{
	return error_set(ERR_INPUT, "%s:%d: %s", r->file, line, why);
}

static bool is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_key_char(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-';
}

static int lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* The next byte; CR LF and the end of the file are a newline. */
static int next(struct reader *r)
{
	int c;

	if (r->at == r->end) {
		r->line += !r->eof;
		r->eof = true;
		return '\n';
	}
	c = (unsigned char)*r->at++;
	if (c == '\r' && r->at < r->end && *r->at == '\n')
		c = (unsigned char)*r->at++;
	if (c == '\n')
		r->line++;
	return c;
}

static int escape(int c)
{
	switch (c) {
	case 't':
		return '\t';
	case 'b':
		return '\b';
	case 'n':
		return '\n';
	case '\\':
	case '"':
		return c;
	default:
		return -1;
	}
}

static const char OPEN_QUOTE[] = "a quote is not closed";
static const char BAD_ESCAPE[] = "unknown escape, want \\\\, \\\", \\n, \\t or \\b";

static void skip_comment(struct reader *r)
{
	while (next(r) != '\n')
		;
}

/*
 * What follows the = sign up to the end of its line. Blanks at the end are dropped: keep is the
 * length that stays whatever follows.
 */
static int read_value(struct reader *r, struct config_entry *e, struct buf *out)
{
	bool quote = false, blank = false;
	size_t keep = 0;

	for (;;) {
		int c = next(r);

		if (c == '\n' && quote)
			return refuse(r, e->line, OPEN_QUOTE);
		if (c == '\n')
			break;
		if (!quote && (c == ';' || c == '#')) {
			e->cut = blank || !out->len ? CONFIG_CUT_BLANK : CONFIG_CUT_GLUED;
			skip_comment(r);
			break;
		}
		blank = !quote && is_blank(c);
		if (blank) {
			if (out->len)
				buf_addch(out, (char)c);
			continue;
		}
		keep = out->len;
		if (c == '"') {
			quote = !quote;
			continue;
		}
		if (c == '\\') {
			int line = r->line;

			c = next(r);
			if (c == '\n')
				continue;
			if ((c = escape(c)) < 0)
				return refuse(r, line, BAD_ESCAPE);
		}
		buf_addch(out, (char)c);
		keep = out->len;
	}
	if (out->len > keep)
		out->data[out->len = keep] = '\0';
	return 0;
}

/* A key, whose first character c is read, and its value, into the last section. */
static int read_entry(struct reader *r, int c, struct config_section *s)
{
	struct buf key = BUF_INIT, value = BUF_INIT;
	struct config_entry *e;
	int rc = 0;

	ARRAY_GROW(s->v, s->n, s->cap);
	e = &s->v[s->n++];
	*e = (struct config_entry){ .line = r->line };
	while (is_key_char(c)) {
		buf_addch(&key, (char)lower(c));
		c = next(r);
	}
	e->key = buf_take(&key);
	while (c == ' ' || c == '\t')
		c = next(r);
	if (c == '\n')
		return 0;
	if (c != '=')
		return refuse(r, e->line, "want KEY = VALUE");
	rc = read_value(r, e, &value);
	e->value = value.len ? buf_take(&value) : xstrdup("");
	buf_clear(&value);
	return rc;
}

/* After the blank in [name "sub"], up to and with the bracket. */
static int read_sub(struct reader *r, int c, int line, struct buf *out)
{
	while (is_blank(c) && c != '\n')
		c = next(r);
	if (c != '"')
		return refuse(r, line, "want [KIND \"NAME\"]");
	while ((c = next(r)) != '"') {
		if (c == '\\')
			c = next(r);
		if (c == '\n')
			return refuse(r, line, OPEN_QUOTE);
		buf_addch(out, (char)c);
	}
	if (next(r) != ']')
		return refuse(r, line, "want ] after the name");
	return 0;
}

/* git joins all parts by dots, so [a.b "c"] and [a "b.c"] are one section: cut at the first. */
static void section_cut(struct config_section *s, const char *full)
{
	const char *dot = strchr(full, '.');

	s->name = dot ? xstrndup(full, (size_t)(dot - full)) : xstrdup(full);
	s->sub = dot ? xstrdup(dot + 1) : NULL;
}

static struct config_section *add_section(struct config *c, int line)
{
	ARRAY_GROW(c->v, c->n, c->cap);
	c->v[c->n] = (struct config_section){ .line = line };
	return &c->v[c->n++];
}

/* A header, whose opening bracket is read. */
static int read_header(struct reader *r, struct config *out)
{
	struct buf full = BUF_INIT;
	int rc = 0, line = r->line, c;

	for (;;) {
		c = next(r);
		if (c == ']' && full.len)
			break;
		if (!r->eof && is_blank(c)) {
			buf_addch(&full, '.');
			rc = read_sub(r, c, line, &full);
			break;
		}
		if (r->eof || (!is_key_char(c) && c != '.')) {
			rc = refuse(r, line, "want [KIND \"NAME\"]");
			break;
		}
		buf_addch(&full, (char)lower(c));
	}
	if (rc == 0)
		section_cut(add_section(out, line), full.data);
	buf_clear(&full);
	return rc;
}

static int read_all(struct reader *r, struct config *out)
{
	for (;;) {
		int c = next(r), rc = 0;

		if (r->eof)
			return 0;
		if (is_blank(c))
			continue;
		if (c == '#' || c == ';') {
			skip_comment(r);
		} else if (c == '[') {
			rc = read_header(r, out);
		} else if (isalpha(c) && c < 128) {
			struct config_section *s =
				out->n ? &out->v[out->n - 1] : add_section(out, r->line);

			rc = read_entry(r, c, s);
		} else {
			rc = refuse(r, r->line, "want a [section], a KEY = VALUE or a comment");
		}
		if (rc < 0)
			return rc;
	}
}

int config_parse(const char *data, size_t n, const char *file, struct config *out)
{
	struct reader r = { .file = file, .at = data, .end = data + n, .line = 1 };
	const char *nul = n ? memchr(data, '\0', n) : NULL;
	int rc;

	*out = (struct config)CONFIG_INIT;
	if (n >= 3 && !memcmp(data, "\xef\xbb\xbf", 3))
		r.at += 3;
	if (nul) {
		for (const char *p = data; p < nul; p++)
			r.line += *p == '\n';
		return refuse(&r, r.line, "a NUL byte: this is no text file");
	}
	rc = read_all(&r, out);
	if (rc < 0)
		config_clear(out);
	return rc;
}

void config_clear(struct config *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct config_section *s = &c->v[i];

		for (size_t j = 0; j < s->n; j++) {
			free(s->v[j].key);
			free(s->v[j].value);
		}
		free(s->v);
		free(s->name);
		free(s->sub);
	}
	free(c->v);
	*c = (struct config)CONFIG_INIT;
}

static void add_escaped(struct buf *out, char c)
{
	switch (c) {
	case '\n':
		buf_addstr(out, "\\n");
		break;
	case '\t':
		buf_addstr(out, "\\t");
		break;
	case '\b':
		buf_addstr(out, "\\b");
		break;
	case '"':
	case '\\':
		buf_addch(out, '\\');
		buf_addch(out, c);
		break;
	default:
		buf_addch(out, c);
	}
}

void config_add_value(struct buf *out, const char *value)
{
	size_t n = strlen(value);
	bool quote = !n || is_blank(value[0]) || is_blank(value[n - 1]) ||
		     strpbrk(value, ";#\"\\<>\r") != NULL;

	if (quote)
		buf_addch(out, '"');
	for (size_t i = 0; i < n; i++)
		add_escaped(out, value[i]);
	if (quote)
		buf_addch(out, '"');
}

void config_add_section(struct buf *text, const char *name, const char *sub,
			const char *const *pairs)
{
	if (text->len && text->data[text->len - 1] != '\n')
		buf_addch(text, '\n');
	buf_addf(text, "[%s \"", name);
	for (; *sub; sub++) {
		if (*sub == '"' || *sub == '\\')
			buf_addch(text, '\\');
		buf_addch(text, *sub);
	}
	buf_addstr(text, "\"]\n");
	for (; *pairs; pairs += 2) {
		buf_addf(text, "\t%s = ", pairs[0]);
		config_add_value(text, pairs[1]);
		buf_addch(text, '\n');
	}
}
