/*
 * input_odd.c - columns of a CSV file that are text for a few values, where nearly all are numbers. Whether one
 * is looked at whole is decided by its first rows, so that names and words cost nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/table/duckdb/sql.h"
#include "lib/table/source/input.h"

enum { FIRST_ROWS = 1000, SHOWN = 40 };

static int64_t whole(const struct answer *a, size_t col)
{
	const char *text = answer_at(a, 0, col);

	return text ? strtoll(text, NULL, 10) : 0;
}

/* Of the first rows: values, and how many of them are numbers. */
static int look(struct session *s, const struct input *in, const char *name, bool *likely)
{
	struct buf b = BUF_INIT;
	struct answer a = { 0 };
	int rc;

	buf_addstr(&b, "SELECT count(v), count(TRY_CAST(v AS DOUBLE)) FROM (SELECT ");
	sql_ident(&b, name);
	buf_addf(&b, " AS v FROM %s LIMIT %d)", in->sql, FIRST_ROWS);
	rc = answer_query(s, b.data, "look for numbers in it", &a);
	*likely = !rc && whole(&a, 1) * 2 > whole(&a, 0);
	answer_clear(&a);
	buf_clear(&b);
	return rc;
}

static void tell(struct input *in, const char *name, const struct answer *a)
{
	const char *odd = answer_at(a, 0, 4);

	strlist_addf(
		&in->odd,
		"column '%s' of '%s' is text: %lld of its %lld values are numbers, but '%.*s%s' in "
		"row %lld is none (TRY_CAST(%s AS DOUBLE) in a query makes it missing)",
		name, path_base(in->shown), (long long)whole(a, 1), (long long)whole(a, 0), SHOWN,
		odd, strlen(odd) > SHOWN ? "..." : "", (long long)whole(a, 3), name);
}

/* All of it: numbers throughout, infinite ones among them, are numbers, as they are for pandas. */
static int judge(struct session *s, struct input *in, size_t i)
{
	static const char figures[] =
		"SELECT count(v), count(n), count(*) FILTER (isfinite(n)), min(r) FILTER (odd), "
		"arg_min(v, r) FILTER (odd) FROM (SELECT *, v IS NOT NULL AND n IS NULL AS odd FROM "
		"(SELECT row_number() OVER () AS r, v, TRY_CAST(v AS DOUBLE) AS n FROM (SELECT ";
	struct buf b = BUF_INIT;
	struct answer a = { 0 };
	int rc;

	buf_addstr(&b, figures);
	sql_ident(&b, in->names.v[i]);
	buf_addf(&b, " AS v FROM %s)))", in->sql);
	rc = answer_query(s, b.data, "look for numbers in it", &a);
	if (!rc && whole(&a, 2) && whole(&a, 1) == whole(&a, 0)) {
		free(in->types.v[i]);
		in->types.v[i] = xstrdup("DOUBLE");
	} else if (!rc && whole(&a, 1) * 10 >= whole(&a, 0) * 9 && answer_at(&a, 0, 4)) {
		tell(in, in->names.v[i], &a);
	}
	answer_clear(&a);
	buf_clear(&b);
	return rc;
}

int input_odd(struct session *s, struct input *in)
{
	bool likely;
	int rc = 0;

	for (size_t i = 0; i < in->names.n && !rc; i++) {
		if (strcmp(in->types.v[i], "VARCHAR"))
			continue;
		rc = look(s, in, in->names.v[i], &likely);
		if (!rc && likely)
			rc = judge(s, in, i);
	}
	return rc;
}
