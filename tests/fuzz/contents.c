/* contents.c - any bytes as a listing; what is read is written again to the same bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/record/content/contents.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct contents c, again;
	struct buf b = BUF_INIT, path = BUF_INIT;

	if (contents_parse((const char *)data, n, &c) == 0) {
		contents_write(&c, &b);
		if (contents_parse(b.data, b.len, &again) < 0 || again.n != c.n)
			abort();
		for (size_t i = 0; i < c.n; i++)
			if (strcmp(c.v[i].path, again.v[i].path) ||
			    contents_find(&c, c.v[i].path) != &c.v[i])
				abort();
		contents_clear(&again);
		contents_clear(&c);
	}
	if (path_unquote((const char *)data, n, &path) == 0) {
		buf_reset(&b);
		path_quote(path.data, &b);
		buf_reset(&path);
		if (path_unquote(b.data, b.len, &path) < 0 && b.len)
			abort();
	}
	buf_clear(&b);
	buf_clear(&path);
	return 0;
}
