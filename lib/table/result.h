/*
 * result.h - the rows of a data set step inside DuckDB: the table mich.result in its final order,
 * and which split each row belongs to.
 */
#ifndef MICH_TABLE_RESULT_H
#define MICH_TABLE_RESULT_H

#include "lib/base/json.h"
#include "lib/table/duckdb/query.h"
#include "lib/table/split/split.h"

struct result {
	struct session *s;
	const struct query *q; /* names and types of the columns */
	int64_t rows;
	uint8_t *split; /* (rows) */
	int64_t count[SPLITS];
};

/* Give every row of mich.result its split. ERR_INPUT: an unknown column, a time that is missing. */
int result_split(struct result *r, const struct table_split *how);

/* Views main.train, main.test, main.validation: the rows of each split. */
int result_views(struct result *r);

/* Write the rows of one split, by one thread in fixed row groups. */
int result_write(struct result *r, int split, const char *path);

void result_clear(struct result *r);

#endif
