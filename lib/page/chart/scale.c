/* scale.c - linear, logarithmic and time scales. */
#include "lib/page/chart/scale.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/base/clock.h"
#include "lib/page/digits.h"

/* 1, 2 or 5 times a power of ten: the nearest that gives no more than so many steps. */
static double round_step(double span, size_t steps)
{
	double raw = span / (double)steps, power = pow(10, floor(log10(raw)));
	double rest = raw / power;

	return power * (rest > 5.000001 ? 10 : rest > 2.000001 ? 5 : rest > 1.000001 ? 2 : 1);
}

static void add_tick(struct scale *s, double v)
{
	if (s->ticks < SCALE_TICKS)
		s->tick[s->ticks++] = v;
}

static void linear_ticks(struct scale *s, size_t ticks, bool round)
{
	double step = round_step(s->hi - s->lo, ticks);

	if (round) {
		s->lo = step * floor(s->lo / step + 1e-9);
		s->hi = step * ceil(s->hi / step - 1e-9);
	}
	for (double i = ceil(s->lo / step - 1e-9); i * step <= s->hi + step * 1e-9; i++) {
		add_tick(s, i * step);
		if (s->ticks == SCALE_TICKS)
			break;
	}
}

static void log_ticks(struct scale *s, size_t ticks, bool round)
{
	double first, last, step;

	if (round) {
		s->lo = pow(10, floor(log10(s->lo) + 1e-9));
		s->hi = pow(10, ceil(log10(s->hi) - 1e-9));
	}
	first = ceil(log10(s->lo) - 1e-9);
	last = floor(log10(s->hi) + 1e-9);
	step = ceil((last - first + 1) / (double)(ticks + 1));
	for (double e = first; e <= last; e += step < 1 ? 1 : step)
		add_tick(s, pow(10, e));
}

void scale_init(struct scale *s, enum scale_kind kind, double lo, double hi, size_t ticks,
		bool round)
{
	if (isnan(lo) || isnan(hi)) {
		lo = 0;
		hi = 1;
	}
	if (lo > hi) {
		double t = lo;

		lo = hi;
		hi = t;
	}
	if (kind == SCALE_LOG && !(lo > 0))
		kind = SCALE_LINEAR;
	if (!(lo < hi) || hi - lo < fabs(hi) * 1e-12) {
		double around = kind == SCALE_LOG ? lo / 2 : lo ? fabs(lo) * 0.1 : 0.5;

		lo -= around;
		hi += around;
	}
	s->kind = kind;
	s->lo = lo;
	s->hi = hi;
	s->ticks = 0;
	if (kind == SCALE_LOG)
		log_ticks(s, ticks, round);
	else if (kind == SCALE_LINEAR)
		linear_ticks(s, ticks, round);
	else
		for (size_t i = 0; i < 3; i++)
			add_tick(s, lo + (hi - lo) * (double)i / 2);
}

double scale_place(const struct scale *s, double v)
{
	double share = s->kind == SCALE_LOG ? (v > 0 ? log10(v / s->lo) / log10(s->hi / s->lo) : 0)
					    : (v - s->lo) / (s->hi - s->lo);

	if (isnan(share))
		return s->at;
	share = share < -0.05 ? -0.05 : share > 1.05 ? 1.05 : share;
	return s->at + share * (s->to - s->at);
}

void scale_tick_text(const struct scale *s, double v, struct buf *out)
{
	char iso[CLOCK_ISO_BYTES];

	if (s->kind != SCALE_TIME) {
		digits_text(fabs(v) < (s->hi - s->lo) * 1e-9 ? 0 : v, out);
		return;
	}
	clock_iso((int64_t)(v < -6e13 ? -6e13 : v > 2.5e14 ? 2.5e14 : v), iso);
	if (s->hi - s->lo > 4 * 86400e3)
		buf_add(out, iso, 10);
	else
		buf_add(out, iso + 5, 11);
}
