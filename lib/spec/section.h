/* section.h - one section of a Michfile as a node: its keys read, its rules held, its JSON. */
#ifndef MICH_SPEC_SECTION_H
#define MICH_SPEC_SECTION_H

#include "lib/spec/config.h"
#include "lib/spec/key.h"
#include "lib/spec/spec.h"

/* With the defaults of its kind; file is borrowed for the node's life. Free with section_free(). */
struct spec_node *section_new(enum spec_kind kind, const char *name, const char *file, int line);
void section_free(struct spec_node *node);

/* ERR_INPUT: an unknown key, a bad value, a key given twice, a value that a comment would cut. */
int section_read(struct spec_node *node, const struct config_entry *e);

/* Whether a key was given, in its section or over it. */
bool section_given(const struct spec_node *node, const char *key);

/* Override a key, else a parameter, by "KEY=VALUE". */
int section_set(struct spec_node *node, const char *assignment);

/* Give node the gates of its model, as if they were its own. */
void section_take_gates(struct spec_node *node, const struct spec_node *model);

/* Does the key mean anything in this section, given what runs? */
bool section_applies(const struct spec_node *node, const struct key *k);

/* What keys of one section ask of each other, before anything is linked. ERR_INPUT. */
int section_check(const struct spec_node *node);

/* The same, then fill node->json. */
int section_finish(struct spec_node *node);

/* What it asks of the nodes that it reads. */
int section_check_linked(const struct spec_node *node);

#endif
