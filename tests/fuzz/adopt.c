/* adopt.c - any bytes as a model from elsewhere: its contract, whatever it says of its inputs. */
#include "lib/model/trees/adopt.h"

#include <stdint.h>
#include <stdlib.h>

#include "lib/base/error.h"
#include "lib/base/json.h"

/* A contract that was made reads back as the same. */
static void hold(const struct contract *c)
{
	struct contract again = CONTRACT_INIT;
	json_t *a = contract_json(c), *b;

	if (contract_parse(a, &again) < 0)
		abort();
	b = contract_json(&again);
	if (!json_equal(a, b))
		abort();
	json_decref(a);
	json_decref(b);
	contract_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct adopted a;
	int rc = adopted_parse(data, n, 0, &a);

	for (int order = ADOPT_UNKNOWN; !rc && a.trees.inputs < 300 && order <= ADOPT_CODES;
	     order++) {
		struct contract c = CONTRACT_INIT;

		if (adopted_contract(&a, NULL, 0, (enum adopt_order)order, &c) == 0) {
			adopted_classes(&a, &c);
			if (c.classes.n < 300 && adopted_check(&a, &c) == 0)
				hold(&c);
			adopted_recode(&a, (enum adopt_order)order, &c);
		}
		contract_clear(&c);
	}
	adopted_clear(&a);
	return 0;
}
