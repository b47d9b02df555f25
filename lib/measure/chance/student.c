/* student.c - the tails of Student's t. */
#define _GNU_SOURCE
#include "lib/measure/chance/student.h"

#include <float.h>
#include <math.h>

enum { MAX_TERMS = 20000 };

/* Term j of the continued fraction of I_x(a, b). */
static double term(double a, double b, double x, int j)
{
	int m = j / 2;

	if (j % 2)
		return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
	return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
}

static double nonzero(double v)
{
	return fabs(v) < DBL_MIN ? DBL_MIN : v;
}

static double fraction(double a, double b, double x)
{
	double f = 1, c = 1, d = 0;

	for (int j = 1; j < MAX_TERMS; j++) {
		double v = term(a, b, x, j), step;

		d = 1 / nonzero(1 + v * d);
		c = nonzero(1 + v / c);
		step = c * d;
		f *= step;
		if (fabs(step - 1) < DBL_EPSILON)
			break;
	}
	return 1 / f;
}

/* x^a (1-x)^b / (a B(a, b)) */
static double front(double a, double b, double x, double y)
{
	int sign;
	double log_beta = lgamma_r(a, &sign) + lgamma_r(b, &sign) - lgamma_r(a + b, &sign);

	return exp(a * log(x) + b * log(y) - log_beta) / a;
}

/* I_x(a, b), y = 1 - x given apart so that neither end loses digits. */
static double incomplete_beta(double a, double b, double x, double y)
{
	if (x <= 0)
		return 0;
	if (y <= 0)
		return 1;
	if (x < (a + 1) / (a + b + 2))
		return front(a, b, x, y) * fraction(a, b, x);
	return 1 - front(b, a, y, x) * fraction(b, a, y);
}

double student_p(double t, double df)
{
	double square = t * t;

	if (isnan(t) || !(df > 0))
		return NAN;
	if (isinf(square))
		return 0;
	return incomplete_beta(df / 2, 0.5, df / (df + square), square / (df + square));
}
