/*
 * benchjob.h - a bench that is measured where no record is: a plain tar with
 *
 *	job.json    {"format":"mich-bench/1","part","batch":[1,..],"rows","seconds","threads",
 *	             "memory","synthetic"}
 *	model/      the model's files
 *	rows.jsonl  the rows, unless they are made up there
 *
 * and its answer, one JSON object: {"bench": figures, "hardware": as hardware.h, "mich": version}.
 */
#ifndef MICH_MAKE_BENCH_BENCHJOB_H
#define MICH_MAKE_BENCH_BENCHJOB_H

#include "lib/make/bench/benchmark.h"

/* {"hardware","mich"} of this machine; new reference. */
json_t *benchjob_here(void);

/*
 * Write job.json and rows.jsonl into dir, which holds model/ already. A body of process_run: payload is
 * a struct benchjob. ERR_INPUT as benchmark_rows.
 */
struct benchjob {
	const struct benchmark *bench;
	int64_t memory_bytes; /* the limit there; 0: none */
	const char *dir;
};
int benchjob_write(void *payload);

/*
 * Read the tar from fd to its end, measure in a private folder that is removed again, and give the
 * answer. When nobody reads standard output any more it stops. A job is not trusted: ERR_INPUT.
 */
int benchjob_serve(int fd, json_t **answer);

/*
 * n bytes as the answer to a bench, or with b NULL as that of benchjob_here. Not trusted: what is not
 * exactly that is ERR_INPUT. New reference.
 */
int benchjob_parse(const char *data, size_t n, const struct benchmark *b, json_t **out);

#endif
