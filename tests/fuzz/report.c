/*
 * report.c - any bytes as the document of a report: no crash, and what is written is closed and holds no
 * element that the page does not have, whatever names, values and notes say.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/json.h"
#include "lib/page/report.h"
#include "tests/lib/tags.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct buf out = BUF_INIT;
	json_t *doc = NULL;

	if (json_parse((const char *)data, n, "report", &doc) < 0)
		return 0;
	report_html(doc, &out);
	if (!tags_check(out.data))
		abort();
	buf_reset(&out);
	report_junit(doc, &out);
	if (!tags_check(out.data))
		abort();
	buf_reset(&out);
	report_markdown(doc, &out);
	if (strstr(out.data, "<script"))
		abort();
	buf_clear(&out);
	json_decref(doc);
	return 0;
}
