/* evaluated.h - an evaluation's document (lib/measure/evaluation/evaluation.h) for a person. */
#ifndef MICH_CMD_EVALUATED_H
#define MICH_CMD_EVALUATED_H

#include <stdio.h>

#include "lib/base/json.h"

struct repo;
struct version;

/* files/evaluation.json of a version; *out is NULL, and 0, where it has none. New reference. */
int evaluated_read(struct repo *r, const struct version *v, json_t **out);

/* {"test.rmse":[16.1,17.9],...}: its intervals under the names of its metrics. New reference; NULL: none. */
json_t *evaluated_intervals(const json_t *document);

/* The figures with their intervals, then the slices: all, or the worst ones of many. */
void evaluated_print(const json_t *document, FILE *out);

/* The rows of evaluation_worst(), a line each. */
void evaluated_print_worst(const json_t *rows, FILE *out);

#endif
