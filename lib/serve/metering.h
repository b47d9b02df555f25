/* metering.h - the inside of a meter, for meter.c and meter_render.c. */
#ifndef MICH_SERVE_METERING_H
#define MICH_SERVE_METERING_H

#include <stdatomic.h>

#include "lib/serve/meter.h"

enum { METER_BOUNDS = 22, METER_PHASES = 4 };

/* Upper bounds of the latency histogram in ns; one bucket more is everything above. */
extern const int64_t meter_bounds[METER_BOUNDS];

enum meter_phase { PHASE_WAIT, PHASE_PARSE, PHASE_SCORE, PHASE_WRITE };

/* What one worker counted. Only it writes; others read when they like. */
struct meter_shard {
	_Atomic int64_t in_flight, last_ms, rows, fail_ns;
	_Atomic int64_t by_dialect[METER_DIALECTS]; /* all requests */
	_Atomic int64_t errors[METER_ERRORS];
	_Atomic int64_t ns[METER_PHASES];			/* of answers without an error */
	_Atomic int64_t buckets[METER_BOUNDS + 1];		/* of the whole, errors too */
	_Atomic int64_t phases[METER_PHASES][METER_BOUNDS + 1]; /* without an error */
	_Atomic int64_t whole_ns;				/* sum of buckets */
} __attribute__((aligned(128)));

enum meter_outside { OUTSIDE_MISSING, OUTSIDE_UNKNOWN, OUTSIDE_RANGE, OUTSIDE_CAST, OUTSIDE_KINDS };

struct meter {
	int n;
	struct meter_shard *shards; /* (n) */
	size_t columns;
	char **names;		  /* (columns) */
	_Atomic int64_t *outside; /* (columns, OUTSIDE_KINDS) rare, so one for all workers */
};

#endif
