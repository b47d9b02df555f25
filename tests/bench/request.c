/* request.c - requests answered at a desk, again and again. Arguments: how many of one row. */
#include <time.h>

#include "tests/lib/desktop.h"

enum { COLUMNS = 28, TURNS = 5 };

static struct desktop t;
static uint64_t seed = 77;

static double now(void)
{
	struct timespec s;

	clock_gettime(CLOCK_MONOTONIC, &s);
	return (double)s.tv_sec + (double)s.tv_nsec / 1e9;
}

static void run(const char *name, const char *path, const char *headers, const struct buf *body,
		int n)
{
	double best = 1e9;

	for (int turn = 0; turn < TURNS; turn++) {
		double from = now(), took;

		for (int i = 0; i < n; i++)
			if (desktop_bytes(&t, "POST", path, headers, body->data, body->len) != 200)
				exit(1);
		took = (now() - from) / n * 1e6;
		best = took < best ? took : best;
	}
	printf("{\"case\": \"%s\", \"n\": %d, \"us\": %.2f, \"bytes\": %zu}\n", name, n, best,
	       body->len);
}

/* digits 17: as Python writes a float32 that became a double. */
static void put_number(int digits, struct buf *out)
{
	float v = (float)(grown_uniform(&seed) * 4 - 2);

	if (digits == 17)
		cell_put_double(out, (double)v);
	else
		cell_put_float(out, v);
}

static void matrix(int rows, int digits, struct buf *out)
{
	buf_addf(out,
		 "{\"inputs\":[{\"name\":\"x\",\"shape\":[%d,%d],\"datatype\":\"FP32\",\"data\":[",
		 rows, COLUMNS);
	for (int i = 0; i < rows * COLUMNS; i++) {
		if (i)
			buf_addch(out, ',');
		put_number(digits, out);
	}
	buf_addstr(out, "]}]}");
}

static void columns(struct buf *out)
{
	buf_addstr(out, "{\"inputs\":[");
	for (int i = 0; i < COLUMNS; i++) {
		buf_addf(out, "%s{\"name\":\"f%d\",\"shape\":[1],\"datatype\":\"FP64\",\"data\":[",
			 i ? "," : "", i);
		put_number(9, out);
		buf_addstr(out, "]}");
	}
	buf_addstr(out, "]}");
}

static void split(struct buf *out)
{
	buf_addstr(out, "{\"dataframe_split\":{\"columns\":[");
	for (int i = 0; i < COLUMNS; i++)
		buf_addf(out, "%s\"f%d\"", i ? "," : "", i);
	buf_addstr(out, "],\"data\":[[");
	for (int i = 0; i < COLUMNS; i++) {
		if (i)
			buf_addch(out, ',');
		put_number(9, out);
	}
	buf_addstr(out, "]]}}");
}

/* The length of its JSON is the value of the header. */
static size_t binary(int rows, struct buf *out)
{
	size_t json;

	buf_addf(out,
		 "{\"inputs\":[{\"name\":\"x\",\"shape\":[%d,%d],\"datatype\":\"FP32\","
		 "\"parameters\":{\"binary_data_size\":%d}}],"
		 "\"parameters\":{\"binary_data_output\":true}}",
		 rows, COLUMNS, rows * COLUMNS * 4);
	json = out->len;
	for (int i = 0; i < rows * COLUMNS; i++) {
		float v = (float)(grown_uniform(&seed) * 4 - 2);

		buf_add(out, &v, sizeof v);
	}
	return json;
}

int main(int argc, char **argv)
{
	static const char infer[] = "/v2/models/eta/infer";
	int n = argc > 1 ? atoi(argv[1]) : 100000;
	struct contract c = CONTRACT_INIT;
	struct buf body[6];
	char header[80];

	desktop_open(&t);
	for (int i = 0; i < COLUMNS; i++) {
		char name[16];
		struct contract_column *col;

		snprintf(name, sizeof name, "f%d", i);
		col = contract_add(&c, name, FRAME_DOUBLE);
		col->nullable = col->ranged = true;
		col->min = -10;
		col->max = 10;
	}
	desktop_put(&t, "eta", "1", &(struct grown){ "reg:squarederror", 0, 0, 100, 6, -2, 2, 1 },
		    &c);
	for (int i = 0; i < 6; i++)
		body[i] = (struct buf)BUF_INIT;
	matrix(1, 9, &body[0]);
	matrix(1, 17, &body[1]);
	columns(&body[2]);
	split(&body[3]);
	matrix(100, 9, &body[4]);
	snprintf(header, sizeof header, "inference-header-content-length: %zu",
		 binary(100, &body[5]));
	run("one row as a tensor, JSON", infer, "", &body[0], n);
	run("one row as a tensor of 17 digits, JSON", infer, "", &body[1], n);
	run("one row as 28 tensors, JSON", infer, "", &body[2], n);
	run("one row, MLflow split", "/invocations", "content-type: application/json", &body[3], n);
	run("100 rows as a tensor, JSON", infer, "", &body[4], n / 50 + 1);
	run("100 rows, binary", infer, header, &body[5], n / 50 + 1);
	for (int i = 0; i < 6; i++)
		buf_clear(&body[i]);
	contract_clear(&c);
	desktop_close(&t);
	return 0;
}
