/* shares.h - how a data set is split: "75/15/10 by time(hour)". */
#ifndef MICH_SPEC_SHARES_H
#define MICH_SPEC_SHARES_H

#include "lib/spec/field.h"

/* The caller clears out; it is empty after an error. ERR_INPUT says what would be right. */
int shares_read(const char *text, const struct field_where *w, struct spec_split *out);
void shares_clear(struct spec_split *s);

#endif
