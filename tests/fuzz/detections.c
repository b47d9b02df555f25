/* detections.c - any bytes as counts of a matching: refused, or measured without a crash. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "lib/measure/evaluation/detections.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strlist by = STRLIST_INIT;
	const struct detections_ask ask = {
		.split = "test",
		.by = &by,
		.bins = 3,
		.bootstrap = { .samples = 4, .threads = 1 },
	};
	struct detections d;
	json_t *doc = NULL;

	if (detections_parse((const char *)data, size, &d) == 0) {
		if (detections_evaluate(&d, &ask, &doc) == 0)
			json_decref(doc);
		strlist_add(&by, "a");
		strlist_add(&by, "class * a");
		if (detections_evaluate(&d, &ask, &doc) == 0)
			json_decref(doc);
	}
	detections_clear(&d);
	strlist_clear(&by);
	return 0;
}
