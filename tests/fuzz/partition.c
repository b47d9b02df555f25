/*
 * partition.c - any bytes as the models of partitions: the contract in the first line, the member
 * "partitions" in the second, the weights behind them. What opens picks a model for every row, or none.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/model/trees/forest.h"
#include "lib/model/partition.h"

enum { INPUTS_MOST = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* A row with this code in every column: the model is one of the list, or none. */
static void pick(const struct partition_index *p, const struct contract *c, float code)
{
	float x[INPUTS_MOST];
	int64_t number;

	for (size_t i = 0; i < c->inputs; i++)
		x[i] = code;
	number = partition_of(p, x);
	if (number < -1 || number >= (int64_t)p->keys.n)
		abort();
}

static void open_models(const struct partition_index *p, const uint8_t *weights)
{
	for (size_t i = 0; i < p->keys.n && i < 4; i++) {
		struct forest *f = NULL;

		if (forest_parse(weights + p->models[i].at, p->models[i].bytes, 0, &f) == 0)
			forest_free(f);
	}
}

static void open_index(const struct contract *c, const json_t *v, const uint8_t *weights, size_t n)
{
	static const float codes[] = { 0, 1, 2, 65535, -1, 1e30f, 0.5f };
	struct partition_index p;

	if (partition_index_parse(v, c, n, &p) < 0)
		return;
	for (size_t i = 0; c->inputs <= INPUTS_MOST && i < sizeof codes / sizeof *codes; i++)
		pick(&p, c, codes[i]);
	open_models(&p, weights);
	partition_index_clear(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const uint8_t *end = memchr(data, '\n', n), *second;
	struct contract c = CONTRACT_INIT;
	json_t *v;

	second = end ? memchr(end + 1, '\n', n - (size_t)(end + 1 - data)) : NULL;
	if (!second || contract_parse_text((const char *)data, (size_t)(end - data), &c) < 0)
		return 0;
	if (json_parse((const char *)end + 1, (size_t)(second - end - 1), "partitions", &v) == 0) {
		open_index(&c, v, second + 1, n - (size_t)(second + 1 - data));
		json_decref(v);
	}
	contract_clear(&c);
	return 0;
}
