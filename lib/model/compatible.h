/* compatible.h - may one model take another's place, as far as those who call it can tell? */
#ifndef MICH_MODEL_COMPATIBLE_H
#define MICH_MODEL_COMPATIBLE_H

#include <stdbool.h>

#include "lib/model/contract.h"

/*
 * True when every request that `old` answered is answered by `new_` as well, and the answer has the
 * same shape, so a minor release will do; false asks for a new major.
 *
 * *differences: an array in the order of old's columns, then new_'s further ones, then what is not of
 * a column; a new reference, empty when nothing differs:
 *
 *	{"what", "column"?, "before", "after", "breaking": bool, "why": "column 'x' may ..."}
 *
 * Breaking: a column that old did not ask for ("added"), another type but int to double ("type"), no
 * missing values where old took them ("nullable"), categories that are gone ("categories"), another
 * mode that refuses more ("mode"), a narrower range where the new mode is reject ("range"), another
 * task, other classes, another type of the predicted class ("task", "classes", "label type"). A
 * removed column is passed over when it is sent ("removed"): that breaks nothing, nor does a narrower
 * range elsewhere, where what lies outside is scored and counted.
 */
bool contract_compatible(const struct contract *old, const struct contract *new_,
			 json_t **differences);

#endif
