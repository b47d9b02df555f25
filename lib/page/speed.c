/* speed.c - read a row of "benches". */
#include "lib/page/speed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const speed_keys[SPEED_FIGURES] = { "p50_us", "p95_us", "p99_us", "rows_s" };

static const json_t *bench_of(const json_t *row)
{
	return json_object_get(json_object_get(row, "metrics"), "bench");
}

static int by_rows(const void *a_, const void *b_)
{
	const struct speed_batch *a = a_, *b = b_;

	return (a->rows > b->rows) - (a->rows < b->rows);
}

size_t speed_batches(const json_t *row, struct speed_batch *out)
{
	const json_t *bench = bench_of(row), *of;
	const char *rows;
	size_t n = 0;

	out[n++] = (struct speed_batch){ 1, bench };
	json_object_foreach(json_object_get(bench, "batch"), rows, of) {
		double size = strtod(rows, NULL);

		if (n < SPEED_BATCHES_MAX && size > 1 && size < 1e12)
			out[n++] = (struct speed_batch){ size, of };
	}
	qsort(out, n, sizeof *out, by_rows);
	return n;
}

void speed_circumstances(const json_t *row, struct buf *out)
{
	const json_t *machine = json_object_get(row, "hardware");
	const char *dataset = json_str(row, "dataset", NULL);

	buf_addstr(out, strcmp(json_str(row, "input", ""), "synthetic") ? ", on recorded rows"
									: ", on synthetic rows");
	if (dataset)
		buf_addf(out, " of %s", dataset);
	if (machine)
		buf_addf(out, "; %s, %lld cores (machine %s)",
			 json_str(machine, "cpu", "a machine"),
			 (long long)json_int(machine, "cores", 0), json_str(machine, "id", ""));
}

double speed_memory(const json_t *row)
{
	return json_num(bench_of(row), "memory_bytes", NAN);
}
