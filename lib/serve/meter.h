/*
 * meter.h - what a served model did: requests, rows, errors and values out of contract by kind,
 * latency. One shard a worker, so that counting shares no cache line; reading adds the shards up.
 */
#ifndef MICH_SERVE_METER_H
#define MICH_SERVE_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/model/contract.h"
#include "lib/model/counts.h"

struct meter;
struct fleet;

/* Why a request got no predictions, as /metrics and the logs name it. */
enum meter_error {
	METER_OK = -1,
	METER_MALFORMED,   /* "malformed": the body is not what its content type says */
	METER_SHAPE,	   /* "shape": tensors, rows or members that do not fit together */
	METER_CONTRACT,	   /* "contract": refused by the input contract */
	METER_TOO_LARGE,   /* "too_large": more rows or values than a request may have */
	METER_UNSUPPORTED, /* "unsupported": a content type, a tensor type, a parameter */
	METER_METHOD,	   /* "method" */
	METER_NOT_FOUND,   /* "not_found": no such path or model */
	METER_NOT_READY,   /* "not_ready" */
	METER_INTERNAL,	   /* "internal" */
	METER_ERRORS,
};

enum meter_dialect { METER_OIP, METER_BINARY, METER_KSERVE, METER_MLFLOW, METER_DIALECTS };

const char *meter_error_name(enum meter_error e); /* NULL: METER_OK */

/* contract may be NULL where nothing is scored; it is read here only. */
struct meter *meter_new(int shards, const struct contract *contract);
void meter_free(struct meter *m);

/* One request that is over. */
struct meter_event {
	enum meter_dialect dialect;
	enum meter_error error;
	int64_t rows;
	/* waiting for a thread, reading, scoring, writing the answer */
	int64_t wait_ns, parse_ns, score_ns, write_ns;
};

/* m NULL: nothing is counted. 0 <= shard < shards of meter_new. */
void meter_begin(struct meter *m, int shard); /* one more in flight */
void meter_end(struct meter *m, int shard, const struct meter_event *e);
/*
 * Add what was out of contract, of a contract with the columns of meter_new's; true when there was
 * anything.
 */
bool meter_counts(struct meter *m, const struct counts *counts);

/* All so far. */
struct meter_sum {
	int64_t requests, rows, errors; /* requests: with and without an error */
	int64_t errors_by[METER_ERRORS];
	int64_t wait_ns, parse_ns, score_ns, write_ns,
		fail_ns;	    /* fail_ns: all of those with an error */
	int64_t in_flight, last_ms; /* last_ms: of the last predictions, since 1970; 0: none */
};
void meter_sum(const struct meter *m, struct meter_sum *out);

/*
 * Text of /metrics, appended: mich_*, nv_inference_* and KServe's families. lost: requests that no
 * model answered; may be NULL.
 */
void meter_render(struct fleet *f, const struct meter *lost, struct buf *out);

#endif
