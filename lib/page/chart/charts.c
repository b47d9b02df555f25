/* charts.c - ROC, precision and recall, calibration, lift and gain, residuals. */
#define _GNU_SOURCE
#include "lib/page/chart/charts.h"

#include <math.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/page/chart/confusion.h"
#include "lib/page/chart/plot.h"
#include "lib/page/digits.h"

enum { COLUMNS_MAX = 5 };

/* The arrays of one curve by their keys, cut to one length. */
struct curve {
	struct numbers v[COLUMNS_MAX];
	size_t n;
};

/* keys: NULL-ended; false when one of them is missing or empty. */
static bool curve_read(const json_t *curve, const char *const *keys, struct curve *out)
{
	struct numbers *all[COLUMNS_MAX];

	*out = (struct curve){ 0 };
	for (; keys[out->n] && out->n < COLUMNS_MAX; out->n++) {
		numbers_read(json_object_get(curve, keys[out->n]), &out->v[out->n]);
		all[out->n] = &out->v[out->n];
	}
	return numbers_align(all, out->n);
}

static void curve_clear(struct curve *c)
{
	for (size_t i = 0; i < c->n; i++)
		numbers_clear(&c->v[i]);
}

static void curve_table(struct html *h, const struct curve *c, const char *const *headings)
{
	const struct numbers *columns[COLUMNS_MAX];

	for (size_t i = 0; i < c->n; i++)
		columns[i] = &c->v[i];
	plot_table(h, headings, columns, c->n);
}

/* "AUC 0.931"; caller frees, NULL where there is none. */
static char *note_of(const json_t *metrics, const char *key, const char *title)
{
	const json_t *v = json_object_get(metrics, key);
	struct buf b = BUF_INIT;

	if (!json_is_number(v))
		return NULL;
	buf_addf(&b, "%s ", title);
	digits_text(json_number_value(v), &b);
	return buf_take(&b);
}

/* One line over two shares, with the diagonal or a level of what chance gives. */
static void put_shares(struct html *h, const json_t *curve, const char *const *keys,
		       const struct plot_frame *frame, double chance_from, double chance_to)
{
	struct plot_frame f = *frame;
	struct curve c;
	struct plot p;

	f.x_hi = 1;
	f.y_hi = f.keep_y ? 1 : 0;
	if (!curve_read(curve, keys, &c)) {
		curve_clear(&c);
		return;
	}
	if (!f.keep_y)
		numbers_range(&c.v[1], &f.y_lo, &f.y_hi);
	plot_open(&p, h, &f);
	plot_rule(&p, 0, chance_from, 1, chance_to);
	plot_line(&p, &c.v[0], &c.v[1], 1);
	html_close(h);
	curve_table(h, &c, keys);
	plot_close(&p);
	curve_clear(&c);
}

static void put_roc(struct html *h, const json_t *curve, const json_t *metrics)
{
	static const char *const keys[] = { "x", "y", "threshold", NULL };
	char *note = note_of(metrics, "auc", "AUC");

	put_shares(h, curve, keys,
		   &(struct plot_frame){ .title = "ROC",
					 .note = note,
					 .x = "false positive rate",
					 .y = "true positive rate",
					 .keep_y = true },
		   0, 1);
	free(note);
}

static void put_pr(struct html *h, const json_t *curve, const json_t *metrics)
{
	static const char *const keys[] = { "x", "y", "threshold", NULL };
	double tp = json_num(metrics, "tp", NAN), fn = json_num(metrics, "fn", NAN);
	double share = (tp + fn) / json_num(metrics, "rows", NAN);
	char *note = note_of(metrics, "f1", "F1");

	put_shares(h, curve, keys,
		   &(struct plot_frame){ .title = "Precision and recall",
					 .note = note,
					 .x = "recall",
					 .y = "precision",
					 .keep_y = true },
		   isnan(share) ? 0 : share, isnan(share) ? 0 : share);
	free(note);
}

static void put_lift(struct html *h, const json_t *curve)
{
	static const char *const lift[] = { "x", "y", NULL }, *const gain[] = { "x", "gain", NULL };

	put_shares(h, curve, lift,
		   &(struct plot_frame){ .title = "Lift",
					 .x = "share of rows, highest scores first",
					 .y = "times the average" },
		   1, 1);
	put_shares(h, curve, gain,
		   &(struct plot_frame){ .title = "Gain",
					 .x = "share of rows, highest scores first",
					 .y = "share of positives found",
					 .keep_y = true },
		   0, 1);
}

