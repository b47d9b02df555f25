/* order.c - least significant byte first, one pass a byte that differs. */
#include "lib/measure/metric/order.h"

#include <stdlib.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

enum { BYTES = sizeof(uint64_t), BUCKETS = 256 };

/* Move in to out by one byte of the keys; count becomes the places. */
static void pass(const uint64_t *key, const uint32_t *in, size_t n, int byte, size_t *count,
		 uint32_t *out)
{
	size_t at = 0;

	for (size_t b = 0; b < BUCKETS; b++) {
		size_t rows = count[b];

		count[b] = at;
		at += rows;
	}
	for (size_t i = 0; i < n; i++)
		out[count[key[in[i]] >> (8 * byte) & 255]++] = in[i];
}

int order_by(const uint64_t *key, size_t n, uint32_t *out)
{
	size_t(*count)[BUCKETS] = xcalloc(BYTES, sizeof *count);
	uint32_t *spare = NULL, *from = out, *to;
	int rc = n > UINT32_MAX ? error_set(ERR_INPUT, "cannot order more than 2^32 rows")
				: mem_alloc(n, sizeof *spare, &spare);

	to = spare;
	for (size_t i = 0; !rc && i < n; i++) {
		out[i] = (uint32_t)i;
		for (int b = 0; b < BYTES; b++)
			count[b][key[i] >> (8 * b) & 255]++;
	}
	for (int b = 0; !rc && n && b < BYTES; b++) {
		uint32_t *t = from;

		if (count[b][key[0] >> (8 * b) & 255] == n)
			continue;
		pass(key, from, n, b, count[b], to);
		from = to;
		to = t;
	}
	if (!rc && n && from != out)
		memcpy(out, from, n * sizeof *out);
	free(spare);
	free(count);
	return rc;
}
