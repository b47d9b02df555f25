/* jsonrows.c - any bytes as JSON lines: whole and in small pieces they give the same frames. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/model/rows/jsonrows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int take(const struct frame *f, void *payload)
{
	jsonrows_put(f, f->n, payload);
	return 0;
}

static int read_all(const struct contract *c, const char *data, size_t n, size_t piece,
		    struct buf *out)
{
	struct jsonrows *r;
	int rc = 0;

	jsonrows_new(&(struct jsonrows_opts){ .contract = c, .max_rows = 3 }, &r);
	for (size_t i = 0; i < n && !rc; i += piece)
		rc = jsonrows_feed(r, data + i, n - i < piece ? n - i : piece, take, out);
	if (!rc)
		rc = jsonrows_end(r, take, out);
	jsonrows_free(r);
	return rc;
}

/* The first byte says how the contract casts, the others are the lines. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct contract c = CONTRACT_INIT;
	struct buf whole = BUF_INIT, pieces = BUF_INIT;
	const char *text = (const char *)data + 1;

	if (!n)
		return 0;
	contract_add(&c, "n", FRAME_INT);
	contract_add(&c, "d", FRAME_DOUBLE);
	contract_add(&c, "s", FRAME_STRING);
	contract_add(&c, "t", FRAME_TIME);
	contract_add(&c, "b", FRAME_BOOL);
	c.mode = data[0] & 1 ? CONTRACT_COERCE : CONTRACT_WARN;
	if (read_all(&c, text, n - 1, n, &whole) !=
		    read_all(&c, text, n - 1, 1 + data[0] % 7, &pieces) ||
	    whole.len != pieces.len || memcmp(whole.data, pieces.data, whole.len) != 0)
		abort();
	contract_clear(&c);
	buf_clear(&whole);
	buf_clear(&pieces);
	return 0;
}
