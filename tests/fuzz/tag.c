/* tag.c - any bytes as an annotated tag, and its message as trailers. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/store/tag.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct tag t;

	if (tag_parse((const char *)data, n, &t) == 0) {
		char *id = message_trailer(t.message, "Mich-Id");

		if (!t.name || !t.tagger || strlen(t.message) > n || (id && strchr(id, '\n')))
			abort();
		free(id);
	}
	tag_clear(&t);
	return 0;
}
