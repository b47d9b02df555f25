/* recall.h - how a recorded version was made, ready to be made again. */
#ifndef MICH_MAKE_RECALL_H
#define MICH_MAKE_RECALL_H

#include "lib/base/json.h"

struct repo;
struct spec;
struct spec_node;
struct step;
struct version;

/*
 * Its section as the manifest says it, alone in a Michfile of its own: *spec is the caller's to free,
 * also after an error. ERR_INPUT: it was made by a mich that did not record enough.
 */
int recall_section(const json_t *manifest, struct spec **spec, struct spec_node **node);

/*
 * Its step, with the recorded inputs, code, parameters, seed and number of threads; the variables that
 * were part of it are set in this process. step_clear() in any case. ERR_INPUT: a source was not kept.
 */
int recall_step(struct repo *r, const struct version *v, const json_t *manifest, struct step *s);

#endif
