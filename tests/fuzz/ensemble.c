/*
 * ensemble.c - any bytes as an ensemble and the contracts of its members: {"ensemble":...,
 * "contracts":[...]}. What is an ensemble is written and read back the same; contracts that join give
 * each member its inputs back, and a row of any floats finds codes only where there are some.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/model/ensemble.h"
#include "lib/model/joined.h"

enum { MOST = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void there_and_back(const json_t *v)
{
	struct ensemble e, again;
	json_t *a, *b;

	if (ensemble_parse(v, &e) < 0)
		return;
	a = ensemble_json(&e);
	if (ensemble_parse(a, &again) < 0)
		abort();
	b = ensemble_json(&again);
	if (!json_equal(a, b))
		abort();
	json_decref(a);
	json_decref(b);
	ensemble_clear(&e);
	ensemble_clear(&again);
}

static void pick(const struct contract *whole, const struct contract *part)
{
	static const float odd[] = { 0, 1, -1, 0.5f, 3e38f, 65536, -0.0f };
	struct joined_pick p;
	float *x, *out;

	if (joined_pick_init(whole, part, &p) < 0)
		abort();
	x = xcalloc(whole->inputs + 1, sizeof *x);
	out = xcalloc(part->inputs + 1, sizeof *out);
	for (size_t i = 0; i < whole->inputs; i++)
		x[i] = odd[i % 7] / (i % 5 == 4 ? 0.0f : 1);
	joined_pick_apply(&p, x, 1, out);
	free(x);
	free(out);
	joined_pick_clear(&p);
}

static void join(const json_t *contracts)
{
	struct contract parts[MOST];
	struct joined j = JOINED_INIT;
	struct joined_pick any;
	size_t n = 0;
	bool joined = true;

	for (size_t i = 0; i < json_array_size(contracts) && n < MOST; i++) {
		parts[n] = (struct contract)CONTRACT_INIT;
		if (contract_parse(json_array_get(contracts, i), &parts[n]) == 0)
			n++;
	}
	for (size_t i = 0; i < n; i++)
		joined = joined && joined_add(&j, &parts[i], i % 2 ? "b" : "a") == 0;
	for (size_t i = 0; i < n; i++) {
		if (joined)
			pick(&j.contract, &parts[i]);
		joined_pick_init(&parts[n - 1 - i], &parts[i], &any); /* may be refused */
		joined_pick_clear(&any);
	}
	for (size_t i = 0; i < n; i++)
		contract_clear(&parts[i]);
	joined_clear(&j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	json_t *v;

	if (json_parse((const char *)data, n, "ensemble", &v) < 0)
		return 0;
	there_and_back(json_object_get(v, "ensemble"));
	join(json_object_get(v, "contracts"));
	json_decref(v);
	return 0;
}
