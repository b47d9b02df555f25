/* plain.c - text of somebody else's, made harmless for a terminal. */
#include "lib/cli/plain.h"

#include <stdbool.h>

/* C0, DEL, and the UTF-8 form of C1. */
static bool is_control(const char *text, size_t n, size_t i)
{
	unsigned char c = (unsigned char)text[i];

	if (c == 0xc2 && i + 1 < n)
		return (unsigned char)text[i + 1] >= 0x80 && (unsigned char)text[i + 1] < 0xa0;
	return (c < ' ' && c != '\t' && c != '\n') || c == 127;
}

void plain_add(const char *text, size_t n, int indent, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		if (is_control(text, n, i)) {
			buf_addch(out, '?');
			i += text[i] == (char)0xc2;
			continue;
		}
		buf_addch(out, text[i]);
		if (text[i] == '\n' && i + 1 < n)
			buf_addf(out, "%*s", indent, "");
	}
}
