/* divisions.h - what is asked to be sliced by, as columns of a table. */
#ifndef MICH_MAKE_SCORE_DIVISIONS_H
#define MICH_MAKE_SCORE_DIVISIONS_H

#include <stddef.h>

#include "lib/base/strlist.h"
#include "lib/make/score/scored.h"

struct divisions {
	char **a, **b; /* (n) b[i] NULL: by a[i] alone, else by both crossed */
	size_t n;
	struct strlist columns; /* each once */
};

/*
 * Read "carrier" and "carrier * hour". The table's own columns are looked at only where one of them may
 * have a star in its name. ERR_INPUT as slicer_by. out is {0}, cleared by the caller whatever comes
 * back.
 */
int divisions_read(const char *const *by, size_t n, const char *table_path, struct divisions *out);
void divisions_clear(struct divisions *d);

/* The slices of each into out (n), of rows that were scored by at least these columns. */
int divisions_slices(const struct divisions *d, const struct scored *s, struct slices *out);

#endif
