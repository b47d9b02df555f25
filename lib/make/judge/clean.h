/* clean.h - is what made a version committed by now? */
#ifndef MICH_MAKE_JUDGE_CLEAN_H
#define MICH_MAKE_JUDGE_CLEAN_H

#include <stdbool.h>

#include "lib/spec/spec.h"

struct repo;
struct version;

/*
 * Where a version is dirty, but HEAD holds the very code that made it, and its Michfile the recipe:
 * record the event "committed", and v is dirty no more. head: HEAD's Michfile.
 */
int clean_lift(struct repo *r, const struct spec *head, struct version *v);

#endif
