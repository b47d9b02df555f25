/* forest-ubj.c - any bytes as a model of XGBoost; the corpus is UBJSON. */
#include "tests/fuzz/forest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	return fuzz_forest(data, n);
}
