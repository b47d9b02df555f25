/* markdown_cell.h - what stands in a cell, or a sentence, of Markdown. */
#ifndef MICH_PAGE_MARKDOWN_CELL_H
#define MICH_PAGE_MARKDOWN_CELL_H

#include "lib/base/buf.h"
#include "lib/base/json.h"

/*
 * Text of which the first 300 bytes are shown: one line, no markup of Markdown, no HTML, and no @name that
 * would call somebody.
 */
void markdown_text(const char *text, struct buf *out);

void markdown_figure(const json_t *v, struct buf *out);

#endif
