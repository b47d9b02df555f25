/* learners.h - the built-in learners: which program trains, what it needs, how its model is written. */
#ifndef MICH_MAKE_TRAIN_LEARNERS_H
#define MICH_MAKE_TRAIN_LEARNERS_H

#include "lib/base/json.h"

struct attempt;
struct contract;
struct prospect;
struct repo;
struct step;

struct spec_node;

struct learner {
	const char *name;    /* as the key `learner` has it */
	const char *program; /* in libexec */
	const char *option;  /* of the program; NULL: none */
	/* Are the step's parameters, for so many ranks and such data, any that it could train with? ERR_INPUT. */
	int (*vet)(const struct spec_node *node, const struct step *s, const struct prospect *data);
	/* Put the engine whose version shapes the output into the step; NULL: none does. */
	int (*describe)(struct repo *r, struct step *s);
	/* What of the engine is recorded beside: {"xgboost": "3.2.0"}; NULL: nothing. */
	int (*engine)(struct repo *r, json_t *out);
	const char *var; /* that says where its engine lies, for the program to see; NULL: none */
	/* Write model.json for what the program left in out. */
	int (*write)(const char *out, const struct contract *c);
	const char *gpu_program; /* the one that trains on GPUs; NULL: none, or the same */
};

/* NULL when there is none of that name. */
const struct learner *learner_find(const char *name);

#endif
