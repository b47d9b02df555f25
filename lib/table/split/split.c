/* split.c - which rows go to train, test and validation. */
#include "lib/table/split/split.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/table/split/sip.h"

const char *const split_names[SPLITS] = { "train", "test", "validation" };

static const char *const how_names[] = { "hash", "row", "time", "group" };

void table_split_init(struct table_split *s)
{
	memset(s, 0, sizeof *s);
	s->percent[SPLIT_TRAIN] = 75;
	s->percent[SPLIT_TEST] = 15;
	s->percent[SPLIT_VALIDATION] = 10;
}

void table_split_clear(struct table_split *s)
{
	strlist_clear(&s->columns);
	table_split_init(s);
}

static const char *skip_blanks(const char *p)
{
	while (isspace((unsigned char)*p))
		p++;
	return p;
}

static int bad(const char *text, const char *why)
{
	error_set(ERR_INPUT, "cannot read split '%s': %s", text, why);
	return error_hint(
		ERR_INPUT,
		"write it as 75/15/10 by hash(COLUMNS), row, time(COLUMN) or group(COLUMNS)");
}

/* "75/15/10": two or three numbers that add up to 100. */
static int parse_percents(const char *text, const char **p, int percent[SPLITS])
{
	int n = 0, sum = 0;

	for (;;) {
		int v = 0, digits = 0;

		*p = skip_blanks(*p);
		for (; isdigit((unsigned char)**p) && digits < 4; (*p)++, digits++)
			v = v * 10 + (**p - '0');
		if (!digits || v > 100 || n == SPLITS)
			return bad(text, "it starts with two or three percentages of at most 100");
		percent[n++] = v;
		sum += v;
		*p = skip_blanks(*p);
		if (**p != '/')
			break;
		(*p)++;
	}
	if (n < 2 || sum != 100)
		return bad(text, n < 2 ? "one percentage is not a split"
				       : "the percentages do not add up to 100");
	for (; n < SPLITS; n++)
		percent[n] = 0;
	if (!percent[SPLIT_TRAIN])
		return bad(text, "nothing is left to train on");
	return 0;
}

/* One column name, bare or in double quotes, appended to b; *p moves behind it. */
static int parse_name(const char *text, const char **p, struct buf *b)
{
	const char *s = skip_blanks(*p);
	bool closed = false;

	buf_reset(b);
	if (*s == '"') {
		for (s++; *s; s++) {
			closed = *s == '"' && *++s != '"';
			if (closed)
				break;
			buf_addch(b, *s);
		}
		if (!closed)
			return bad(text, "a quote is not closed");
	} else {
		while (*s && *s != ',' && *s != ')' && *s != '(')
			buf_addch(b, *s++);
		while (b->len && isspace((unsigned char)b->data[b->len - 1]))
			b->data[--b->len] = '\0';
	}
	*p = skip_blanks(s);
	return b->len ? 0 : bad(text, "a column has no name");
}

static int parse_columns(const char *text, const char **p, struct strlist *out)
{
	struct buf b = BUF_INIT;
	int rc = 0;

	for (;;) {
		(*p)++; /* the bracket or the comma */
		if ((rc = parse_name(text, p, &b)))
			break;
		if (strlist_has(out, b.data)) {
			rc = bad(text, "a column is named twice");
			break;
		}
		strlist_add(out, b.data);
		if (**p == ',')
			continue;
		if (**p == ')')
			(*p)++;
		else
			rc = bad(text, "a bracket is not closed");
		break;
	}
	buf_clear(&b);
	return rc;
}

static int parse_how(const char *text, const char **p, struct table_split *out)
{
	size_t n = 0;
	const char *s = *p;

	while (isalpha((unsigned char)s[n]))
		n++;
	for (size_t i = 0; i < ARRAY_LEN(how_names); i++) {
		if (strlen(how_names[i]) != n || strncmp(s, how_names[i], n) != 0)
			continue;
		out->how = (enum split_how)i;
		*p = skip_blanks(s + n);
		return **p == '(' ? parse_columns(text, p, &out->columns) : 0;
	}
	return bad(text, "it names no known way to split");
}

static int parse(const char *text, struct table_split *out)
{
	const char *p = text;
	int rc = parse_percents(text, &p, out->percent);

	if (rc)
		return rc;
	if (*p) {
		if (strncmp(p, "by", 2) != 0 || !isspace((unsigned char)p[2]))
			return bad(text, "after the percentages comes 'by'");
		p = skip_blanks(p + 2);
		if ((rc = parse_how(text, &p, out)))
			return rc;
		if (*skip_blanks(p))
			return bad(text, "something stands behind its end");
	}
	if (out->how == SPLIT_ROW && out->columns.n)
		return bad(text, "row takes no column");
	if (out->how == SPLIT_TIME && out->columns.n != 1)
		return bad(text, "time takes one column");
	if (out->how == SPLIT_GROUP && !out->columns.n)
		return bad(text, "group takes at least one column");
	return 0;
}

int table_split_parse(const char *text, struct table_split *out)
{
	int rc;

	table_split_init(out);
	rc = parse(text, out);
	if (rc)
		table_split_clear(out);
	return rc;
}

static bool is_bare(const char *s)
{
	return !isspace((unsigned char)*s) && *s != '"' && !strpbrk(s, ",()\"") && *s &&
	       !isspace((unsigned char)s[strlen(s) - 1]);
}

