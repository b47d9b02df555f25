/* benchmark.h - how fast a model that lies in a folder answers, on the machine where this runs. */
#ifndef MICH_MAKE_BENCH_BENCHMARK_H
#define MICH_MAKE_BENCH_BENCHMARK_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/json.h"
#include "lib/make/bench/benchrows.h"

enum { BENCHMARK_BATCHES = 16, BENCHMARK_BATCH_MAX = 1000000 };

struct model;

struct benchmark {
	char *model, *table, *report; /* a folder; rows, NULL: made up; the file that it writes */
	const char *part;	      /* "test": what the rows are, for reasons */
	int64_t batch[BENCHMARK_BATCHES]; /* the first is 1 */
	size_t n_batch;
	int64_t rows; /* that are used, at most */
	double seconds;
	int threads;
};

/*
 * Measure and write the report, {"bench": figures}. A body of process_run: payload is a struct
 * benchmark. ERR_INPUT: the rows are not of the model's contract.
 */
int benchmark_run(void *payload);

/* The rows that it would measure on: at least as many as its largest batch. */
int benchmark_rows(const struct benchmark *b, const struct model *m, struct benchrows *out);

/* Are these figures, which come from another machine, such as benchmark_run writes? ERR_INPUT. */
int benchmark_check(const struct benchmark *b, const json_t *figures);

#endif
