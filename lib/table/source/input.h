/* input.h - a source found on disk, unpacked, and read as a DuckDB table expression. */
#ifndef MICH_TABLE_SOURCE_INPUT_H
#define MICH_TABLE_SOURCE_INPUT_H

#include "lib/table/duckdb/session.h"
#include "lib/table/source/csv.h"
#include "lib/table/source/table_source.h"

struct input {
	char *name;	      /* the view's name */
	char *shown;	      /* the path as the user knows it, for errors */
	char format[16];      /* "csv" "tsv" "parquet" "json" "sqlite" */
	char compression[8];  /* "none" "gzip" "zstd" */
	struct strlist files; /* absolute paths, links resolved */
	char *member;	      /* of a SQLite file */
	struct csv_head head; /* of a CSV file */
	char *sql;	      /* what stands after FROM; set by input_read() */
	struct strlist names; /* of the columns */
	struct strlist types; /* DuckDB's names */
	struct strlist odd;   /* what a person is to be told of its columns: input_odd() */
};

/*
 * Find the file, unpack .zip into scratch_dir. ERR_NOT_FOUND; ERR_INPUT: empty, a git-lfs pointer,
 * an unknown format, an archive that holds not one table.
 */
int input_find(const struct table_source *src, const char *scratch_dir, struct input *out);
void input_clear(struct input *in);

/* Find the dialect and the types; the session must have been opened with in->files among its paths.
 */
int input_read(struct session *s, struct input *in);

/*
 * Of a CSV file whose sql is set: a column that is text though its values are numbers throughout, since one
 * is infinite, becomes DOUBLE; one in which at least nine of ten are is told of, with the first that is none.
 */
int input_odd(struct session *s, struct input *in);

/*
 * After a query failed: where this input is what failed, say so with file and line. The error that
 * is set stays where it is not.
 */
int input_explain(struct session *s, const struct input *in, int rc);

/* The same as input_read() for a SQLite file: its table is copied into this session. */
int input_read_sqlite(struct session *s, struct input *in);

/* A view of the input under its name, or (empty) a table with its columns and no rows. */
int input_view(struct session *s, const struct input *in);
int input_shape(struct session *s, const struct input *in);
int input_unshape(struct session *s, const struct input *in);
/* Also as main.source. */
int input_alias(struct session *s, const struct input *in);

#endif
