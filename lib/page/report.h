/*
 * report.h - a document about a version as a page: HTML to read and send around, Markdown for the comment on
 * a merge request, JUnit for what reads test results. The document is dossier.h's "mich-report/1", with two
 * members more where they were asked for:
 *
 *	"comparison": {..}            "mich-comparison/1": this version is b
 *	"made":{"by","at"}            what wrote the page
 *
 * Nothing in it is trusted: members of other types than they should have are passed over, lists that are too
 * long are cut and say so, texts are escaped. No function fails.
 */
#ifndef MICH_PAGE_REPORT_H
#define MICH_PAGE_REPORT_H

#include "lib/base/buf.h"
#include "lib/base/json.h"

/* One file that needs nothing else: no script, no font, no picture, nothing fetched. */
void report_html(const json_t *doc, struct buf *out);

void report_markdown(const json_t *doc, struct buf *out);

/* A test suite a kind of check: gates, checks of the data, of validation, and the comparison's metrics. */
void report_junit(const json_t *doc, struct buf *out);

#endif
