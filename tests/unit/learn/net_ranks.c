/* net_ranks.c - tests of nets on ranks that are processes: what they have in common, and the bits. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/base/mem.h"
#include "lib/learn/net_engine.h"
#include "tests/unit/learn/fork_ranks.h"

enum { ROWS = 270000, INPUTS = 4, BATCH = 512, RANKS = 4 };

static struct net_data data;
static float *kept[RANKS]; /* parameters that each rank came to; in memory that outlives it */

static float even(uint64_t i)
{
	return (float)(i * 0x9E3779B97F4A7C15u >> 40) / 8388608.0f - 1;
}

static void make_rows(void)
{
	float *x = xcalloc((size_t)ROWS * INPUTS, sizeof *x), *y = xcalloc(ROWS, sizeof *y),
	      *w = xcalloc(ROWS, sizeof *w);

	for (size_t i = 0; i < (size_t)ROWS * INPUTS; i++)
		x[i] = even(i);
	for (size_t i = 0; i < ROWS; i++) {
		y[i] = sinf(3 * x[i * INPUTS]) + x[i * INPUTS + 1] * x[i * INPUTS + 3];
		w[i] = 0.5f + (float)(i % 3);
	}
	data = (struct net_data){ x, y, w, ROWS, INPUTS };
}

static void make_shape(struct net_shape *s)
{
	s->inputs = INPUTS;
	for (size_t i = 0; i < INPUTS; i++)
		net_shape_numeric(s, i);
	net_shape_hidden(s, (struct net_hidden){ 8, NET_TANH, NET_NORM_NONE, 0 });
	s->outputs = 1;
	s->head = NET_IDENTITY;
}

static bool maps_common(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	bool found = false;
	char text[512];

	while (maps && fgets(text, sizeof text, maps))
		found |= strstr(text, "mich-rows") != NULL;
	if (maps)
		fclose(maps);
	return found;
}

/* The end of one epoch, where rows are read as they lie, and the beginning of the next, where they are copied. */
static int steps(void *trainer, bool common)
{
	for (uint64_t i = 0; i < 8; i++) {
		struct net_batch b = { &data, i >= 3, i * BATCH, BATCH, true, 0.01f };
		struct net_report r;

		if (net_engine_cpu.step(trainer, &b, &r) || !r.finite)
			return 1;
		if (maps_common() != (common && i >= 3))
			return 2;
	}
	return 0;
}

static int train(struct team *team, int ranks)
{
	struct net_shape shape = NET_SHAPE_INIT;
	struct net_weights w = NET_WEIGHTS_INIT;
	struct net_engine_options o = { .trainer = { .threads = 1,
						     .seed = 5,
						     .determinism = NET_DETERMINISM_WORLD,
						     .batch = BATCH,
						     .loss.kind = LOSS_MSE,
						     .optimizer.kind = OPTIMIZER_ADAM },
					.team = team };
	void *trainer = NULL;
	int rc = 1;

	make_shape(&shape);
	if (!net_weights_init(&shape, &w)) {
		trainer_fit_inputs(&shape, &data, &w);
		trainer_init_weights(&shape, 3, &w);
		rc = net_engine_cpu.open(&shape, &w, &o, &trainer);
	}
	if (!rc)
		rc = steps(trainer, ranks > 1);
	if (!rc)
		memcpy(kept[team_rank(team)], w.params, w.n_params * sizeof(float));
	net_engine_cpu.close(trainer);
	net_weights_clear(&w);
	net_shape_clear(&shape);
	return rc ? rc : maps_common() ? 3 : 0;
}

/* Ranks of a machine have the rows once, and take the very steps that one takes which has them alone. */
static void test_common_rows(void **state)
{
	enum { FLOATS = INPUTS * 8 + 8 + 8 + 1 };
	float alone[FLOATS];

	(void)state;
	make_rows();
	for (int i = 0; i < RANKS; i++) {
		kept[i] = mmap(NULL, sizeof alone, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		assert_ptr_not_equal(kept[i], MAP_FAILED);
	}
	fork_ranks(1, 4096, train);
	memcpy(alone, kept[0], sizeof alone);
	assert_true(alone[FLOATS - 1] != 0);
	for (int n = 2; n <= RANKS; n *= 2) {
		fork_ranks(n, 4096, train);
		for (int i = 0; i < n; i++)
			assert_memory_equal(kept[i], alone, sizeof alone);
	}
	for (int i = 0; i < RANKS; i++)
		munmap(kept[i], sizeof alone);
	free((void *)(uintptr_t)data.x);
	free((void *)(uintptr_t)data.y);
	free((void *)(uintptr_t)data.w);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_common_rows) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
