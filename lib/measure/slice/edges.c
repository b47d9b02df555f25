/* edges.c - the shortest decimals that divide as the exact numbers do. */
#include "lib/measure/slice/edges.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/measure/metric/order.h"

enum { DIGITS_MAX = 17, END_DIGITS = 4 };

/* v with so many digits. */
static double rounded(double v, int digits)
{
	char text[40];

	snprintf(text, sizeof text, "%.*e", digits - 1, v);
	return strtod(text, NULL);
}

/*
 * A number with few digits that divides as v does: above and no larger than v, as are all those that
 * lie between it and the value before.
 */
static double short_edge(double before, double v)
{
	double middle = before / 2 + v / 2;

	for (int digits = 1; digits < DIGITS_MAX; digits++) {
		double s = rounded(v, digits), t = rounded(middle, digits);

		if (s > before && s <= v)
			return s;
		if (t > before && t <= v)
			return t;
	}
	return v;
}

/* A number with few digits, sign * it no larger than sign * v, and close to v. */
static double short_end(double v, int sign)
{
	for (int digits = END_DIGITS; digits < DIGITS_MAX; digits++) {
		double s = rounded(v, digits);

		if (sign * s <= sign * v && isfinite(s))
			return s;
	}
	return v;
}

/* The greatest of sorted keys below key, which is among them and not their first. */
static uint64_t key_before(const uint64_t *sorted, size_t n, uint64_t key)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (sorted[mid] < key)
			low = mid + 1;
		else
			high = mid;
	}
	return sorted[low - 1];
}

void edges_shorten(const uint64_t *sorted, size_t n, uint64_t *edge, size_t n_edge, uint64_t *end)
{
	for (size_t i = 1; i < n_edge; i++) {
		double before = order_double(key_before(sorted, n, edge[i])),
		       v = order_double(edge[i]);

		if (isfinite(before) && isfinite(v))
			edge[i] = order_key_double(short_edge(before, v));
	}
	if (isfinite(order_double(edge[0])))
		edge[0] = order_key_double(short_end(order_double(edge[0]), 1));
	if (isfinite(order_double(*end)))
		*end = order_key_double(short_end(order_double(*end), -1));
}
