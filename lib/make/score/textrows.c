/* textrows.c - a prediction's rows to CSV or JSON lines, as the stream would print them. */
#define _GNU_SOURCE
#include "lib/make/score/textrows.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/model/rows/csvrows.h"
#include "lib/model/rows/jsonrows.h"
#include "lib/table/rows/scan.h"

bool textrows_fits(const char *target)
{
	return path_ends_with(target, ".csv") || path_ends_with(target, ".jsonl") ||
	       path_ends_with(target, ".ndjson");
}

/* Outputs stand behind the kept columns and begin with "prediction" or "score". */
static size_t first_output(const struct frame *f)
{
	size_t i = 0;

	while (i < f->n && strcmp(f->cols[i].name, "prediction") &&
	       strcmp(f->cols[i].name, "score"))
		i++;
	return i;
}

static int write_rows(struct table_scan *scan, int fd, bool csv)
{
	struct buf text = BUF_INIT;
	bool headed = !csv;
	struct frame rows;
	int rc;

	while ((rc = table_scan_next(scan, &rows)) > 0) {
		if (!headed)
			csvrows_put_names(&rows, &text);
		headed = true;
		if (csv)
			csvrows_put(&rows, first_output(&rows), &text);
		else
			jsonrows_put(&rows, first_output(&rows), &text);
		rc = file_write_fd(fd, text.data, text.len);
		if (rc)
			break;
		buf_reset(&text);
	}
	buf_clear(&text);
	return rc;
}

int textrows_write(const char *from, const char *target)
{
	const char *const paths[] = { from };
	struct table_scan *scan = NULL;
	struct file_whole w;
	int rc = file_whole_open(target, &w);

	if (rc)
		return rc;
	rc = table_scan_open(paths, 1, NULL, 0, 1, &scan);
	if (!rc)
		rc = write_rows(scan, w.fd, path_ends_with(target, ".csv"));
	table_scan_close(scan);
	return file_whole_end(&w, rc);
}
