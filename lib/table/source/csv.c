/* csv.c - the dialect of a CSV file, from its first bytes. */
#include "lib/table/source/csv.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"

static const char delimiters[] = ",\t;|";

/* The delimiter that the first line has most of; a comma where it has none. */
static char find_delimiter(const char *data, size_t n)
{
	size_t count[sizeof delimiters] = { 0 }, best = 0;
	bool quoted = false;

	for (size_t i = 0; i < n && (quoted || (data[i] != '\n' && data[i] != '\r')); i++) {
		const char *at = data[i] ? strchr(delimiters, data[i]) : NULL;

		if (data[i] == '"')
			quoted = !quoted;
		else if (at && !quoted)
			count[at - delimiters]++;
	}
	for (size_t k = 1; k < sizeof delimiters - 1; k++)
		if (count[k] > count[best])
			best = k;
	return delimiters[best];
}

static bool is_number(const char *s)
{
	char *end;

	if (!isdigit((unsigned char)*s) && !strchr("+-.", *s))
		return false;
	strtod(s, &end);
	return end != s && !*end;
}

/* One field into b; the answer is the position of what ends it. */
static size_t read_field(const char *data, size_t n, size_t i, char delimiter, struct buf *b,
			 bool *closed)
{
	bool quoted = i < n && data[i] == '"';

	buf_reset(b);
	*closed = true;
	if (quoted) {
		*closed = false;
		for (i++; i < n; i++) {
			if (data[i] == '"' && (i + 1 >= n || data[i + 1] != '"')) {
				*closed = true;
				i++;
				break;
			}
			i += data[i] == '"';
			buf_addch(b, data[i]);
		}
	}
	for (; i < n && data[i] != delimiter && data[i] != '\n' && data[i] != '\r'; i++)
		buf_addch(b, data[i]);
	return i;
}

int csv_head(const char *data, size_t n, char delimiter, struct csv_head *out)
{
	struct buf b = BUF_INIT;
	bool closed = true;
	size_t i = 0;
	int rc = 0;

	memset(out, 0, sizeof *out);
	if (n >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
		i = 3;
	out->delimiter = delimiter ? delimiter : find_delimiter(data + i, n - i);
	out->header = true;
	for (;; i++) {
		i = read_field(data, n, i, out->delimiter, &b, &closed);
		if (!closed || memchr(b.data, '\0', b.len))
			break;
		strlist_add(&out->fields, b.data);
		out->header &= !is_number(b.data);
		if (i >= n || data[i] != out->delimiter)
			break;
	}
	if (!closed)
		rc = error_set(ERR_INPUT, "line 1: a quote is not closed");
	else if (memchr(b.data, '\0', b.len))
		rc = error_set(ERR_INPUT, "line 1: it holds a NUL byte; this is no text file");
	buf_clear(&b);
	if (rc)
		csv_head_clear(out);
	return rc;
}

void csv_head_clear(struct csv_head *h)
{
	strlist_clear(&h->fields);
	memset(h, 0, sizeof *h);
}
