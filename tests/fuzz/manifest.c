/* manifest.c - any bytes as manifest.json: what is read of its code is written again as it was. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/json.h"
#include "lib/record/content/code.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct code c, again;
	json_t *m = NULL, *one, *two;

	if (json_parse((const char *)data, n, "manifest.json", &m) < 0)
		return 0;
	code_load(json_object_get(m, "code"), &c);
	one = code_json(&c);
	code_load(one, &again);
	two = code_json(&again);
	if (one && (!two || !json_equal(one, two)))
		abort();
	json_decref(one);
	json_decref(two);
	code_clear(&c);
	code_clear(&again);
	json_decref(m);
	return 0;
}
