/* sql.c - writing SQL text safely. */
#include "lib/table/duckdb/sql.h"

#include <ctype.h>
#include <string.h>

static void quoted(struct buf *b, const char *s, char q)
{
	buf_addch(b, q);
	for (; *s; s++) {
		if (*s == q)
			buf_addch(b, q);
		buf_addch(b, *s);
	}
	buf_addch(b, q);
}

void sql_ident(struct buf *b, const char *name)
{
	quoted(b, name, '"');
}

void sql_text(struct buf *b, const char *s)
{
	quoted(b, s, '\'');
}

/* Past the end of what is quoted with q at i; a doubled quote starts the next string at once. */
static size_t skip_quoted(const char *s, size_t n, size_t i, char q, int escapes)
{
	for (i++; i < n; i++) {
		if (escapes && s[i] == '\\')
			i++;
		else if (s[i] == q)
			return i + 1;
	}
	return n;
}

static size_t skip_block(const char *s, size_t n, size_t i)
{
	size_t depth = 0;

	while (i + 1 < n) {
		if (s[i] == '/' && s[i + 1] == '*') {
			depth++;
			i += 2;
		} else if (s[i] == '*' && s[i + 1] == '/') {
			i += 2;
			if (!--depth)
				return i;
		} else {
			i++;
		}
	}
	return n;
}

/* Past $tag$ ... $tag$, or past the $ alone where it opens nothing. */
static size_t skip_dollar(const char *s, size_t n, size_t i)
{
	size_t tag = 1, at;

	while (i + tag < n && (isalnum((unsigned char)s[i + tag]) || s[i + tag] == '_'))
		tag++;
	if (i + tag >= n || s[i + tag] != '$' || isdigit((unsigned char)s[i + 1]))
		return i + 1;
	tag++;
	for (at = i + tag; at + tag <= n; at++)
		if (memcmp(s + at, s + i, tag) == 0)
			return at + tag;
	return n;
}

size_t sql_trimmed(const char *s, size_t n)
{
	size_t i = 0, end = 0;

	while (i < n) {
		unsigned char c = (unsigned char)s[i];

		if (c == '-' && i + 1 < n && s[i + 1] == '-') {
			while (i < n && s[i] != '\n')
				i++;
			continue;
		}
		if (c == '/' && i + 1 < n && s[i + 1] == '*') {
			i = skip_block(s, n, i);
			continue;
		}
		if (isspace(c) || c == ';') {
			i++;
			continue;
		}
		if (c == '\'')
			i = skip_quoted(s, n, i, '\'', i && (s[i - 1] == 'e' || s[i - 1] == 'E'));
		else if (c == '"')
			i = skip_quoted(s, n, i, '"', 0);
		else if (c == '$')
			i = skip_dollar(s, n, i);
		else
			i++;
		end = i;
	}
	return end > n ? n : end;
}
