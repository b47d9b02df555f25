/* packet.c - what launchers of other machines send: packets, and the reports in them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/launch/ranks/crew_report.h"
#include "lib/launch/ranks/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct crew_report report;
	struct packet p;
	size_t at = 0;
	int taken;

	while ((taken = packet_take((const char *)data + at, n - at, PACKET_MAX_BYTES, &p)) > 0) {
		struct buf again = BUF_INIT;

		packet_put(&again, p.kind, p.data, p.n);
		if (again.len != (size_t)taken || memcmp(again.data, data + at, again.len) != 0)
			abort();
		buf_clear(&again);
		at += (size_t)taken;
	}
	crew_report_parse((const char *)data, n, &report);
	if (n > 5)
		crew_report_parse((const char *)data + 5, n - 5, &report);
	error_clear();
	return 0;
}
