/* reported.h - what a step's program told about its progress, as metrics. */
#ifndef MICH_MAKE_EVAL_REPORTED_H
#define MICH_MAKE_EVAL_REPORTED_H

struct attempt;

/*
 * Read the attempt's events into a->metrics: the last value of each series, grouped by the part
 * before the dot ("validation.rmse" is validation: {rmse}), but for those that say how the run goes (time_s,
 * epoch, steps, lr, rows_per_s), and the best ones into a->facts. No
 * events: nothing. Lines that are no events are counted, never refused.
 */
int reported_take(struct attempt *a);

#endif
