/*
 * measure.c - measure TASK DIR [THRESHOLD]: the metrics of DIR/predictions.npy and DIR/labels.npy,
 * with weights.npy and groups.npy where they are there, as JSON. What sklearn_metrics.py compares.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/npy.h"
#include "lib/measure/metric/metrics.h"

static int open_array(const char *dir, const char *name, struct npy *a)
{
	char *path = path_join(dir, name);
	int rc = file_exists(path) ? npy_open(path, a) : 0;

	free(path);
	return rc;
}

int main(int argc, char **argv)
{
	struct npy p = { 0 }, y = { 0 }, w = { 0 }, g = { 0 };
	struct measure_input in = { 0 };
	struct buf text = BUF_INIT;
	json_t *out = NULL;

	if (argc < 3 || measure_task_parse(argv[1], &in.task) < 0 ||
	    open_array(argv[2], "predictions.npy", &p) < 0 ||
	    open_array(argv[2], "labels.npy", &y) < 0 ||
	    open_array(argv[2], "weights.npy", &w) < 0 || open_array(argv[2], "groups.npy", &g) < 0)
		goto fail;
	in.rows = y.rows;
	in.k = p.cols;
	in.predictions = p.data;
	in.labels = y.data;
	in.weights = w.data;
	in.groups = g.data;
	in.n_groups = g.rows;
	in.threshold = argc > 3 ? strtod(argv[3], NULL) : 0;
	if (measure_metrics(&in, &out) < 0)
		goto fail;
	json_canonical(out, &text);
	puts(text.data);
	json_decref(out);
	buf_clear(&text);
	npy_close(&p);
	npy_close(&y);
	npy_close(&w);
	npy_close(&g);
	return 0;
fail:
	fprintf(stderr, "measure: %s\n", error_text());
	return 1;
}
