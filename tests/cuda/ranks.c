/*
 * ranks.c - a GPU's trainer in several ranks: each a process with a device of the host, which add through
 * memory that they share. determinism = world: the same bits for 1, 2 and 4 of them. What NCCL does
 * instead of that memory is tested where there are GPUs.
 */
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/learn/cuda/device.h"
#include "lib/learn/cuda/gpu_trainer.h"
#include "tests/cuda/host.h"
#include "tests/gpu/rows.h"
#include "tests/gpu/tap.h"

enum { RANKS = 4, FLOATS = 1 << 14, ROWS = 283, BATCH = 96 };

/* What the ranks share. */
static struct shared {
	pthread_barrier_t barrier;
	float parts[RANKS][FLOATS];
	float results[RANKS][FLOATS]; /* weights of each */
	double losses[RANKS];
	size_t n;
} * shared;

struct team {
	int rank, ranks;
};

/* Pairwise, in the order of the ranks. */
static void add_up(void *payload, float *v, size_t n)
{
	const struct team *t = payload;

	memcpy(shared->parts[t->rank], v, n * sizeof *v);
	pthread_barrier_wait(&shared->barrier);
	if (!t->rank)
		for (int step = 1; step < t->ranks; step *= 2)
			for (int i = 0; i + step < t->ranks; i += 2 * step)
				for (size_t k = 0; k < n; k++)
					shared->parts[i][k] += shared->parts[i + step][k];
	pthread_barrier_wait(&shared->barrier);
	memcpy(v, shared->parts[0], n * sizeof *v);
	pthread_barrier_wait(&shared->barrier);
}

static int sum(void *payload, float *v, size_t n, void *stream)
{
	(void)stream;
	if (n > FLOATS)
		return error_set(ERR_FAIL, "%zu floats: no room", n);
	host_enqueue(add_up, payload, v, n);
	return 0;
}

static int train(struct gpu_trainer *t, struct rows *f, int rank)
{
	size_t n = (ROWS + BATCH - 1) / BATCH;
	struct trainer_state state;
	struct net_report r;
	int rc = 0;

	for (size_t i = 0; !rc && i < 2 * n; i++) {
		size_t from = ROWS * (i % n) / n, end = ROWS * (i % n + 1) / n;
		struct net_batch b = { &f->data, i / n, from, end - from, true, 0.01f };

		rc = gpu_trainer_step(t, &b, &r);
	}
	if (!rc)
		rc = gpu_trainer_flush(t, &r);
	shared->losses[rank] = r.loss;
	if (!rc)
		rc = gpu_trainer_pull(t, &state);
	shared->n = f->weights.n_params + f->weights.n_stats;
	memcpy(shared->results[rank], f->weights.params, f->weights.n_params * sizeof(float));
	memcpy(shared->results[rank] + f->weights.n_params, f->weights.stats,
	       f->weights.n_stats * sizeof(float));
	return rc;
}

/* One rank's process. */
static int rank_main(const struct rows_kind *k, int rank, int ranks, enum net_determinism d)
{
	struct team team = { rank, ranks };
	struct gpu_trainer_options g = { .trainer = rows_options(k, BATCH),
					 .team = { rank, ranks, sum, &team } };
	struct gpu_trainer *t = NULL;
	struct device *device;
	struct rows f;
	int rc;

	g.trainer.determinism = d;
	g.trainer.shards = 16;
	g.trainer.optimizer = (struct optimizer_options){ .kind = OPTIMIZER_ADAM, .clip = 0.5f };
	rows_open(&f, k, ROWS);
	rc = device_open(0, &device);
	if (!rc)
		rc = gpu_trainer_open(device, &f.shape, &f.weights, &g, &t);
	if (!rc)
		rc = train(t, &f, rank);
	if (rc)
		fprintf(stderr, "rank %d: %s\n", rank, error_text());
	gpu_trainer_close(t);
	device_close(device);
	rows_close(&f);
	return rc != 0;
}

/* True: all ranks ended well. */
static bool run(const struct rows_kind *k, int ranks, enum net_determinism d)
{
	pthread_barrierattr_t attr;
	bool good = true;
	int status;

	pthread_barrierattr_init(&attr);
	pthread_barrierattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&shared->barrier, &attr, (unsigned)ranks);
	fflush(stdout);
	for (int i = 0; i < ranks; i++)
		if (!fork())
			_exit(rank_main(k, i, ranks, d));
	for (int i = 0; i < ranks; i++)
		good &= wait(&status) > 0 && status == 0;
	pthread_barrier_destroy(&shared->barrier);
	return good;
}

static void test_world(const struct rows_kind *k)
{
	static float one[FLOATS];
	double loss;
	bool same = run(k, 1, NET_DETERMINISM_WORLD);

	memcpy(one, shared->results[0], sizeof one);
	loss = shared->losses[0];
	for (int ranks = 2; ranks <= RANKS; ranks *= 2) {
		same &= run(k, ranks, NET_DETERMINISM_WORLD);
		for (int i = 0; i < ranks; i++)
			same &= shared->losses[i] == loss &&
				!memcmp(one, shared->results[i], shared->n * sizeof(float));
	}
	tap_is(same, "world: the same bits for 1, 2 and 4 ranks: %s", k->name);
}

static void test_run(const struct rows_kind *k)
{
	static float one[FLOATS];
	bool good = run(k, 1, NET_DETERMINISM_RUN);
	double off;

	memcpy(one, shared->results[0], sizeof one);
	good &= run(k, 2, NET_DETERMINISM_RUN);
	off = tap_far(shared->results[0], one, shared->n, 0);
	tap_is(good && off < 0.02 &&
		       !memcmp(shared->results[0], shared->results[1], shared->n * sizeof(float)),
	       "run: two ranks like one: %s: off by %.2g", k->name, off);
}

int main(void)
{
	static const size_t kinds[] = { 4, 9, 10, 13 }; /* dropout; layer norm; batch norm; all */

	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		return 1;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		test_world(&ROWS_KINDS[kinds[i]]);
		test_run(&ROWS_KINDS[kinds[i]]);
	}
	return tap_end();
}
