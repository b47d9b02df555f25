/* needs.h - what a node of a Michfile reads: other nodes, versions, files. */
#ifndef MICH_SPEC_NEEDS_H
#define MICH_SPEC_NEEDS_H

#include "lib/spec/spec.h"

/*
 * Fill node->ref and what the sources name, from the node's texts and the nodes of s; what was
 * filled before is freed. ERR_INPUT.
 */
int needs_read(const struct spec *s, struct spec_node *node);
void needs_clear(struct spec_node *node);

#endif
