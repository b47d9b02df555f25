/* holdout.h - the recorded measurements of a model on rows that it did not learn from. */
#ifndef MICH_MAKE_JUDGE_HOLDOUT_H
#define MICH_MAKE_JUDGE_HOLDOUT_H

#include "lib/record/version.h"
#include "lib/spec/spec.h"

struct repo;

/*
 * The newest good evaluation of this model, or of a version of the same bytes, that measured what node asks for: the same split,
 * threshold and command, and a version of the same data set. ERR_NOT_FOUND says what to type.
 */
int holdout_find(struct repo *r, const struct spec_node *node, const struct version *model,
		 struct version *out);

/* The newest good one that measured any split but train. ERR_NOT_FOUND. */
int holdout_any(struct repo *r, const struct version *model, struct version *out);

/* What a recorded evaluation measured: its model, its data set, and the split, which is static text. */
int holdout_read(struct repo *r, const struct version *eval, struct version *model,
		 struct version *data, const char **part);

#endif
