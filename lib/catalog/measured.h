/* measured.h - what was measured of a version, for dossier.c: evaluations and benches, newest of each name. */
#ifndef MICH_CATALOG_MEASURED_H
#define MICH_CATALOG_MEASURED_H

#include "lib/base/json.h"
#include "lib/record/version.h"

struct repo;

/*
 * The good versions of kind ("eval", "bench") that were made from v, the newest of each name, the one of v's
 * own name first; v is a model. When v is of that kind itself, it alone; of any other kind, none. Caller clears each and frees the array.
 */
int measured_find(struct repo *r, const struct version *v, const char *kind, struct version **out,
		  size_t *n_out);

/* As dossier.h describes "evaluations" and "benches"; new references. */
int measured_evaluation(struct repo *r, const struct version *eval, json_t **out);
int measured_bench(struct repo *r, const struct version *bench, json_t **out);

/* files/PATH or another member of v's tree as JSON: NULL where it has none, or not here, or no JSON. */
int measured_document(struct repo *r, const struct version *v, const char *path, json_t **out);

#endif
