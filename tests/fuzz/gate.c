/* gate.c - any line as a gate, and what is one judged on fixed figures. */
#include <stdint.h>
#include <stdlib.h>

#include "lib/base/json.h"
#include "lib/measure/gate/verdict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	json_t *metrics = json_pack("{s:{s:f,s:n,s:i}}", "test", "rmse", 24.8, "auc", "rows", 9);
	json_t *slices = json_pack("[{s:[s],s:[{s:[s],s:i,s:{s:f}},{s:[s],s:i,s:{s:n}}]}]", "by",
				   "a", "groups", "values", "x", "rows", 90, "metrics", "rmse", 3.5,
				   "values", "y", "rows", 70, "metrics", "rmse");
	struct gate_facts facts = { .metrics = metrics,
				    .production = metrics,
				    .slices = slices,
				    .production_slices = slices };
	struct gate_facts alone = { .metrics = metrics };
	struct verdict v;
	struct gate g;

	if (gate_parse((const char *)data, n, &g) == 0) {
		if (gate_judge(&g, &facts, &v) == 0 && !v.text)
			abort();
		verdict_clear(&v);
		if (gate_judge(&g, &alone, &v) == 0 && !v.text)
			abort();
		verdict_clear(&v);
		gate_clear(&g);
	}
	json_decref(metrics);
	json_decref(slices);
	return 0;
}
