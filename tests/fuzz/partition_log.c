/* partition_log.c - models of partitions that were kept, each record's check put right so that more than it is met. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/crc32c.h"
#include "lib/base/error.h"
#include "lib/learn/partition_log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char of[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static int take(void *payload, uint32_t number, int64_t rounds, const char *bytes, size_t n)
{
	(void)payload;
	(void)rounds;
	free(memcpy(malloc(n), bytes, n));
	return number == UINT32_MAX ? ERR_FAIL : 0;
}

/* The first record's check. */
static void mend(char *bytes, size_t n)
{
	enum { HEAD = 24, FRONT = 72 };
	uint64_t len;
	uint32_t check;

	if (n < FRONT + HEAD)
		return;
	memcpy(&len, bytes + FRONT + 16, sizeof len);
	if (len > n - FRONT - HEAD)
		return;
	check = crc32c(crc32c(0, bytes + FRONT + 4, 20), bytes + FRONT + HEAD, len);
	memcpy(bytes + FRONT, &check, sizeof check);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *bytes = malloc(n + 1);
	size_t used;

	memcpy(bytes, data, n);
	if (partition_log_parse(bytes, n, of, take, NULL, &used) == 0 && used > n)
		abort();
	mend(bytes, n);
	if (partition_log_parse(bytes, n, of, take, NULL, &used) == 0 && used > n)
		abort();
	free(bytes);
	return 0;
}
