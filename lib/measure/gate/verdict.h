/* verdict.h - judging a gate on figures, wherever they come from. */
#ifndef MICH_MEASURE_GATE_VERDICT_H
#define MICH_MEASURE_GATE_VERDICT_H

#include <stdbool.h>

#include "lib/base/json.h"
#include "lib/measure/gate/gate.h"

/*
 * What is known of a candidate and of what is in production, on the same rows. All borrowed.
 *
 *	metrics		{"test":{"rmse":24.81,...},"bench":{"p99_us":41.2,...}}
 *	slices		[{"by":["carrier"],"groups":[{"values":["UA"],"rows":1234,"metrics":{"rmse":..}}]}]
 */
struct gate_facts {
	const json_t *metrics;
	const json_t *production; /* NULL: nothing is in production */
	const json_t *slices;	  /* NULL: none */
	const json_t *production_slices;
	const char *split; /* the slices' ("test"); NULL: that is not checked */
	const char
		*bench_reason; /* why metrics or production have no "bench"; NULL: never measured */
};

enum verdict_state {
	VERDICT_HOLDS,
	VERDICT_FAILS,
	VERDICT_NOT_APPLICABLE, /* nothing in production yet, or no slice has enough rows */
};

struct verdict {
	enum verdict_state state;
	bool holds; /* it holds or is not applicable: nothing stands in the way */
	double left,
		right; /* NaN: not defined on these rows, so the gate does not hold; or unknown */
	char *text; /* "test.rmse is 27.5, want < 25: 2.5 too much (10 %)"; with slices which one */
};

/*
 * Judge any gate on facts. What only a bench could tell and none did fails, and the text says what to
 * type. ERR_INPUT: there is no such metric (with the nearest one), no such slices. out is cleared by the caller.
 */
int gate_judge(const struct gate *g, const struct gate_facts *facts, struct verdict *out);

void verdict_clear(struct verdict *v);

/* "holds", "fails", "not applicable" */
const char *verdict_state_text(enum verdict_state state);

#endif
