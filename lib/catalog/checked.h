/* checked.h - what was asked of a version and whether it held: rows of dossier.h's "checks". */
#ifndef MICH_CATALOG_CHECKED_H
#define MICH_CATALOG_CHECKED_H

#include "lib/base/json.h"
#include "lib/record/version.h"

struct repo;

/*
 * Add the rows of v's newest event of a type ("judged", "validated"), if it has one, to checks. A gate that
 * validation judged too is there once, as it was judged last.
 */
int checked_event(struct repo *r, const struct version *v, const char *type, const char *kind,
		  json_t *checks);

/* Add the checks in the report of a data set's build; of: its name. */
void checked_data(const char *of, const json_t *profile, json_t *checks);

#endif
