/* words.c - look a word up, or say which there are. */
#include "lib/learn/net/words.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"

int words_parse(const char *what, const char *const *words, size_t n, const char *name, int *out)
{
	struct buf all = BUF_INIT;
	int rc;

	for (size_t i = 0; i < n; i++) {
		if (!strcmp(words[i], name)) {
			*out = (int)i;
			buf_clear(&all);
			return 0;
		}
		buf_addf(&all, "%s%s", !i ? "" : i + 1 < n ? ", " : " or ", words[i]);
	}
	rc = error_set(ERR_INPUT, "no %s '%s': want %s", what, name, all.data);
	buf_clear(&all);
	return rc;
}
