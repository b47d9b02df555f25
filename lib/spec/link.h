/* link.h - which node of a Michfile reads which: references, sources, circles, order. */
#ifndef MICH_SPEC_LINK_H
#define MICH_SPEC_LINK_H

#include "lib/spec/field.h"

/*
 * Fill node->ref and what the sources name, from the node's texts and the nodes of s; what was
 * filled before is freed. ERR_INPUT.
 */
int link_node(const struct spec *s, struct spec_node *node);
void link_clear(struct spec_node *node);

/* The artifact that text names, for a key that wants one of this kind. The caller clears out. */
int link_ref_parse(const struct field_where *w, enum spec_kind kind, const char *text,
		   struct spec_ref *out);
void link_ref_clear(struct spec_ref *ref);

/* ERR_INPUT prints the circle, each node with its file:line. */
int link_check_circle(const struct spec *s);

#endif
