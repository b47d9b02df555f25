/*
 * checks.h - what the rows of a data set must hold.
 *
 * A check is an SQL expression. It sees every column of the data, split ('train', 'test',
 * 'validation') and rows (how many there are in all), unless a column has that name; in subqueries
 * also the tables data, train, test and validation. Where it names a column it must hold for every
 * row (missing: it does); with an aggregate, or without a column, it must hold once: "avg(delay) <
 * 20", "rows >= 1000", "train.rows > 10 * test.rows", "(SELECT count(DISTINCT day) FROM test) > 5".
 */
#ifndef MICH_TABLE_CHECKS_H
#define MICH_TABLE_CHECKS_H

#include "lib/base/json.h"
#include "lib/table/result.h"

/*
 * Judge all of them: *out = [{"expr","ok","failed":n,"rows":[{column: value}, ... up to 5]}], a new
 * reference, also with ERR_NO: one or more do not hold. ERR_INPUT: one cannot be read.
 */
int check_all(struct result *r, const char *const *checks, size_t n, json_t **out);

#endif
