/* mich-net-cuda.c - tell which GPUs there are. */
#include <stdio.h>

#include "lib/base/error.h"
#include "lib/learn/cuda/device.h"

int main(void)
{
	struct device_facts facts;
	int n = 0;

	if (device_count(&n)) {
		fprintf(stderr, "mich-net-cuda: %s (%s)\n", error_text(), error_hint_text());
		return 1;
	}
	for (int i = 0; i < n; i++)
		if (!device_describe(i, &facts))
			printf("%s %s\n", facts.uuid, facts.name);
	return 0;
}
