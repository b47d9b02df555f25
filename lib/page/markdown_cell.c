/* markdown_cell.c - text that is nothing but text. */
#include "lib/page/markdown_cell.h"

#include <string.h>

#include "lib/page/digits.h"
#include "lib/page/html.h"

enum { CELL_BYTES = 300 };

void markdown_text(const char *text, struct buf *out)
{
	struct buf safe = BUF_INIT;

	html_escape(text, strnlen(text, CELL_BYTES), &safe);
	for (const char *p = safe.data; *p; p++) {
		if (*p == '\n' || *p == '\t')
			buf_addch(out, ' ');
		else if (strchr("\\`*_{}[]()|~!^$", *p))
			buf_addf(out, "\\%c", *p);
		else if (*p == '@' || (*p == '#' && (p == safe.data || p[-1] != '&')) || *p == ':')
			buf_addf(out, "&#%d;", *p);
		else
			buf_addch(out, *p);
	}
	if (strlen(text) > CELL_BYTES)
		buf_addstr(out, "\xe2\x80\xa6");
	buf_clear(&safe);
}

void markdown_figure(const json_t *v, struct buf *out)
{
	struct buf text = BUF_INIT;

	digits_value_text(v, &text);
	markdown_text(text.data, out);
	buf_clear(&text);
}
