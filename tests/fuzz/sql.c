/* sql.c - where a statement ends: cutting again must cut nothing more. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/table/duckdb/sql.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *copy = malloc(n ? n : 1);
	size_t end;

	if (!copy)
		return 0;
	memcpy(copy, data, n);
	end = sql_trimmed(copy, n);
	if (end > n || sql_trimmed(copy, end) != end)
		abort();
	free(copy);
	return 0;
}
