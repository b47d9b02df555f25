/* field.h - from what is typed behind a key to a field of the node, and to JSON. */
#ifndef MICH_SPEC_FIELD_H
#define MICH_SPEC_FIELD_H

#include "lib/base/json.h"
#include "lib/spec/key.h"

/* Where a value was typed; line 0 stands for no line: "--set: ...". */
struct field_where {
	const char *file;
	int line;
};

/* Set the reason with "FILE:LINE: " before it; gives ERR_INPUT. */
int field_error(const struct field_where *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Read text (NULL: the key stands alone, a switch) into the node's field. A KEY_MANY key adds to
 * what is there, any other replaces it. ERR_INPUT names what would be right.
 */
int field_read(const struct key *k, const struct field_where *w, const char *text,
	       struct spec_node *node);

/* Free the field and make it zero. */
void field_clear(const struct key *k, struct spec_node *node);

/* The field as JSON, NULL where it holds nothing. New reference. */
json_t *field_json(const struct key *k, const struct spec_node *node);

#endif
