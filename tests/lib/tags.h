/* tags.h - is a text of HTML or XML well-formed, and does it hold nothing that runs or loads? For tests. */
#ifndef TESTS_TAGS_H
#define TESTS_TAGS_H

#include <stdlib.h>
#include <string.h>

/* Every tag closes what was opened last; attributes are quoted: else abort(). The number of elements. */
static inline size_t tags_check(const char *text)
{
	const char *stack[64];
	size_t depth = 0, elements = 0, lengths[64];

	for (const char *p = strchr(text, '<'); p; p = strchr(p, '<')) {
		size_t name = strcspn(p + 1, " />");
		const char *end = p;

		while (*end && *end != '>')
			if (*end++ == '"' && (end = strchr(end, '"')))
				end++;
			else if (!end)
				abort();
		if (*end != '>')
			abort();
		if (p[1] == '!' || p[1] == '?') {
			p = end;
			continue;
		}
		if (p[1] == '/') {
			name = strcspn(p + 2, ">");
			if (!depth || lengths[depth - 1] != name ||
			    strncmp(stack[depth - 1], p + 2, name) != 0)
				abort();
			depth--;
		} else if (end[-1] != '/') {
			if (depth == 64)
				abort();
			stack[depth] = p + 1;
			lengths[depth++] = name;
			elements++;
		}
		if (!strncmp(p + 1, "path", 4) || !strncmp(p + 1, "rect", 4) ||
		    !strncmp(p + 1, "circle", 6))
			for (const char *at = p; at < end; at++)
				if (!strncmp(at, "nan", 3) || !strncmp(at, "inf", 3))
					abort(); /* no place on a chart */
		if (!strncmp(p + 1, "script", 6) || !strncmp(p + 1, "img", 3))
			abort();
		p = end;
	}
	if (depth)
		abort();
	return elements;
}

#endif
