/* warnings.c - lines of a log that begin with one of our programs and the word. */
#include "lib/step/warnings.h"

#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"

/* NULL: the line is none. */
static const char *text_of(const char *line)
{
	static const char word[] = ": warning: ";
	const char *rest = *line == '[' ? strstr(line, "] ") : NULL, *name = rest ? rest + 2 : line;
	const char *after = name + strcspn(name, ":");

	if (strncmp(name, "mich-", 5) || strncmp(after, word, sizeof word - 1))
		return NULL;
	return after + sizeof word - 1;
}

json_t *warnings_read(const char *log)
{
	struct buf b = BUF_INIT;
	json_t *out = NULL;
	char *save = NULL;

	if (file_read(log, &b) < 0)
		error_clear();
	for (char *s = strtok_r(b.data, "\n", &save); s; s = strtok_r(NULL, "\n", &save)) {
		const char *text = text_of(s);

		if (!text)
			continue;
		out = out ? out : json_array();
		json_array_append_new(out, json_string(text));
	}
	buf_clear(&b);
	return out;
}
