/* events.h - metrics over steps, as a program wrote them into MICH_EVENTS: a JSON object a line. */
#ifndef MICH_MEASURE_EVENTS_H
#define MICH_MEASURE_EVENTS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/json.h"
#include "lib/base/strlist.h"

struct events_series {
	char *name;    /* "validation.rmse"; {"train":{"rmse":1}} is train.rmse */
	int64_t count; /* of values */
	int64_t last_step, best_step;
	double last, best; /* best: the highest or the lowest, as measure_higher_is_better() says */
};

struct events {
	struct events_series *series; /* (n) in order of their first value */
	size_t n, cap, next;	      /* next: where the following value is probably found */
	int64_t lines, bad;	      /* that hold something; of them, how many are no events */
	int64_t last_step;
	struct strlist problems; /* the first few: "line 3: ..." */
};

#define EVENTS_INIT \
	{           \
		0   \
	}

/*
 * Written by anybody's program, so nothing is refused: a line that is no object of figures is
 * counted and named, what is neither number nor object in it is passed over. "step" numbers a line,
 * else its place does. At most 1000 series are kept.
 */
void events_parse(const char *data, size_t n, struct events *out);
void events_clear(struct events *e);

/* {"validation.rmse":{"last":..,"last_step":..,"best":..,"best_step":..,"values":n},...} without
 * time_s. */
json_t *events_json(const struct events *e);

#endif
