/* period.h - the stamp of a step whose world changes: the period it is made for. */
#ifndef MICH_STEP_PERIOD_H
#define MICH_STEP_PERIOD_H

#include <stdbool.h>
#include <stdint.h>

struct repo;
struct spec_node;
struct step;

/*
 * Set s->refresh and s->clock_ms from the node's refresh key: the start of the period that now_ms lies
 * in, the probe's output, or nothing. forced: the period begins now. A step without refresh is
 * left alone. ERR_STEP: the probe failed.
 */
int period_stamp(struct repo *r, const struct spec_node *node, bool forced, int64_t now_ms,
		 struct step *s);

/* A step that is made whenever asked, or when its probe says so, is about to be: its stamp is now. */
void period_begin(const struct spec_node *node, int64_t now_ms, struct step *s);

#endif
