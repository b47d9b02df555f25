/* split.c - the text of a split: what parses, formats and parses back to the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/table/split/split.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = xstrndup((const char *)data, n);
	struct buf first = BUF_INIT, second = BUF_INIT;
	struct table_split s;

	if (table_split_parse(text, &s) == 0) {
		table_split_format(&s, &first);
		table_split_clear(&s);
		if (table_split_parse(first.data, &s))
			abort();
		table_split_format(&s, &second);
		if (strcmp(first.data, second.data) != 0)
			abort();
		table_split_clear(&s);
	}
	buf_clear(&first);
	buf_clear(&second);
	free(text);
	return 0;
}
