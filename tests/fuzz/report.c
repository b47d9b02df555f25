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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Every tag closes what was opened last; attributes are quoted. Returns the number of elements. */
static size_t check_tags(const char *text)
{
	const char *stack[64];
	size_t depth = 0, elements = 0, lengths[64];

	for (const char *p = strchr(text, '<'); p; p = strchr(p, '<')) {
		size_t name = strcspn(p + 1, " />");
		const char *end = p;

		while (*end && *end != '>')
			end = *end == '"' ? strchrnul(end + 1, '"') + 1 : end + 1;
		if (*end != '>')
			abort();
		if (p[1] == '!' || p[1] == '?') {
			p = end;
			continue;
		}
		if (p[1] == '/') {
			name = strcspn(p + 2, ">");
			if (!depth || lengths[depth - 1] != name ||
			    strncmp(stack[depth - 1], p + 2, name) != 0)
				abort();
			depth--;
		} else if (end[-1] != '/') {
			if (depth == 64)
				abort();
			stack[depth] = p + 1;
			lengths[depth++] = name;
			elements++;
		}
		if (!strncmp(p + 1, "script", 6) || !strncmp(p + 1, "img", 3))
			abort();
		p = end;
	}
	if (depth)
		abort();
	return elements;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct buf out = BUF_INIT;
	json_t *doc = NULL;

	if (json_parse((const char *)data, n, "report", &doc) < 0)
		return 0;
	report_html(doc, &out);
	if (!check_tags(out.data))
		abort();
	buf_reset(&out);
	report_junit(doc, &out);
	if (!check_tags(out.data))
		abort();
	buf_reset(&out);
	report_markdown(doc, &out);
	if (strstr(out.data, "<script"))
		abort();
	buf_clear(&out);
	json_decref(doc);
	return 0;
}
