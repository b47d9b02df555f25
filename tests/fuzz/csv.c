/* csv.c - the first line of a file that says it is CSV. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/table/source/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char delimiters[] = { 0, ',', '\t' };
	char *copy = malloc(n ? n : 1); /* so that a read past the end is seen */
	struct csv_head h;

	if (!copy)
		return 0;
	memcpy(copy, data, n);
	for (size_t i = 0; i < sizeof delimiters; i++) {
		if (csv_head(copy, n, delimiters[i], &h))
			continue;
		if (!h.fields.n || !h.delimiter)
			abort();
		csv_head_clear(&h);
	}
	free(copy);
	return 0;
}
