/* part_bench.c - how fast it answers, on which machine. */
#define _GNU_SOURCE
#include "lib/page/part/part.h"

#include <math.h>

#include "lib/base/mem.h"
#include "lib/page/chart/plot.h"
#include "lib/page/digits.h"
#include "lib/page/speed.h"

static bool has(const json_t *doc, const struct digest *d)
{
	(void)d;
	return json_array_size(json_object_get(doc, "benches")) > 0;
}

static void put_number(struct html *h, double v)
{
	html_open(h, "td");
	html_attr(h, "class", "n");
	digits_put(h, v);
	html_close(h);
}

static void put_batches(struct html *h, const struct speed_batch *v, size_t n)
{
	static const char *const headings[] = { "#Rows a call", "#Median, \xc2\xb5s",
						"#95 %, \xc2\xb5s", "#99 %, \xc2\xb5s",
						"#Rows a second" };
	size_t depth = h->depth;

	html_open(h, "div");
	part_table(h, headings, ARRAY_LEN(headings));
	for (size_t i = 0; i < n; i++) {
		html_open(h, "tr");
		put_number(h, v[i].rows);
		for (size_t k = 0; k < SPEED_FIGURES; k++)
			put_number(h, json_num(v[i].of, speed_keys[k], NAN));
		html_close(h);
	}
	html_close_to(h, depth);
}

static void put_chart(struct html *h, const struct speed_batch *v, size_t n)
{
	struct plot_frame f = { .title = "Rows a second",
				.note = "by rows a call",
				.x = "rows a call",
				.x_kind = SCALE_LOG,
				.x_lo = NAN,
				.x_hi = NAN };
	double rows[SPEED_BATCHES_MAX], speed[SPEED_BATCHES_MAX];
	struct numbers x = { rows, n }, y = { speed, n };
	struct plot p;

	for (size_t i = 0; i < n; i++) {
		rows[i] = v[i].rows;
		speed[i] = numbers_of(json_object_get(v[i].of, "rows_s"));
	}
	numbers_range(&x, &f.x_lo, &f.x_hi);
	numbers_range(&y, &f.y_lo, &f.y_hi);
	plot_open(&p, h, &f);
	plot_line(&p, &x, &y, 1);
	plot_dots(&p, &x, &y, NULL, 1);
	plot_close(&p);
}

static void put_machine(struct html *h, const json_t *row)
{
	double memory = speed_memory(row);
	struct buf text = BUF_INIT;

	speed_circumstances(row, &text);
	html_open(h, "p");
	html_leaf(h, "b", NULL, json_str(row, "ref", ""));
	html_text(h, text.data);
	if (!isnan(memory)) {
		html_text(h, "; ");
		digits_put_bytes(h, memory);
		html_text(h, " of memory");
	}
	html_close(h);
	buf_clear(&text);
}

static void put(struct html *h, const json_t *doc, const struct digest *d)
{
	const json_t *row;
	size_t i;

	(void)d;
	json_array_foreach(json_object_get(doc, "benches"), i, row) {
		struct speed_batch v[SPEED_BATCHES_MAX];
		size_t n = speed_batches(row, v);

		if (i == SPEED_BENCHES_MAX)
			break;
		put_machine(h, row);
		html_open(h, "div");
		html_attr(h, "class", "columns");
		put_batches(h, v, n);
		if (n > 1)
			put_chart(h, v, n);
		html_close(h);
	}
}

const struct part part_bench = { "speed", "Speed", has, put };
