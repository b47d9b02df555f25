/* utf8.c - the ranges of RFC 3629, section 4. */
#include "lib/base/utf8.h"

#include <string.h>

static int within(const char *s, size_t n, size_t at, unsigned low, unsigned high)
{
	unsigned byte = at < n ? (unsigned char)s[at] : 0;

	return byte >= low && byte <= high;
}

size_t utf8_bytes(const char *s, size_t n)
{
	unsigned first = n ? (unsigned char)s[0] : 0x80;
	unsigned low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	unsigned high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
	size_t want = first < 0x80		       ? 1
		      : first >= 0xc2 && first <= 0xdf ? 2
		      : first >= 0xe0 && first <= 0xef ? 3
		      : first >= 0xf0 && first <= 0xf4 ? 4
						       : 0;

	if (want < 2)
		return want;
	if (!within(s, n, 1, low, high))
		return 0;
	for (size_t i = 2; i < want; i++)
		if (!within(s, n, i, 0x80, 0xbf))
			return 0;
	return want;
}

void utf8_clean(char *s)
{
	size_t left = strlen(s);

	while (left) {
		size_t n = utf8_bytes(s, left);

		if (!n)
			*s = '?';
		s += n ? n : 1;
		left -= n ? n : 1;
	}
}
