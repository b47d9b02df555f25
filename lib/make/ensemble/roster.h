/* roster.h - the members of an ensemble's step, as they were given. */
#ifndef MICH_MAKE_ENSEMBLE_ROSTER_H
#define MICH_MAKE_ENSEMBLE_ROSTER_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/model/ensemble.h"
#include "lib/model/joined.h"

struct attempt;
struct step;
struct step_input;

/* The inputs of a step that are members of its ensemble. */
size_t roster_count(const struct step *s);
/* The i-th of them, from 0; its name there, also that of its folder, is borrowed. */
const struct step_input *roster_at(const struct step *s, size_t i, const char **name);

/*
 * Did a member learn from rows of the test or validation split of the ensemble's data set? ERR_INPUT
 * names the member and how many. stacked: it must have learned from the very train split that is dealt
 * out. Members of unknown origin pass. Reads tables: inside a child.
 */
int roster_check_rows(struct attempt *a, bool stacked);

/* All of them, read: inside a child. */
struct roster {
	struct ensemble e;     /* their names; each has the weight 1 */
	struct model **models; /* (e.n) */
	struct joined joined;  /* what they ask for and say together */
};

/* ERR_INPUT: they do not go together. roster_close() in any case. */
int roster_open(const struct attempt *a, struct roster *out);
void roster_close(struct roster *r);

/* Can mich score with each? ERR_INPUT names the one without a model.json. */
int roster_check_files(struct attempt *a);

#endif
