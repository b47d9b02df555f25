/* scratch.h - a folder of ours for as long as something runs. */
#ifndef MICH_RECORD_RUN_SCRATCH_H
#define MICH_RECORD_RUN_SCRATCH_H

#include <stdbool.h>

struct repo;

/*
 * Make a new folder in the record, or where that is not ours to write, or r is NULL, in the system's
 * own place.
 * what names it for a person who finds it. The caller frees *out, which is NULL on failure, and
 * removes the folder. ERR_IO.
 */
int scratch_make(const struct repo *r, const char *what, char **out);

/* Is the name that of a folder whose process still runs? */
bool scratch_is_used(const char *name);

/* Remove the folders in the record whose process is gone. One readdir where there is none. */
void scratch_sweep(const struct repo *r);

#endif
