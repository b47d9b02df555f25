/*
 * net.c - any bytes as a net: its shape in the first line, its weights behind it. What opens is
 * scored, by tiles and row by row, and must give the same bits.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/model/net/mlp.h"

enum { INPUTS = 4, ROWS = 9 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void score(const struct net_shape *s, const struct net_weights *w)
{
	static const float values[] = { 0, 1, -3.5f, 1e30f, 2 };
	float x[ROWS * INPUTS], *out = malloc(2 * ROWS * s->outputs * sizeof(*out));
	float *alone = out + ROWS * s->outputs;
	struct mlp *m;

	for (size_t i = 0; i < ROWS * INPUTS; i++)
		x[i] = values[i % 5] / (i % 7 ? 1 : 0.0f);
	if (mlp_new(s, w, &m) < 0)
		abort();
	mlp_score(m, x, ROWS, 2, out);
	for (size_t i = 0; i < ROWS; i++)
		mlp_score(m, x + i * INPUTS, 1, 1, alone + i * s->outputs);
	for (size_t i = 0; i < ROWS * s->outputs; i++)
		if (out[i] == out[i] ? memcmp(&out[i], &alone[i], sizeof *out) != 0
				     : alone[i] == alone[i])
			abort();
	mlp_free(m);
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const uint8_t *end = memchr(data, '\n', n);
	size_t head = end ? (size_t)(end - data) : n;
	struct net_weights w;
	struct net_shape s;
	json_t *v;

	if (json_parse((const char *)data, head, "net", &v) < 0)
		return 0;
	if (net_shape_parse(v, INPUTS, &s) == 0) {
		if (end && net_weights_parse(&s, end + 1, n - head - 1, &w) == 0) {
			score(&s, &w);
			net_weights_clear(&w);
		}
		net_shape_clear(&s);
	}
	json_decref(v);
	return 0;
}
