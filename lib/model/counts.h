/* counts.h - what was out of contract in the rows that were scored. */
#ifndef MICH_MODEL_COUNTS_H
#define MICH_MODEL_COUNTS_H

#include "lib/base/json.h"
#include <stddef.h>
#include <stdint.h>

#include "lib/model/contract.h"

/* Values of one column. */
struct counts_column {
	int64_t missing; /* null, in a column that never was in training */
	int64_t unknown; /* category that the model does not know: new, or too rare when it learned */
	int64_t range;	 /* below the smallest or above the largest of training */
	int64_t cast;	 /* of another type, cast */
};

struct counts {
	int64_t rows; /* rows seen; also where the numbering of rows in errors begins */
	size_t n;     /* columns, in the contract's order */
	struct counts_column *cols;
};

#define COUNTS_INIT \
	{           \
		0   \
	}

void counts_init(struct counts *k, size_t n); /* zero for n columns; on a used one: back to zero */
void counts_clear(struct counts *k);
int64_t counts_total(const struct counts *k); /* values out of contract; casts are not */

/*
 * {"rows":N,"columns":{NAME:{"missing","unknown","range","cast"}}}: only what is not zero. A new
 * reference.
 */
json_t *counts_json(const struct counts *k, const struct contract *c);

#endif
