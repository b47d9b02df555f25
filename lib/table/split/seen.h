/* seen.h - which rows of one table occur in another, such as those that a model was trained on. */
#ifndef MICH_TABLE_SPLIT_SEEN_H
#define MICH_TABLE_SPLIT_SEEN_H

#include <stdint.h>

#include "lib/base/strlist.h"

struct table_seen {
	uint8_t *mask;		/* (rows): 1 where the row occurs in the other table */
	int64_t rows;		/* of the table */
	int64_t n;		/* of them are seen */
	struct strlist columns; /* those that both tables have, by which rows were compared */
};

#define TABLE_SEEN_INIT \
	{               \
		0       \
	}

/*
 * Find the rows of the Parquet file at path that occur in the one at `in`: equal in every column that
 * both files have, where two missing values are equal, and numbers of different types when their
 * values are. Without a common column no row is seen. threads 0: all cores; scratch_dir takes what
 * does not fit in memory (NULL: it must). The caller clears out. ERR_ENGINE, ERR_IO, ERR_FAIL.
 */
int table_seen(const char *path, const char *in, int threads, const char *scratch_dir,
	       struct table_seen *out);
void table_seen_clear(struct table_seen *s);

#endif
