/* gate.c - any line as a gate, and what is one judged on fixed figures. */
#include <stdint.h>
#include <stdlib.h>

#include "lib/base/json.h"
#include "lib/measure/gate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	json_t *metrics = json_pack("{s:{s:f,s:n,s:i}}", "test", "rmse", 24.8, "auc", "rows", 9);
	struct verdict v;
	struct gate g;

	if (gate_parse((const char *)data, n, &g) == 0) {
		if (gate_judge(&g, metrics, &v) == 0 && !v.text)
			abort();
		verdict_clear(&v);
		gate_clear(&g);
	}
	json_decref(metrics);
	return 0;
}
