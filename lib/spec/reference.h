/* reference.h - an artifact as a Michfile names it: "eta", "model/eta@14", "maps/eta@2.1". */
#ifndef MICH_SPEC_REFERENCE_H
#define MICH_SPEC_REFERENCE_H

#include <stdbool.h>

#include "lib/spec/field.h"

/*
 * The artifact that text names, for a key that wants one of this kind; its node and role are left empty. The
 * caller clears out; it is empty after an error. ERR_INPUT: it is of another kind, or may come to mean another
 * version ("@latest", a stage).
 */
int reference_parse(const struct field_where *w, enum spec_kind kind, const char *text,
		    struct spec_ref *out);
void reference_clear(struct spec_ref *ref);

/* Does text, which may be a path too, read as KIND/NAME, or as a name with a revision behind @? */
bool reference_is_like(enum spec_kind kind, const char *text);

#endif
