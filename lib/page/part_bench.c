/* part_bench.c - how fast it answers, on which machine. */
#define _GNU_SOURCE
#include "lib/page/part.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/page/digits.h"
#include "lib/page/plot.h"

enum { BENCHES_MAX = 8, BATCHES_MAX = 32 };

static bool has(const json_t *doc, const struct digest *d)
{
	(void)d;
	return json_array_size(json_object_get(doc, "benches")) > 0;
}

/* What was measured of one size of batch. */
struct batch {
	double rows;
	const json_t *of;
};

static int by_rows(const void *a_, const void *b_)
{
	const struct batch *a = a_, *b = b_;

	return (a->rows > b->rows) - (a->rows < b->rows);
}

/* One row, then the batches by their size. */
static size_t read_batches(const json_t *bench, struct batch *out)
{
	const json_t *of;
	const char *rows;
	size_t n = 0;

	out[n++] = (struct batch){ 1, bench };
	json_object_foreach(json_object_get(bench, "batch"), rows, of) {
		double size = strtod(rows, NULL);

		if (n < BATCHES_MAX && size > 1 && size < 1e12)
			out[n++] = (struct batch){ size, of };
	}
	qsort(out, n, sizeof *out, by_rows);
	return n;
}

static void put_batches(struct html *h, const struct batch *v, size_t n)
{
	static const char *const headings[] = { "#Rows a call", "#Median, \xc2\xb5s",
						"#95 %, \xc2\xb5s", "#99 %, \xc2\xb5s",
						"#Rows a second" };
	static const char *const keys[] = { "p50_us", "p95_us", "p99_us", "rows_s" };
	size_t depth = h->depth;

	html_open(h, "div");
	part_table(h, headings, ARRAY_LEN(headings));
	for (size_t i = 0; i < n; i++) {
		html_open(h, "tr");
		html_open(h, "td");
		html_attr(h, "class", "n");
		digits_put(h, v[i].rows);
		html_close(h);
		for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
			html_open(h, "td");
			html_attr(h, "class", "n");
			digits_put(h, json_num(v[i].of, keys[k], NAN));
			html_close(h);
		}
		html_close(h);
	}
	html_close_to(h, depth);
}

static void put_chart(struct html *h, const struct batch *v, size_t n)
{
	struct plot_frame f = { .title = "Rows a second",
				.note = "by rows a call",
				.x = "rows a call",
				.x_kind = SCALE_LOG,
				.x_lo = NAN,
				.x_hi = NAN };
	double rows[BATCHES_MAX], speed[BATCHES_MAX];
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
	const json_t *machine = json_object_get(row, "hardware");
	const json_t *bench = json_object_get(json_object_get(row, "metrics"), "bench");
	const char *input = json_str(row, "input", "");
	double memory = json_num(bench, "memory_bytes", NAN);

	html_open(h, "p");
	html_leaf(h, "b", NULL, json_str(row, "ref", ""));
	html_text(h, !strcmp(input, "synthetic") ? ", on synthetic rows" : ", on recorded rows");
	if (json_str(row, "dataset", NULL))
		html_textf(h, " of %s", json_str(row, "dataset", ""));
	if (machine)
		html_textf(h, "; %s, %lld cores (machine %s)",
			   json_str(machine, "cpu", "a machine"),
			   (long long)json_int(machine, "cores", 0), json_str(machine, "id", ""));
	if (!isnan(memory)) {
		html_text(h, "; ");
		digits_put_bytes(h, memory);
		html_text(h, " of memory");
	}
	html_close(h);
}

static void put(struct html *h, const json_t *doc, const struct digest *d)
{
	const json_t *row;
	size_t i;

	(void)d;
	json_array_foreach(json_object_get(doc, "benches"), i, row) {
		const json_t *bench = json_object_get(json_object_get(row, "metrics"), "bench");
		struct batch v[BATCHES_MAX];
		size_t n = read_batches(bench, v);

		if (i == BENCHES_MAX)
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
