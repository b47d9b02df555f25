/* decimal.h - a decimal number as the nearest double. */
#ifndef MICH_MODEL_ROWS_DECIMAL_H
#define MICH_MODEL_ROWS_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * m * 10^e, rounded to the nearest double, ties to even; m holds all digits. False where this way
 * cannot say (an exponent far out, a case between two doubles): ask strtod.
 */
bool decimal_double(uint64_t m, int e, double *out);

#endif
