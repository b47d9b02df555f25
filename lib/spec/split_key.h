/* split_key.h - how a data set is split: "75/15/10 by time(hour)". */
#ifndef MICH_SPEC_SPLIT_KEY_H
#define MICH_SPEC_SPLIT_KEY_H

#include "lib/spec/field.h"

/* The caller clears out; it is empty after an error. ERR_INPUT says what would be right. */
int split_key_read(const char *text, const struct field_where *w, struct spec_split *out);
void split_key_clear(struct spec_split *s);

#endif
