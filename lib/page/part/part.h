/*
 * part.h - the parts of a report's page, each of which writes itself, or nothing when the document says
 * nothing of it. For report_html.c.
 */
#ifndef MICH_PAGE_PART_PART_H
#define MICH_PAGE_PART_PART_H

#include "lib/page/digest.h"
#include "lib/page/html.h"

struct part {
	const char *id, *title; /* of the link on top and the heading */
	bool (*has)(const json_t *doc, const struct digest *d);
	void (*put)(struct html *h, const json_t *doc, const struct digest *d);
};

/* Each is a whole <section> but for its heading. */
extern const struct part part_checks, part_comparison, part_evaluation, part_slices,
	part_importance, part_custom, part_learning, part_history, part_data, part_bench,
	part_parameters, part_lineage, part_releases, part_record, part_partitions;

/* --- what sections share ------------------------------------------------------------------------ */

enum {
	PART_TEXT = 200, /* characters of a value that are shown */
	PART_NAME = 60,	 /* and of a name */
};

/* <div class="scroll"><table>, with a row of headings; a heading that begins with '#' is of figures. */
void part_table(struct html *h, const char *const *headings, size_t n);
/* The same of so many rows: many scroll. The last column takes the room that is left. */
void part_table_of(struct html *h, const char *const *headings, size_t n, size_t rows);
void part_table_end(struct html *h, size_t depth); /* depth: h->depth before the table */

/* <tr><th scope="row">key</th><td>value</td></tr> for every member, objects in it with dotted keys. */
void part_rows(struct html *h, const json_t *obj, const char *prefix, int depth);

/* The values of a slice, "UA x JFK", and with their columns, "carrier = UA, origin = JFK". */
void part_values(struct html *h, const json_t *values);
void part_conditions(struct html *h, const json_t *by, const json_t *values);

/* A small mark with the text after it: "good" a tick, "bad" a cross, "warn", "plain" a ring. */
void part_mark(struct html *h, const char *tone, const char *text);

#endif