void table_split_format(const struct table_split *s, struct buf *out)
{
	buf_addf(out, "%d/%d/%d by %s", s->percent[0], s->percent[1], s->percent[2],
		 how_names[s->how]);
	for (size_t i = 0; i < s->columns.n; i++) {
		buf_addstr(out, i ? ", " : "(");
		if (is_bare(s->columns.v[i])) {
			buf_addstr(out, s->columns.v[i]);
			continue;
		}
		buf_addch(out, '"');
		for (const char *c = s->columns.v[i]; *c; c++) {
			if (*c == '"')
				buf_addch(out, '"');
			buf_addch(out, *c);
		}
		buf_addch(out, '"');
	}
	if (s->columns.n)
		buf_addch(out, ')');
}

void split_shares(const int percent[SPLITS], int64_t n, int64_t out[SPLITS])
{
	int64_t left = n, rest[SPLITS];

	for (int k = 0; k < SPLITS; k++) {
		out[k] = n / 100 * percent[k] + n % 100 * percent[k] / 100;
		rest[k] = n % 100 * percent[k] % 100;
		left -= out[k];
	}
	for (; left > 0; left--) {
		int best = 0;

		for (int k = 1; k < SPLITS; k++)
			if (rest[k] > rest[best])
				best = k;
		out[best]++;
		rest[best] = -1;
	}
}

int split_of_hash(const int percent[SPLITS], uint64_t hash)
{
	int bucket = (int)((hash >> 32) * 100 >> 32);

	for (int k = 0; k < SPLITS - 1; k++) {
		if (bucket < percent[k])
			return k;
		bucket -= percent[k];
	}
	return SPLIT_VALIDATION;
}

struct ranked {
	uint64_t key;
	size_t at;
};

static int by_key(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static int rank_keys(const uint64_t *key, size_t n, struct ranked **out)
{
	int rc = mem_alloc(n ? n : 1, sizeof **out, out);

	if (rc)
		return rc;
	for (size_t i = 0; i < n; i++)
		(*out)[i] = (struct ranked){ key[i], i };
	qsort(*out, n, sizeof **out, by_key);
	return 0;
}

/* The split of the i-th of things in order. */
static int split_at(const int64_t share[SPLITS], int64_t i)
{
	if (i < share[0])
		return SPLIT_TRAIN;
	return i < share[0] + share[1] ? SPLIT_TEST : SPLIT_VALIDATION;
}

int split_rows(const int percent[SPLITS], const uint64_t *hash, size_t n, uint8_t *split)
{
	struct ranked *r;
	int64_t share[SPLITS];
	int rc = rank_keys(hash, n, &r);

	if (rc)
		return rc;
	split_shares(percent, (int64_t)n, share);
	for (size_t i = 0; i < n; i++)
		split[r[i].at] = (uint8_t)split_at(share, (int64_t)i);
	free(r);
	return 0;
}

int split_groups(const int percent[SPLITS], const uint64_t *hash, size_t n, uint8_t *split)
{
	struct ranked *r;
	int64_t share[SPLITS], groups = 0;
	int rc = rank_keys(hash, n, &r);

	if (rc)
		return rc;
	for (size_t i = 0; i < n; i++)
		groups += !i || r[i].key != r[i - 1].key;
	split_shares(percent, groups, share);
	groups = -1;
	for (size_t i = 0; i < n; i++) {
		groups += !i || r[i].key != r[i - 1].key;
		split[r[i].at] = (uint8_t)split_at(share, groups);
	}
	free(r);
	return 0;
}

int split_times(const int percent[SPLITS], const int64_t *when, size_t n, uint8_t *split)
{
	struct ranked *r;
	int64_t share[SPLITS];
	int rc = mem_alloc(n ? n : 1, sizeof *r, &r), k = 0;

	if (rc)
		return rc;
	for (size_t i = 0; i < n; i++)
		r[i] = (struct ranked){ (uint64_t)when[i] ^ UINT64_C(1) << 63, i };
	qsort(r, n, sizeof *r, by_key);
	split_shares(percent, (int64_t)n, share);
	for (size_t i = 0; i < n; i++) {
		if (!i || r[i].key != r[i - 1].key)
			k = split_at(share, (int64_t)i);
		split[r[i].at] = (uint8_t)k;
	}
	free(r);
	return 0;
}

int table_split_paths(const struct table_split *s, const char *const *paths, size_t n, uint8_t *out)
{
	uint64_t *hash;
	int rc;

	if ((s->how != SPLIT_HASH && s->how != SPLIT_ROW) || s->columns.n)
		return error_set(ERR_INPUT,
				 "cannot split files by columns: a directory of files has none; "
				 "use 'by hash' or 'by row'");
	if ((rc = mem_alloc(n ? n : 1, sizeof *hash, &hash)))
		return rc;
	for (size_t i = 0; i < n; i++) {
		hash[i] = sip_hash((uint64_t)s->seed, SIP_KEY, paths[i], strlen(paths[i]));
		out[i] = (uint8_t)split_of_hash(s->percent, hash[i]);
	}
	if (s->how == SPLIT_ROW)
		rc = split_rows(s->percent, hash, n, out);
	free(hash);
	return rc;
}
