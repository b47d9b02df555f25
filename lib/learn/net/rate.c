/* rate.c - schedules of the learning rate. */
#include "lib/learn/net/rate.h"

#include <math.h>

#include "lib/base/mem.h"
#include "lib/learn/net/words.h"

static const char *const NAMES[] = { "constant", "cosine", "one-cycle" };

int rate_parse(const char *name, enum rate_schedule *out)
{
	int i, rc = words_parse("schedule", NAMES, ARRAY_LEN(NAMES), name, &i);

	if (!rc)
		*out = (enum rate_schedule)i;
	return rc;
}

const char *rate_name(enum rate_schedule s)
{
	return NAMES[s];
}

/* From `from` to `to` on half a wave; t from 0 to 1. */
static double wave(double from, double to, double t)
{
	return to + (from - to) * (1 + cos(M_PI * t)) / 2;
}

static double one_cycle(const struct rate_options *o, double step)
{
	double last = o->steps > 1 ? (double)o->steps - 1 : 1, start = o->peak / 25;
	double top = (o->warmup ? (double)o->warmup : 0.3 * (double)o->steps) - 1;

	if (top < 0)
		top = 0;
	if (step < top)
		return wave(start, o->peak, step / top);
	return top < last ? wave(o->peak, start / 1e4, (step - top) / (last - top)) : o->peak;
}

static double cosine(const struct rate_options *o, double step)
{
	double begin = (double)o->warmup, n = (double)o->steps - begin;

	return wave(o->peak, o->peak * o->floor, n > 0 ? (step - begin) / n : 0);
}

float rate_at(const struct rate_options *o, uint64_t step)
{
	double at;

	if (o->steps && step >= o->steps)
		step = o->steps - 1;
	at = (double)step;
	if (o->schedule == RATE_ONE_CYCLE)
		return (float)one_cycle(o, at);
	if (step < o->warmup)
		return (float)(o->peak * (at + 1) / (double)o->warmup);
	return (float)(o->schedule == RATE_COSINE ? cosine(o, at) : o->peak);
}
