/*
 * edges.h - where ranges of numbers begin, as a person can read them.
 *
 * [-1.291838504643794, -0.8794597147043167) and [-1.29, -0.88) hold the same rows where no value lies
 * between either two: the second says so in a table.
 */
#ifndef MICH_MEASURE_SLICE_EDGES_H
#define MICH_MEASURE_SLICE_EDGES_H

#include <stddef.h>
#include <stdint.h>

/*
 * edge (n_edge, ascending) are keys of doubles (order.h) among sorted (n of them), the first of them
 * the least; *end is the greatest. Afterwards every edge but the first is a number with few digits that
 * divides sorted as before, and the first and *end are rounded outwards.
 */
void edges_shorten(const uint64_t *sorted, size_t n, uint64_t *edge, size_t n_edge, uint64_t *end);

#endif
