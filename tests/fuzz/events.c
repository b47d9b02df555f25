/* events.c - any bytes as MICH_EVENTS lines. */
#include <stdint.h>
#include <stdlib.h>

#include "lib/measure/events.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct events e;
	json_t *v;

	events_parse((const char *)data, n, &e);
	v = events_json(&e);
	if (json_object_size(v) > e.n || e.bad > e.lines)
		abort();
	json_decref(v);
	events_clear(&e);
	return 0;
}
