/* input_read.c - the dialect, columns and types of a source. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/table/duckdb/sql.h"
#include "lib/table/source/csv.h"
#include "lib/table/source/input.h"

enum { HEAD_BYTES = 1 << 20 };

/* The first bytes of a plain file. */
static int read_head(const struct input *in, struct buf *out)
{
	int fd = open(in->files.v[0], O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return error_errno("cannot read '%s'", in->shown);
	buf_grow(out, HEAD_BYTES + 1);
	n = read(fd, out->data, HEAD_BYTES);
	close(fd);
	if (n < 0)
		return error_errno("cannot read '%s'", in->shown);
	out->len = (size_t)n;
	out->data[n] = '\0';
	return 0;
}

/* The first line of a compressed file, through DuckDB, as one column without quotes. */
static int read_first_line(struct session *s, const struct input *in, struct buf *out)
{
	struct buf b = BUF_INIT;
	struct answer a = { 0 };
	int rc;

	buf_addstr(&b, "SELECT * FROM read_csv(");
	sql_text(&b, in->files.v[0]);
	buf_addf(
		&b,
		", auto_detect=false, delim='\x01', quote='', escape='', header=false, strict_mode=false, "
		"columns={'line': 'VARCHAR'}, compression='%s') LIMIT 1",
		in->compression);
	rc = answer_query(s, b.data, "read the first line", &a);
	if (!rc && a.rows && answer_at(&a, 0, 0))
		buf_addstr(out, answer_at(&a, 0, 0));
	if (!rc && !out->len)
		rc = error_set(ERR_INPUT, "it is empty");
	answer_clear(&a);
	buf_clear(&b);
	return rc;
}

/* read_csv( or sniff_csv( with all that does not depend on the types. */
static void csv_call(const struct input *in, const char *function, struct buf *b)
{
	const struct csv_head *h = &in->head;

	buf_addf(b, "%s(", function);
	sql_text(b, in->files.v[0]);
	buf_addstr(b, ", delim=");
	sql_text(b, (char[]){ h->delimiter, '\0' });
	buf_addf(
		b,
		", quote='\"', escape='\"', comment='', skip=0, header=%s, strict_mode=true, compression='%s', "
		"hive_partitioning=false, nullstr=['', 'NA']",
		h->header ? "true" : "false", in->compression);
}

/* Read every line as text, which tells the first bad one better than guessing types does. */
static int csv_verify(struct session *s, const struct input *in)
{
	struct buf b = BUF_INIT;
	struct answer a = { 0 };
	int rc;

	buf_addstr(&b, "SELECT count(*) FROM ");
	csv_call(in, "read_csv", &b);
	buf_addstr(&b, ", auto_detect=false, columns={");
	for (size_t i = 0; i < in->head.fields.n; i++)
		buf_addf(&b, "%s'c%zu': 'VARCHAR'", i ? ", " : "", i);
	buf_addstr(&b, "})");
	rc = answer_query(s, b.data, "read it", &a);
	answer_clear(&a);
	buf_clear(&b);
	return rc;
}

/* "cannot read it: CSV Error on Line: 17; Original Line: ..; Expected Number of Columns: 5 Found:
 * 4" */
static int csv_error(const struct input *in, int rc)
{
	const char *text = error_text(), *at = strstr(text, "on Line: "), *why, *want, *found;
	char *copy;
	long line;

	if (strstr(text, "state machine"))
		return error_set(
			ERR_INPUT,
			"cannot read '%s': its lines end in different ways (LF, CR LF), or a quote "
			"stands in the middle of a field",
			in->shown);
	if (!at || rc == ERR_IO || rc == ERR_INTERRUPT)
		return error_set(rc, "cannot read '%s': %s", in->shown,
				 strncmp(text, "cannot read it: ", 16) == 0 ? text + 16 : text);
	copy = xstrdup(text);
	line = strtol(copy + (at - text) + 9, NULL, 10);
	want = strstr(copy, "Expected Number of Columns: ");
	found = want ? strstr(want, "Found: ") : NULL;
	if (found)
		rc = error_set(ERR_INPUT, "cannot read '%s': line %ld has %ld columns, want %ld",
			       in->shown, line, strtol(found + 7, NULL, 10),
			       strtol(want + 28, NULL, 10));
	else {
		why = strstr(copy, "unterminated")   ? "a quote is not closed"
		      : strstr(copy, "unicode")	     ? "it is not UTF-8"
		      : strstr(copy, "Maximum line") ? "it is longer than 2 MB"
		      : strrchr(copy, ';')	     ? strrchr(copy, ';') + 2
						     : copy;
		rc = error_set(ERR_INPUT, "cannot read '%s': line %ld: %s", in->shown, line, why);
	}
	free(copy);
	return rc;
}

static void add_columns(const struct input *in, struct buf *b)
{
	buf_addstr(b, ", columns={");
	for (size_t i = 0; i < in->names.n; i++) {
		buf_addstr(b, i ? ", " : "");
		sql_text(b, in->names.v[i]);
		buf_addstr(b, ": ");
		sql_text(b, in->types.v[i]);
	}
	buf_addstr(b, "}");
}

/* Formats as the sniffer has them; NULL: none. */
static void csv_put_call(struct input *in, const char *date, const char *timestamp)
{
	struct buf call = BUF_INIT;

	csv_call(in, "read_csv", &call);
	add_columns(in, &call);
	if (date) {
		buf_addstr(&call, ", dateformat=");
		sql_text(&call, date);
	}
	if (timestamp) {
		buf_addstr(&call, ", timestampformat=");
		sql_text(&call, timestamp);
	}
	buf_addstr(&call, ", auto_detect=false)");
	free(in->sql);
	in->sql = buf_take(&call);
}

/*
 * What the sniffer found over the whole file, as a call that guesses nothing. Line ends are not
 * told: given new_line='\r\n', DuckDB 1.5 finds no rows.
 */
static int csv_settle(struct session *s, struct input *in)
{
	static const char COLUMNS[] = "SELECT u.c.name, u.c.type, DateFormat, TimestampFormat "
				      "FROM (SELECT *, unnest(Columns) AS c FROM ";
	struct buf b = BUF_INIT;
	struct answer a = { 0 };
	int rc;

	buf_addstr(&b, COLUMNS);
	csv_call(in, "sniff_csv", &b);
	buf_addstr(&b, ", sample_size=-1)) AS u");
	rc = answer_query(s, b.data, "read it", &a);
	if (!rc && !a.rows)
		rc = error_set(ERR_INPUT, "it has no columns");
	for (size_t i = 0; !rc && i < a.rows; i++) {
		strlist_add(&in->names, answer_at(&a, i, 0));
		strlist_add(&in->types, answer_at(&a, i, 1));
	}
	if (!rc)
		csv_put_call(in, answer_at(&a, 0, 2), answer_at(&a, 0, 3));
	if (!rc && (rc = input_odd(s, in)) == 0)
		csv_put_call(in, answer_at(&a, 0, 2), answer_at(&a, 0, 3));
	answer_clear(&a);
	buf_clear(&b);
	return rc;
}

static int read_csv(struct session *s, struct input *in)
{
	struct buf first = BUF_INIT;
	char delimiter = strcmp(in->format, "tsv") == 0 ? '\t' : '\0';
	int rc, verified;

	rc = strcmp(in->compression, "none") == 0 ? read_head(in, &first)
						  : read_first_line(s, in, &first);
	if (!rc)
		rc = csv_head(first.data, first.len, delimiter, &in->head);
	if (!rc) {
		rc = csv_settle(s, in);
		if (rc && rc != ERR_INTERRUPT && (verified = csv_verify(s, in)))
			rc = verified;
	}
	buf_clear(&first);
	return rc ? csv_error(in, rc) : 0;
}

int input_explain(struct session *s, const struct input *in, int rc)
{
	char *text, *hint;
	int found;

	if (rc != ERR_INPUT || !in->head.fields.n || !strstr(error_text(), "on Line: "))
		return rc;
	text = xstrdup(error_text());
	hint = xstrdup(error_hint_text());
	found = csv_verify(s, in);
	if (found)
		rc = csv_error(in, found);
	else {
		rc = error_set(rc, "%s", text);
		if (*hint)
			error_hint(rc, "%s", hint);
	}
	free(text);
	free(hint);
	return rc;
}

/* Names and types of what stands after FROM. */
static int describe(struct session *s, struct input *in, const char *from)
{
	struct buf b = BUF_INIT;
	struct answer a = { 0 };
	int rc;

	buf_addf(&b, "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM %s)", from);
	rc = answer_query(s, b.data, "read it", &a);
	for (size_t i = 0; i < a.rows; i++) {
		strlist_add(&in->names, answer_at(&a, i, 0));
		strlist_add(&in->types, answer_at(&a, i, 1));
	}
	answer_clear(&a);
	buf_clear(&b);
	return rc;
}

/*
 * DuckDB reads a column of whole numbers as HUGEINT as soon as one is negative; CSV and everything
 * else say BIGINT, and a model refuses a column that changes its type.
 */
static int settle_whole(struct session *s, struct input *in, const char *from)
{
	struct buf b = BUF_INIT;
	struct answer a = { 0 };
	size_t k = 1;
	int rc = 0;

	buf_addstr(&b, "SELECT true");
	for (size_t i = 0; i < in->names.n; i++) {
		if (strcmp(in->types.v[i], "HUGEINT") != 0)
			continue;
		buf_addstr(&b, ", bool_and(");
		sql_ident(&b, in->names.v[i]);
		buf_addstr(&b, " BETWEEN -9223372036854775807 AND 9223372036854775807)");
		k++;
	}
	buf_addf(&b, " FROM %s", from);
	if (k > 1)
		rc = answer_query(s, b.data, "read it", &a);
	k = 1;
	for (size_t i = 0; a.rows && i < in->names.n; i++) {
		if (strcmp(in->types.v[i], "HUGEINT") != 0)
			continue;
		if (answer_at(&a, 0, k) && strcmp(answer_at(&a, 0, k), "true") == 0) {
			free(in->types.v[i]);
			in->types.v[i] = xstrdup("BIGINT");
		}
		k++;
	}
	answer_clear(&a);
	buf_clear(&b);
	return rc;
}

static int read_json(struct session *s, struct input *in)
{
	const char *format = strcmp(in->format, "json") == 0 ? "auto" : "newline_delimited";
	struct buf b = BUF_INIT;
	int rc;

	buf_addstr(&b, "read_json(");
	sql_text(&b, in->files.v[0]);
	buf_addf(&b, ", format='%s', hive_partitioning=false, compression='%s'", format,
		 strcmp(in->compression, "none") == 0 ? "uncompressed" : in->compression);
	buf_addstr(&b, ", sample_size=-1)");
	rc = describe(s, in, b.data);
	if (!rc)
		rc = settle_whole(s, in, b.data);
	if (!rc) {
		b.data[b.len -= strlen(", sample_size=-1)")] = '\0';
		add_columns(in, &b);
		buf_addstr(&b, ")");
		in->sql = buf_take(&b);
	}
	buf_clear(&b);
	return rc ? error_wrap(rc, "cannot read '%s'", in->shown) : 0;
}

/* The types of the splits of one data set must agree. */
static int check_types(struct session *s, const struct input *in, size_t file)
{
	struct input other = { .shown = in->shown };
	struct buf b = BUF_INIT;
	int rc;

	buf_addstr(&b, "read_parquet(");
	sql_text(&b, in->files.v[file]);
	buf_addstr(&b, ", hive_partitioning=false)");
	rc = describe(s, &other, b.data);
	for (size_t i = 0; !rc && i < in->names.n; i++) {
		size_t j = 0;

		while (j < other.names.n && strcmp(other.names.v[j], in->names.v[i]) != 0)
			j++;
		if (j == other.names.n)
			rc = error_set(ERR_INPUT, "cannot read '%s': '%s' has no column '%s'",
				       in->shown, in->files.v[file], in->names.v[i]);
		else if (strcmp(other.types.v[j], in->types.v[i]) != 0)
			rc = error_set(ERR_INPUT,
				       "cannot read '%s': column '%s' is %s in one file and %s in "
				       "another",
				       in->shown, in->names.v[i], in->types.v[i], other.types.v[j]);
	}
	strlist_clear(&other.names);
	strlist_clear(&other.types);
	buf_clear(&b);
	return rc;
}

static int read_parquet(struct session *s, struct input *in)
{
	struct buf b = BUF_INIT;
	int rc;

	buf_addstr(&b, "read_parquet([");
	for (size_t i = 0; i < in->files.n; i++) {
		buf_addstr(&b, i ? ", " : "");
		sql_text(&b, in->files.v[i]);
	}
	buf_addstr(&b, "], hive_partitioning=false)");
	if ((rc = describe(s, in, b.data)))
		rc = error_wrap(rc, "cannot read '%s'", in->shown);
	for (size_t i = 1; !rc && i < in->files.n; i++)
		rc = check_types(s, in, i);
	if (!rc)
		in->sql = buf_take(&b);
	buf_clear(&b);
	return rc;
}

int input_read(struct session *s, struct input *in)
{
	if (strcmp(in->format, "parquet") == 0)
		return read_parquet(s, in);
	if (strcmp(in->format, "csv") == 0 || strcmp(in->format, "tsv") == 0)
		return read_csv(s, in);
	if (strcmp(in->format, "sqlite") == 0)
		return input_read_sqlite(s, in);
	return read_json(s, in);
}
