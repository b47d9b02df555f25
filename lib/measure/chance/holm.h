/* holm.h - several tests at once. */
#ifndef MICH_MEASURE_CHANCE_HOLM_H
#define MICH_MEASURE_CHANCE_HOLM_H

#include <stddef.h>

/*
 * p (n) adjusted, so that the chance of even one false alarm among all of them stays below the level
 * they are held against (Holm 1979, step-down). A NaN is no test: it counts for nothing and stays.
 * out (n) may be p itself.
 */
void holm_adjust(const double *p, size_t n, double *out);

#endif
