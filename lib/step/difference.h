/* difference.h - what differs between two prints, named for a person. */
#ifndef MICH_STEP_DIFFERENCE_H
#define MICH_STEP_DIFFERENCE_H

#include "lib/base/json.h"

/*
 * [{"what": "param max_depth", "before": 6, "after": 8}, ...]: a step's own recipe first, then its
 * parameters, code, environment, engines and period, then its inputs. before or after is null for
 * what only the other has. An input's contents are shortened to 12 digits. New reference.
 */
json_t *difference_of_prints(const json_t *before, const json_t *after);

/*
 * The same of the surroundings that two manifests recorded but no fingerprint holds: the program, its
 * Python and packages, the variables that were passed, the number of threads. New reference.
 */
json_t *difference_of_surroundings(const json_t *before, const json_t *after);

/* One line a difference: "param max_depth: 6 -> 8", "how mich itself makes it: 2 -> 3"; caller frees. */
char *difference_text(const json_t *row);

#endif
