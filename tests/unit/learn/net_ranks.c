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

static void drop_rows(void)
{
	free((void *)(uintptr_t)data.x);
	free((void *)(uintptr_t)data.y);
	free((void *)(uintptr_t)data.w);
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
	drop_rows();
}

/* --- large tables ------------------------------------------------------------------------------------ */

enum { TABLE = 20000, DIM = 4, FEW_ROWS = 3000, FEW = 96 };

/* What is trained: two tables, one so large that ranks send the rows they touched, where `batch` is small. */
static struct {
	enum net_determinism determinism;
	enum net_norm norm;
	int threads;
	size_t batch;  /* the largest that there may be; steps take FEW rows */
	size_t floats; /* most that a step may send, and less than it must */
} plan;

static size_t sent;

static int count_sum(void *payload, float *v, size_t n)
{
	sent += n;
	return team_sum(payload, v, n);
}

static int count_gather(void *payload, void *bytes, const size_t *at)
{
	sent += at[team_ranks(payload)] / sizeof(float);
	return team_gather(payload, bytes, at);
}

static void make_tables(struct net_shape *s)
{
	s->inputs = INPUTS;
	net_shape_numeric(s, 0);
	net_shape_embedded(s, (struct net_embedding){ 1, 5, 2 });
	net_shape_embedded(s, (struct net_embedding){ 2, TABLE, DIM });
	net_shape_embedded(s, (struct net_embedding){ 3, 3 * FEW, 3 });
	net_shape_hidden(s, (struct net_hidden){ 8, NET_TANH, plan.norm, 0 });
	s->outputs = 1;
	s->head = NET_IDENTITY;
}

/* A number, and three codes: some rows of a table come often, others never. */
static void make_codes(void)
{
	static const size_t categories[] = { 5, TABLE, 3 * FEW };
	float *x = xcalloc((size_t)FEW_ROWS * INPUTS, sizeof *x), *y = xcalloc(FEW_ROWS, sizeof *y);

	for (size_t i = 0; i < FEW_ROWS; i++) {
		float *row = x + i * INPUTS;

		row[0] = even(i);
		for (size_t k = 0; k < 3; k++) {
			float at = (even(4 * i + k) + 1) / 2;

			row[k + 1] = floorf(at * at * ((float)categories[k] + 0.5f));
		}
		y[i] = row[0] + row[1] * 0.3f + (float)((int)row[2] % 5);
	}
	data = (struct net_data){ x, y, NULL, FEW_ROWS, INPUTS };
}

static int table_steps(struct trainer *t, int ranks)
{
	for (size_t at = 0; at < FEW_ROWS; at += FEW) {
		struct net_batch b = { &data, 0,    at, FEW_ROWS - at < FEW ? FEW_ROWS - at : FEW,
				       true,  0.01f };
		struct net_report r;

		sent = 0;
		if (trainer_step(t, &b, &r) || !r.finite)
			return 1;
		if (ranks > 1 && (sent > plan.floats || sent <= plan.floats / 8))
			return 2;
	}
	return 0;
}

enum {
	NORM = 8 + 8, /* only where there is one */
	INTO = 1 + 2 + DIM + 3,
	PARAMS = 6 * 2 + (TABLE + 1) * DIM + (3 * FEW + 1) * 3 + (INTO + 1) * 8 + NORM + 8 + 1,
};

static int train_tables(struct team *team, int ranks)
{
	struct net_shape shape = NET_SHAPE_INIT;
	struct net_weights w = NET_WEIGHTS_INIT;
	struct trainer_options o = {
		.threads = plan.threads,
		.seed = 5,
		.determinism = plan.determinism,
		.batch = plan.batch,
		.loss.kind = LOSS_MSE,
		.optimizer = { .kind = OPTIMIZER_ADAM, .clip = 0.5f, .l2 = 0.01f },
		.team = { .rank = team_rank(team),
			  .ranks = ranks,
			  .sum = count_sum,
			  .gather = count_gather,
			  .payload = team },
	};
	struct trainer *t = NULL;
	int rc = 1;

	make_tables(&shape);
	if (!net_weights_init(&shape, &w)) {
		trainer_fit_inputs(&shape, &data, &w);
		trainer_init_weights(&shape, 3, &w);
		rc = trainer_open(&shape, &w, &o, &t);
	}
	if (!rc && w.n_params != PARAMS - (plan.norm == NET_NORM_NONE) * NORM)
		rc = 4;
	if (!rc)
		rc = table_steps(t, ranks);
	if (!rc)
		memcpy(kept[team_rank(team)], w.params, w.n_params * sizeof(float));
	trainer_close(t);
	net_weights_clear(&w);
	net_shape_clear(&shape);
	return rc;
}

/* All ranks have the same; the first one's are kept in out. */
static void run_tables(int ranks, size_t batch, float *out)
{
	plan.batch = batch;
	/* whole tables; or ids and rows, as many as there are rows in a batch of each of two tables, and the rest */
	plan.floats = batch > FEW ? PARAMS + 2 + 64 : 2 * FEW * (1 + DIM) + 512;
	fork_ranks(ranks, 1 << 16, train_tables);
	for (int i = 1; i < ranks; i++)
		assert_memory_equal(kept[i], kept[0], PARAMS * sizeof(float));
	memcpy(out, kept[0], PARAMS * sizeof(float));
}

/* Who sends the rows that were touched takes the very steps that it takes who sends tables whole. */
static void test_large_tables(void **state)
{
	static float whole[PARAMS], rows[PARAMS], alone[PARAMS];

	(void)state;
	make_codes();
	for (int i = 0; i < RANKS; i++) {
		kept[i] = mmap(NULL, sizeof whole, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		assert_ptr_not_equal(kept[i], MAP_FAILED);
	}
	for (int i = 0; i < 4; i++) {
		plan.determinism = i & 1 ? NET_DETERMINISM_WORLD : NET_DETERMINISM_RUN;
		plan.norm = i & 2 ? NET_NORM_BATCH : NET_NORM_NONE;
		plan.threads = 1;
		for (int ranks = 2; ranks <= RANKS; ranks += 1 + (i & 1)) {
			run_tables(ranks, TABLE, whole);
			run_tables(ranks, FEW, rows);
			assert_memory_equal(rows, whole, sizeof rows);
			if (plan.determinism != NET_DETERMINISM_WORLD)
				continue;
			plan.threads = 2;
			run_tables(1, FEW, alone);
			plan.threads = 1;
			assert_memory_equal(rows, alone, sizeof rows);
		}
	}
	for (int i = 0; i < RANKS; i++)
		munmap(kept[i], sizeof whole);
	drop_rows();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_common_rows),
		cmocka_unit_test(test_large_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
