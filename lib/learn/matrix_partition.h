/* matrix_partition.h - the partitions of a matrix while it is read and written: matrix.c's helpers. */
#ifndef MICH_LEARN_MATRIX_PARTITION_H
#define MICH_LEARN_MATRIX_PARTITION_H

#include "lib/base/json.h"
#include "lib/learn/matrix.h"

/* {"by":["city"],"values":[["Oslo"],["Rome"]]}; NULL: none. ERR_CORRUPT. */
int matrix_partition_parse(const json_t *v, struct matrix *m);
/* A new reference, NULL where there are none. */
json_t *matrix_partition_json(const struct matrix *m);

/* Where each partition begins, of the counts that are mapped. ERR_CORRUPT: they are not the split's rows. */
int matrix_partition_place(const char *dir, const struct matrix *m, struct matrix_split *s);

#endif
