/* checkpoint.c - bytes of a checkpoint, with its check put right so that more than the check is met. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/crc32c.h"
#include "lib/learn/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct checkpoint c = CHECKPOINT_INIT;
	uint32_t check = crc32c(0, data, n);
	char *bytes = malloc(n + sizeof check);

	memcpy(bytes, data, n);
	memcpy(bytes + n, &check, sizeof check);
	if (checkpoint_parse(bytes, n + sizeof check, &c) == 0 && c.n)
		free(memcpy(malloc(c.parts[0].bytes + 1), c.parts[0].data, c.parts[0].bytes));
	checkpoint_clear(&c);
	free(bytes);
	return 0;
}
