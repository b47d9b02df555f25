/* command.c - the words of a command line. */
#include "lib/spec/command.h"

#include <stdbool.h>
#include <string.h>

#include "lib/base/buf.h"

/* One quoted part from its opening quote on; gives what follows the closing one. */
static const char *read_quoted(const char *p, struct buf *word)
{
	char quote = *p++;

	for (; *p && *p != quote; p++) {
		if (quote == '"' && *p == '\\' && p[1] && strchr("\"\\$`\n", p[1]))
			p++;
		buf_addch(word, *p);
	}
	return *p ? p + 1 : p;
}

static void end_word(struct buf *word, bool *open, struct strlist *out)
{
	if (*open)
		strlist_add(out, word->data);
	buf_reset(word);
	*open = false;
}

void command_words(const char *text, struct strlist *out)
{
	struct buf word = BUF_INIT;
	bool open = false;

	while (*text) {
		if (strchr(" \t\n\r;&|<>()", *text)) {
			end_word(&word, &open, out);
			text++;
			continue;
		}
		open = true;
		if (*text == '\'' || *text == '"') {
			text = read_quoted(text, &word);
			continue;
		}
		if (*text == '\\' && text[1])
			text++;
		buf_addch(&word, *text++);
	}
	end_word(&word, &open, out);
	buf_clear(&word);
}
