/* loaded.h - a recorded model, read into memory. */
#ifndef MICH_MAKE_SCORE_LOADED_H
#define MICH_MAKE_SCORE_LOADED_H

struct model;
struct repo;
struct version;

/*
 * Place the model's files in a scratch folder, read it, remove the folder. model_free() it.
 * ERR_NOT_FOUND: bytes that are not here; ERR_CORRUPT, ERR_INPUT: no model that mich can score with.
 */
int loaded_model(struct repo *repo, const struct version *v, struct model **out);

#endif
