/* table_sink.c - frames into a table file or a SQLite table: choosing which. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/index/rows.h"
#include "lib/table/rows/sink_part.h"
#include "lib/table/rows/table_sink.h"
#include "lib/table/source/table_source.h"

struct table_sink {
	struct sink_file *file;
	struct rows_writer *rows;
};

static const char *const sqlite_types[] = { [FRAME_BOOL] = "INTEGER",
					    [FRAME_INT] = "INTEGER",
					    [FRAME_DOUBLE] = "REAL",
					    [FRAME_STRING] = "TEXT",
					    [FRAME_TIME] = "TEXT" };

/* Where ":TABLE" starts behind a SQLite file's name, NULL when it is none. */
static const char *table_part(const char *target)
{
	static const char *const endings[] = { ".sqlite:", ".sqlite3:", ".db:" };
	const char *found = NULL;

	for (size_t i = 0; i < ARRAY_LEN(endings); i++)
		for (const char *p = target; (p = strstr(p, endings[i])); p++)
			if (p + strlen(endings[i]) - 1 > found || !found)
				found = p + strlen(endings[i]) - 1;
	return found;
}

static int open_rows(const char *target, const struct frame *head, const char *stamp,
		     struct rows_writer **out)
{
	const char *colon = table_part(target);
	const char **names = xcalloc(head->n + 1, sizeof *names),
		   **types = xcalloc(head->n + 1, sizeof *types);
	char *path = xstrndup(target, (size_t)(colon - target));
	int rc;

	for (size_t i = 0; i < head->n; i++) {
		names[i] = head->cols[i].name;
		types[i] = sqlite_types[head->cols[i].type];
	}
	rc = rows_create(path, colon + 1, names, types, head->n, stamp, out);
	free(path);
	free(names);
	free(types);
	return rc;
}

/* "2026-11-22 06:12:02.345678", as SQLite's date functions read it. */
static void time_text(int64_t us, char out[48])
{
	int64_t days = us / 1000000, rest = us % 1000000;
	time_t seconds;
	struct tm tm;
	size_t n;

	if (rest < 0) {
		rest += 1000000;
		days--;
	}
	seconds = (time_t)days;
	gmtime_r(&seconds, &tm);
	n = strftime(out, 32, "%Y-%m-%d %H:%M:%S", &tm);
	if (rest)
		snprintf(out + n, 48 - n, ".%06d", (int)rest);
}

static int add_rows(struct rows_writer *w, const struct frame *rows)
{
	char(*times)[48] = xcalloc(rows->n + 1, sizeof *times);
	int rc = 0;

	for (int64_t r = 0; r < rows->rows && !rc; r++) {
		for (size_t i = 0; i < rows->n; i++) {
			const struct frame_column *c = &rows->cols[i];

			if (!frame_valid(c, r))
				continue;
			if (c->type == FRAME_BOOL)
				rows_bind_int(w, i, c->b[r]);
			else if (c->type == FRAME_INT)
				rows_bind_int(w, i, c->i[r]);
			else if (c->type == FRAME_DOUBLE)
				rows_bind_real(w, i, c->d[r]);
			else if (c->type == FRAME_STRING)
				rows_bind_text(w, i, c->s[r]);
			else {
				time_text(c->i[r], times[i]);
				rows_bind_text(w, i, times[i]);
			}
		}
		rc = rows_put(w);
	}
	free(times);
	return rc;
}

int table_sink_open(const char *target, const struct frame *head, const char *stamp,
		    struct table_sink **out)
{
	struct table_sink *s = xcalloc(1, sizeof *s);
	const char *format = table_format_of(target);
	int rc;

	if (table_part(target))
		rc = open_rows(target, head, stamp, &s->rows);
	else if (format && (strcmp(format, "parquet") == 0 || strcmp(format, "csv") == 0))
		rc = sink_file_open(target, format, head, &s->file);
	else if (format && (strcmp(format, "jsonl") == 0 || strcmp(format, "ndjson") == 0))
		rc = sink_file_open(target, "json", head, &s->file);
	else {
		rc = error_set(
			ERR_INPUT,
			"cannot write '%s': its name does not say a format that can be written",
			target);
		error_hint(rc, "use FILE.parquet, FILE.csv, FILE.jsonl or DB.sqlite:TABLE");
	}
	if (rc)
		free(s);
	else
		*out = s;
	return rc;
}

int table_sink_add(struct table_sink *s, const struct frame *rows)
{
	return s->file ? sink_file_add(s->file, rows) : add_rows(s->rows, rows);
}

int table_sink_finish(struct table_sink *s)
{
	int rc = s->file ? sink_file_finish(s->file) : rows_commit(s->rows);

	free(s);
	return rc;
}

void table_sink_abort(struct table_sink *s)
{
	if (!s)
		return;
	if (s->file)
		sink_file_abort(s->file);
	else
		rows_abort(s->rows);
	free(s);
}
