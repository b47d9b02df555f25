/* chart.c - any JSON as a chart: taken or refused. */
#include <stddef.h>
#include <stdint.h>

#include "lib/measure/evaluation/chart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *chart = NULL;

	if (json_parse((const char *)data, size, "chart", &chart) == 0)
		chart_check(chart);
	json_decref(chart);
	return 0;
}
