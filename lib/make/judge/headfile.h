/* headfile.h - the Michfile of HEAD: what a release is judged by, whatever lies in the work tree. */
#ifndef MICH_MAKE_JUDGE_HEADFILE_H
#define MICH_MAKE_JUDGE_HEADFILE_H

#include "lib/spec/spec.h"

struct repo;

/* HEAD's Michfile; one without sections where HEAD has none. ERR_INPUT: it cannot be read. */
int headfile_open(struct repo *r, struct spec **out);

/* Does this evaluation measure the model of that name, in whichever version? */
bool headfile_measures(const struct spec_node *eval, const char *model);

/*
 * Refuse a work tree whose gates or checks of a model, or gates of an evaluation of it, are not what
 * head says: ERR_INPUT names the first that differs. A bare repository has none that could.
 */
int headfile_check_gates(struct repo *r, const struct spec *head, const char *model);

#endif
