/* contracted.h - the contract of a recorded model. */
#ifndef MICH_MAKE_JUDGE_CONTRACTED_H
#define MICH_MAKE_JUDGE_CONTRACTED_H

#include "lib/model/contract.h"

struct repo;
struct version;

/* Fill *out, of files/model.json. ERR_NOT_FOUND: it has none, as a model of the user's own may. */
int contracted_read(struct repo *r, const struct version *v, struct contract *out);

#endif
