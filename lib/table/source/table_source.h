/* table_source.h - a file or folder that a query sees as a table. */
#ifndef MICH_TABLE_SOURCE_TABLE_SOURCE_H
#define MICH_TABLE_SOURCE_TABLE_SOURCE_H

#include <stddef.h>

#include "lib/base/strlist.h"

/*
 * Formats: csv (comma, tab, semicolon or bar, found in the first line), tsv, csv.gz, csv.zst,
 * csv.zip, parquet, jsonl, ndjson, json (also .gz, .zst, .zip), sqlite, and a folder that holds
 * {train,test,validation}.parquet.
 *
 * CSV: UTF-8, one header line (none where a name in it would be a number: then column0,
 * column1...), quotes by ", every line with as many fields; an empty field and NA are missing.
 * Types are those that fit every line of the file. .zip holds exactly one table.
 */
struct table_source {
	const char *name;   /* the view's name in the query */
	const char *path;   /* file or folder on disk; may be a symbolic link */
	const char *format; /* as above; NULL: by the ending of path */
	const char *member; /* the table of a SQLite file; NULL: its only one */
};

/* The format that a path's ending says, NULL when it says none. Static. */
const char *table_format_of(const char *path);

#endif
