/*
 * contract.h - what a model takes in and gives back: its raw columns, how they become float
 * inputs, its label. Fitted by fit.h, applied by transform.h; the same for batch, stream, request.
 */
#ifndef MICH_MODEL_CONTRACT_H
#define MICH_MODEL_CONTRACT_H

#include "lib/base/json.h"
#include <stdbool.h>
#include <stddef.h>

#include "lib/base/frame.h"
#include "lib/base/strlist.h"
#include "lib/model/dict.h"

enum contract_mode {
	CONTRACT_WARN,	 /* an unknown category is missing; what is out of contract is counted */
	CONTRACT_REJECT, /* either is refused, naming column and row */
	CONTRACT_COERCE, /* warn, and other types are cast */
};

enum contract_task { TASK_REGRESSION, TASK_BINARY, TASK_MULTICLASS, TASK_RANKING };

/* How one float input is made of one value of a column; a missing value gives NaN. */
enum contract_part {
	PART_VALUE,   /* a number or a bool, as it is; beyond the floats: the largest float */
	PART_CODE,    /* the position among the categories; an unknown one gives NaN */
	PART_HOUR,    /* of a time, UTC: 0 to 23 */
	PART_WEEKDAY, /* 0 Monday to 6 Sunday */
	PART_MONTH,   /* 1 to 12 */
};

enum { CONTRACT_PARTS = 4, CONTRACT_CATEGORIES = 65535 };

struct contract_column {
	char *name;
	enum frame_type type;
	bool nullable; /* a value was missing in training */
	bool ranged;   /* min and max hold: numbers, and times in microseconds */
	double min, max;
	struct dict categories; /* in the order of the codes, as text; counts are not kept */
	int64_t dropped;	/* rarer categories of training that have no code: missing */
	enum contract_part parts[CONTRACT_PARTS];
	size_t n_parts;
	size_t input; /* its first input */
};

struct contract {
	enum contract_mode mode;
	enum contract_task task;
	char *label;		    /* NULL: its name is not known, as in a model made elsewhere */
	enum frame_type label_type; /* of the raw label */
	struct strlist classes; /* as text, in the order of the class numbers; regression: none */
	struct contract_column *cols;
	size_t n;
	size_t inputs; /* floats a row */
};

#define CONTRACT_INIT \
	{             \
		0     \
	}

void contract_clear(struct contract *c);

/*
 * Put a column behind the others, with the parts that its type gives; name is copied. Fill the
 * rest.
 */
struct contract_column *contract_add(struct contract *c, const char *name, enum frame_type type);
/* The same for one whose values are categories: a string in any case, an int or a bool as its text. */
struct contract_column *contract_add_coded(struct contract *c, const char *name,
					   enum frame_type type);
static inline bool contract_coded(const struct contract_column *col)
{
	return col->parts[0] == PART_CODE;
}
const struct contract_column *contract_find(const struct contract *c, const char *name);

/* "time_hour.hour", "distance": names of the inputs in order, appended. */
void contract_inputs(const struct contract *c, struct strlist *out);
/* True where input i is a category's code. */
bool contract_is_code(const struct contract *c, size_t input);

/* A new reference. The same contract always gives the same canonical bytes. */
json_t *contract_json(const struct contract *c);
/* Fill *out, which is CONTRACT_INIT. ERR_CORRUPT names what is wrong; out is then cleared. */
int contract_parse(const json_t *v, struct contract *out);
/* The same from bytes. */
int contract_parse_text(const char *data, size_t n, struct contract *out);

int contract_mode_parse(const char *name, enum contract_mode *out); /* ERR_INPUT */
const char *contract_task_name(enum contract_task task);
int contract_task_parse(const char *name, enum contract_task *out); /* ERR_INPUT */

#endif
