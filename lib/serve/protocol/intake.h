/*
 * intake.h - rows in the shapes that pandas, TF Serving and MLflow write: each reads the next value
 * of the desk's scan into its sheet. Members and columns that the contract does not have are passed
 * over.
 */
#ifndef MICH_SERVE_PROTOCOL_INTAKE_H
#define MICH_SERVE_PROTOCOL_INTAKE_H

#include "lib/serve/desk/desking.h"

/* [{"a":1,"b":2}, ...]: an absent member is a missing value. */
int intake_records(struct desk *d);
/* {"columns":["a","b"],"data":[[1,2], ...]}, members in any order; "index" is passed over. */
int intake_split(struct desk *d);
/* {"a":[1, ...],"b":[2, ...]}, or one row: {"a":1,"b":2}. */
int intake_columns(struct desk *d);
/*
 * Records; or [[1,2], ...], the contract's columns in its order; or, where there is one column,
 * [1, ...].
 */
int intake_list(struct desk *d);
/* Rows of values, in the order of the contract's columns. */
int intake_matrix(struct desk *d);
/* Rows below a header of names, as csvrows.h reads them. */
int intake_csv(struct desk *d, const char *data, size_t n);

/* {"predictions":[...]}: a number a row where the model has one output, else an object. */
int intake_predictions(struct desk *d);

/* For the above: the next value into a cell; is the next value there, and of another kind? */
int intake_put(struct desk *d, size_t column, int64_t row);
bool intake_other(struct desk *d, enum jsonscan_kind kind);

#endif
