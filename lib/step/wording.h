/* wording.h - what a failed attempt says, in the user's words. */
#ifndef MICH_STEP_WORDING_H
#define MICH_STEP_WORDING_H

struct attempt;

/*
 * Put the names that the user knows into the reason that is set: an input's own path or version for
 * where it lay in the run folder, $MICH_OUT for the output's folder. The run folder goes away, and a
 * path in it would tell nobody anything. Returns rc; the hint stays.
 */
int wording_set(const struct attempt *a, int rc);

/* The same with one path and the name that the user has for it. */
int wording_name(int rc, const char *path, const char *name);

#endif
