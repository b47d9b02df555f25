/* answer.c - any bytes as what another machine answers: of a bench, and of what machine it is. */
#include <stdint.h>
#include <stdlib.h>

#include "lib/make/bench/benchjob.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void read_as(const uint8_t *data, size_t n, const struct benchmark *b)
{
	json_t *v = NULL;

	if (benchjob_parse((const char *)data, n, b, &v) == 0 &&
	    !json_is_object(json_object_get(v, "hardware")))
		abort();
	json_decref(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct benchmark b = { .batch = { 1, 7 }, .n_batch = 2 };

	read_as(data, n, &b);
	read_as(data, n, NULL);
	return 0;
}
