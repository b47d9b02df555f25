/* part.c - what the sections of a report share. */
#define _GNU_SOURCE
#include "lib/page/part/part.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/page/digits.h"

enum { DEEPEST = 8, LONG_TABLE = 16, CROSSED = 2 };

static void put_headings(struct html *h, const char *const *headings, size_t n)
{
	html_open(h, "thead");
	html_open(h, "tr");
	for (size_t i = 0; i < n; i++) {
		bool figures = *headings[i] == '#';

		html_open(h, "th");
		html_attr(h, "scope", "col");
		if (figures)
			html_attr(h, "class", "n");
		html_text(h, headings[i] + figures);
		html_close(h);
	}
	html_close(h);
	html_close(h);
	html_open(h, "tbody");
}

void part_table(struct html *h, const char *const *headings, size_t n)
{
	html_open(h, "div");
	html_attr(h, "class", "scroll");
	html_attr(h, "tabindex", "0");
	html_open(h, "table");
	put_headings(h, headings, n);
}

void part_table_of(struct html *h, const char *const *headings, size_t n, size_t rows)
{
	html_open(h, "div");
	html_attr(h, "class", rows > LONG_TABLE ? "scroll tall" : "scroll");
	html_attr(h, "tabindex", "0");
	html_open(h, "table");
	html_attr(h, "class", "slack");
	put_headings(h, headings, n);
}

void part_table_end(struct html *h, size_t depth)
{
	html_close_to(h, depth);
}

static void put_row(struct html *h, const char *key, const json_t *value)
{
	html_open(h, "tr");
	html_open(h, "th");
	html_attr(h, "scope", "row");
	html_short(h, key, PART_NAME);
	html_close(h);
	html_open(h, "td");
	if (json_is_number(value))
		html_attr(h, "class", "n");
	digits_put_value(h, value, PART_TEXT);
	html_close(h);
	html_close(h);
}

void part_rows(struct html *h, const json_t *obj, const char *prefix, int depth)
{
	const json_t *value;
	const char *key;

	json_object_foreach((json_t *)obj, key, value) {
		char *name = *prefix ? xasprintf("%s.%s", prefix, key) : xstrdup(key);

		if (json_is_object(value) && json_object_size(value) && depth < DEEPEST)
			part_rows(h, value, name, depth + 1);
		else
			put_row(h, name, value);
		free(name);
	}
}

void part_values(struct html *h, const json_t *values)
{
	for (size_t i = 0; i < json_array_size(values) && i < CROSSED; i++) {
		html_text(h, i ? " \xc3\x97 " : "");
		digits_put_value(h, json_array_get(values, i), PART_NAME / CROSSED);
	}
}

void part_conditions(struct html *h, const json_t *by, const json_t *values)
{
	for (size_t i = 0; i < json_array_size(by) && i < CROSSED; i++) {
		html_text(h, i ? ", " : "");
		digits_put_value(h, json_array_get(by, i), PART_NAME / CROSSED);
		html_text(h, " = ");
		digits_put_value(h, json_array_get(values, i), PART_NAME / CROSSED);
	}
}

void part_mark(struct html *h, const char *tone, const char *text)
{
	const char *path = !strcmp(tone, "good")   ? "M4.5 8.5l2.5 2.5 4.5-5.5"
			   : !strcmp(tone, "bad")  ? "M5 5l6 6M11 5l-6 6"
			   : !strcmp(tone, "warn") ? "M8 4v5M8 11.2v.6"
						   : "M5 8h6";

	html_open(h, "span");
	html_attrf(h, "class", "mark %s", tone);
	html_open(h, "svg");
	html_attr(h, "viewBox", "0 0 16 16");
	html_attr(h, "aria-hidden", "true");
	html_open(h, "circle");
	html_attr(h, "cx", "8");
	html_attr(h, "cy", "8");
	html_attr(h, "r", "8");
	html_close(h);
	html_open(h, "path");
	html_attr(h, "d", path);
	html_close(h);
	html_close(h);
	html_text(h, text);
	html_close(h);
}
