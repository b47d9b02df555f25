/* matrix.c - any bytes as matrix.json. */
#include <stdint.h>
#include <stdlib.h>

#include "lib/learn/matrix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct matrix m;

	if (matrix_meta_parse((const char *)data, n, &m) == 0 && (!m.n_inputs || !m.inputs[0].name))
		abort();
	matrix_close(&m);
	return 0;
}
