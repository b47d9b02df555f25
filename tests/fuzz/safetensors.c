/* safetensors.c - any bytes as a file of tensors; what is read is touched to its last byte. */
#include <stdint.h>

#include "lib/model/net/safetensors.h"

static volatile unsigned touched;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct safetensors s;
	unsigned sum = 0;

	if (!safetensors_parse(data, n, &s))
		for (size_t i = 0; i < s.n; i++)
			for (size_t k = 0; k < s.v[i].bytes; k++)
				sum += ((const unsigned char *)s.v[i].data)[k];
	safetensors_clear(&s);
	touched = sum;
	return 0;
}
