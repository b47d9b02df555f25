/* plain.h - text of somebody else's, made harmless for a terminal. */
#ifndef MICH_CLI_PLAIN_H
#define MICH_CLI_PLAIN_H

#include <stddef.h>

#include "lib/base/buf.h"

/*
 * Add n bytes of text: control characters but tab and line feed become '?', so that nothing a
 * record holds can move the cursor or set colours. Lines after the first begin with indent spaces.
 */
void plain_add(const char *text, size_t n, int indent, struct buf *out);

#endif
