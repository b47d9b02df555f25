/* scratch.h - a folder of ours for as long as something runs. */
#ifndef MICH_MAKE_SCRATCH_H
#define MICH_MAKE_SCRATCH_H

struct repo;

/*
 * Make a new folder in the record, or where that is not ours to write, or r is NULL, in the system's
 * own place.
 * what names it for a person who finds it. The caller frees *out, which is NULL on failure, and
 * removes the folder. ERR_IO.
 */
int scratch_make(const struct repo *r, const char *what, char **out);

#endif
