/* crossing.c - what to slice by, as people type it: a column, or two with a star between. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/measure/slice/slicer.h"

/* A part of text without the blanks around it; NULL when nothing is left. */
static char *part(const char *text, size_t n)
{
	while (n && strchr(" \t", *text))
		text++, n--;
	while (n && strchr(" \t", text[n - 1]))
		n--;
	return n ? xstrndup(text, n) : NULL;
}

int slicer_by(const char *text, const char *const *columns, size_t n, char **a_out, char **b_out)
{
	const char *star = strchr(text, '*');

	*b_out = NULL;
	for (size_t i = 0; star && i < n; i++)
		if (!strcmp(columns[i], text))
			star = NULL;
	*a_out = part(text, star ? (size_t)(star - text) : strlen(text));
	if (star)
		*b_out = part(star + 1, strlen(star + 1));
	if (*a_out && (!star || *b_out) && (!star || !strchr(star + 1, '*')) &&
	    (!star || strcmp(*a_out, *b_out)))
		return 0;
	free(*a_out);
	free(*b_out);
	*a_out = *b_out = NULL;
	error_set(ERR_INPUT, "cannot slice by '%s': want a column, or two different ones crossed",
		  text);
	return error_hint(ERR_INPUT, "carrier, or 'carrier * origin'");
}

static const char *blanks(const char *s)
{
	return s + strspn(s, " \t");
}

/* Blanks count only between other letters: not at the ends, not beside a star. */
bool slicer_same(const char *a, const char *b)
{
	for (a = blanks(a), b = blanks(b); *a || *b; a++, b++) {
		if (!*blanks(a) || *blanks(a) == '*')
			a = blanks(a);
		if (!*blanks(b) || *blanks(b) == '*')
			b = blanks(b);
		if (*a != *b)
			return false;
		if (*a == '*') {
			a = blanks(a + 1) - 1;
			b = blanks(b + 1) - 1;
		} else if (!*a) {
			return true;
		}
	}
	return true;
}
