/* divisions.c - "carrier * hour" as two columns. */
#include "lib/make/score/divisions.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/measure/slice/slicer.h"
#include "lib/table/rows/scan.h"

void divisions_clear(struct divisions *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->a[i]);
		free(d->b[i]);
	}
	free(d->a);
	free(d->b);
	strlist_clear(&d->columns);
	*d = (struct divisions){ 0 };
}

static int table_columns(const char *const *by, size_t n, const char *path, struct strlist *out)
{
	struct table_scan *scan = NULL;
	bool star = false;
	int rc;

	for (size_t i = 0; i < n; i++)
		star = star || strchr(by[i], '*');
	if (!star)
		return 0;
	rc = table_scan_open(&path, 1, NULL, 0, 1, &scan);
	for (size_t i = 0; !rc && i < table_scan_head(scan)->n; i++)
		strlist_add(out, table_scan_head(scan)->cols[i].name);
	table_scan_close(scan);
	return rc;
}

static void add_column(struct divisions *d, const char *name)
{
	if (name && !strlist_has(&d->columns, name))
		strlist_add(&d->columns, name);
}

int divisions_read(const char *const *by, size_t n, const char *table_path, struct divisions *out)
{
	struct strlist columns = STRLIST_INIT;
	int rc = table_columns(by, n, table_path, &columns);

	out->a = xcalloc(n + 1, sizeof *out->a);
	out->b = xcalloc(n + 1, sizeof *out->b);
	for (size_t i = 0; !rc && i < n; i++) {
		rc = slicer_by(by[i], (const char *const *)columns.v, columns.n, &out->a[i],
			       &out->b[i]);
		add_column(out, out->a[i]);
		add_column(out, out->b[i]);
		out->n += !rc;
	}
	strlist_clear(&columns);
	return rc;
}

int divisions_slices(const struct divisions *d, const struct scored *s, struct slices *out)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < d->n; i++)
		rc = slices_make(scored_by(s, d->a[i]), d->b[i] ? scored_by(s, d->b[i]) : NULL,
				 &out[i]);
	return rc;
}
