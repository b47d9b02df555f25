/* members.h - models that answer as one: what the keys of such a section ask of each other. */
#ifndef MICH_SPEC_MEMBERS_H
#define MICH_SPEC_MEMBERS_H

#include "lib/spec/spec.h"

/* Of a model with members, before anything is linked. ERR_INPUT. */
int members_check(const struct spec_node *node);

#endif