/* What was predicted beside what was found, as means of ranges of rows; the diagonal is right. */
static void put_means(struct html *h, const json_t *curve, const struct plot_frame *frame)
{
	static const char *const keys[] = { "predicted", "observed", "rows", NULL };
	struct plot_frame f = *frame;
	struct curve c;
	struct plot p;

	if (curve_read(curve, keys, &c)) {
		for (size_t i = 0; i < 2 && !f.keep_y; i++)
			numbers_range(&c.v[i], &f.y_lo, &f.y_hi);
		if (!f.keep_y)
			numbers_range(&c.v[0], &f.x_lo, &f.x_hi);
		plot_open(&p, h, &f);
		plot_rule(&p, f.x_lo, f.x_lo, f.x_hi, f.x_hi);
		plot_line(&p, &c.v[0], &c.v[1], 1);
		plot_dots(&p, &c.v[0], &c.v[1], &c.v[2], 1);
		html_close(h);
		curve_table(h, &c, keys);
		plot_close(&p);
	}
	curve_clear(&c);
}

static void put_calibration(struct html *h, const json_t *curve, const json_t *metrics)
{
	char *note = note_of(metrics, "brier", "Brier score");

	put_means(h, curve,
		  &(struct plot_frame){ .title = "Calibration",
					.note = note,
					.x = "predicted probability",
					.y = "observed share",
					.x_hi = 1,
					.y_hi = 1,
					.keep_y = true });
	free(note);
}

static void put_observed(struct html *h, const json_t *curve)
{
	put_means(h, curve,
		  &(struct plot_frame){ .title = "Predicted and observed",
					.note = "means of ranges",
					.x = "predicted",
					.y = "observed",
					.x_lo = NAN,
					.x_hi = NAN,
					.y_lo = NAN,
					.y_hi = NAN });
}

/* The median and the middle of the rows over what was predicted. */
static void put_residual(struct html *h, const json_t *curve)
{
	static const char *const keys[] = { "predicted", "low", "median", "high", "rows", NULL };
	static const char *const headings[] = { "predicted", "10 %", "median", "90 %", "rows" };
	struct plot_frame f = { .title = "Residual by prediction",
				.note = "median, 10 to 90 %",
				.x = "predicted",
				.y = "label less prediction",
				.x_lo = NAN,
				.x_hi = NAN };
	struct curve c;
	struct plot p;

	if (curve_read(curve, keys, &c)) {
		numbers_range(&c.v[0], &f.x_lo, &f.x_hi);
		numbers_range(&c.v[1], &f.y_lo, &f.y_hi);
		numbers_range(&c.v[3], &f.y_lo, &f.y_hi);
		plot_open(&p, h, &f);
		plot_rule(&p, f.x_lo, 0, f.x_hi, 0);
		plot_band(&p, &c.v[0], &c.v[1], &c.v[3], 1);
		plot_line(&p, &c.v[0], &c.v[2], 1);
		html_close(h);
		curve_table(h, &c, headings);
		plot_close(&p);
	}
	curve_clear(&c);
}

/* "212 rows lie beyond"; caller frees, NULL: none do. */
static char *beyond(const json_t *curve)
{
	int64_t n = json_int(curve, "below", 0) + json_int(curve, "above", 0);
	struct buf b = BUF_INIT;

	if (n <= 0)
		return NULL;
	digits_text((double)n, &b);
	buf_addstr(&b, n == 1 ? " row lies beyond" : " rows lie beyond");
	return buf_take(&b);
}

static void put_histogram(struct html *h, const json_t *curve)
{
	char *note = beyond(curve);
	struct plot_frame f = { .title = "Residuals",
				.note = note,
				.x = "label less prediction",
				.y = "rows",
				.x_lo = NAN,
				.x_hi = NAN };
	static const char *const headings[] = { "from", "rows" };
	struct numbers edges, rows;
	const struct numbers *columns[] = { &edges, &rows };
	struct plot p;

	numbers_read(json_object_get(curve, "edges"), &edges);
	numbers_read(json_object_get(curve, "rows"), &rows);
	if (edges.n > 1 && rows.n) {
		numbers_range(&edges, &f.x_lo, &f.x_hi);
		numbers_range(&rows, &f.y_lo, &f.y_hi);
		plot_open(&p, h, &f);
		plot_steps(&p, &edges, &rows, 1, true);
		html_close(h);
		edges.n = edges.n <= rows.n ? edges.n : rows.n;
		rows.n = edges.n;
		plot_table(h, headings, columns, 2);
		plot_close(&p);
	}
	numbers_clear(&edges);
	numbers_clear(&rows);
	free(note);
}

void charts_put(struct html *h, const json_t *document, const json_t *metrics)
{
	const json_t *all = json_object_get(document, "curves");

	put_roc(h, json_object_get(all, "roc"), metrics);
	put_pr(h, json_object_get(all, "pr"), metrics);
	put_calibration(h, json_object_get(all, "calibration"), metrics);
	put_lift(h, json_object_get(all, "lift"));
	put_observed(h, json_object_get(all, "predicted_observed"));
	put_residual(h, json_object_get(all, "residual"));
	put_histogram(h, json_object_get(all, "residual_histogram"));
	confusion_put(h, json_object_get(all, "confusion"));
}
