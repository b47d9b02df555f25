/* csv.h - the dialect of a CSV file, from its first bytes. */
#ifndef MICH_TABLE_SOURCE_CSV_H
#define MICH_TABLE_SOURCE_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/strlist.h"

struct csv_head {
	char delimiter; /* ',' '\t' ';' or '|': the most frequent outside quotes in the first line
			 */
	bool header;	/* false where a field of the first line is a number */
	struct strlist fields; /* of the first line, unquoted */
};

/* Read the first record of n bytes; delimiter 0: find it. ERR_INPUT: a quote is not closed, a NUL.
 */
int csv_head(const char *data, size_t n, char delimiter, struct csv_head *out);
void csv_head_clear(struct csv_head *h);

#endif
