/* student.h - how surprising a difference is: Student's t. */
#ifndef MICH_MEASURE_CHANCE_STUDENT_H
#define MICH_MEASURE_CHANCE_STUDENT_H

/*
 * P(|T| >= |t|) of Student's t distribution with df > 0 degrees of freedom, to about 1e-12 relative:
 * the incomplete beta function by its continued fraction (DLMF 8.17.22; modified Lentz). NaN of NaN.
 */
double student_p(double t, double df);

#endif
