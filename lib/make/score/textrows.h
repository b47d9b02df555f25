/* textrows.h - the rows of a recorded prediction as text. */
#ifndef MICH_MAKE_SCORE_TEXTROWS_H
#define MICH_MAKE_SCORE_TEXTROWS_H

#include <stdbool.h>

bool textrows_fits(const char *target); /* .csv, .jsonl, .ndjson */

/* A Parquet file of predictions to a text file, whole or not at all; its floats as floats. */
int textrows_write(const char *from, const char *target);

#endif
