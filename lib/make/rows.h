/* rows.h - the rows of a recorded prediction as text. */
#ifndef MICH_MAKE_ROWS_H
#define MICH_MAKE_ROWS_H

#include <stdbool.h>

bool rows_is_text(const char *target); /* .csv, .jsonl, .ndjson */

/* A Parquet file of predictions to a text file, whole or not at all; its floats as floats. */
int rows_to_text(const char *from, const char *target);

#endif
