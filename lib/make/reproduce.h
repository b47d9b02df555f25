/* reproduce.h - make a recorded version again from its record alone, and compare the bytes. */
#ifndef MICH_MAKE_REPRODUCE_H
#define MICH_MAKE_REPRODUCE_H

#include <stdbool.h>

#include "lib/base/json.h"

struct repo;
struct version;

struct reproduced {
	bool same;	  /* the content is the recorded one, byte for byte */
	char content[65]; /* what came out */
	json_t *files; /* [{"path", "before", "after"}]: files that differ; null where one side lacks it */
	json_t *notes; /* what may explain a difference: another engine, exact = no, another CPU */
};

/*
 * Run the version's step again in a fresh folder, on its recorded inputs, code, parameters, seed and
 * number of threads. Nothing is recorded; inputs whose bytes are gone are made again first, and kept
 * where they come out the same. ERR_INPUT: it was made by a mich that did not record
 * enough, or never was good; ERR_NOT_FOUND: an input's bytes are not here.
 */
int reproduce(struct repo *r, const struct version *v, bool echo, struct reproduced *out);
void reproduced_clear(struct reproduced *r);

/*
 * Make what v's step would have made with another version as its input of that role: found where it
 * was made before, else run and recorded under v's name. ERR_INPUT: v has no such input, or does not
 * carry what it takes; and whatever the step gives.
 */
int reproduce_with(struct repo *r, const struct version *v, const char *role,
		   const struct version *input, struct version *out);

#endif
