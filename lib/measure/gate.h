/*
 * gate.h - a condition that a model's figures must meet.
 *
 *	test.rmse < 25
 *	test.rmse <= 1.01 * production.test.rmse
 *	worst slice(carrier).rmse < 60
 *	no-regress slice(carrier, origin)
 *
 *	gate     = side op side | "no-regress" slice
 *	op       = "<" | "<=" | ">" | ">=" | "=="
 *	side     = number | [ number "*" ] quantity
 *	quantity = [ "production." ] word "." metric | "worst" slice "." metric
 *	slice    = "slice(" column { "," column } ")"
 *	metric   = word { "." word }            word: letters, digits, _ - @
 *	column   = word | "any bytes but a double quote, in double quotes"
 */
#ifndef MICH_MEASURE_GATE_H
#define MICH_MEASURE_GATE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/json.h"
#include "lib/base/strlist.h"

enum gate_kind {
	GATE_PLAIN,	 /* figures of this version and numbers: can be judged alone */
	GATE_PRODUCTION, /* against what is in production */
	GATE_SLICE,	 /* about the worst part of the rows */
	GATE_NO_REGRESS, /* about every part of the rows, against what is in production */
};

enum gate_op { GATE_LT, GATE_LE, GATE_GT, GATE_GE, GATE_EQ };

struct gate_side {
	double factor;	 /* of the metric; without a metric, the number itself */
	char *metric;	 /* "test.rmse"; NULL: a number */
	bool production; /* the metric of what is in production */
	bool worst;	 /* the metric of the worst slice by columns */
	struct strlist columns;
};

struct gate {
	char *text; /* as given, trimmed */
	enum gate_kind kind;
	enum gate_op op;
	struct gate_side left, right;
	struct strlist columns; /* no-regress */
};

#define GATE_INIT \
	{         \
		0 \
	}

/* ERR_INPUT says what was wanted where. */
int gate_parse(const char *text, size_t n, struct gate *out);
void gate_clear(struct gate *g);

struct verdict {
	bool holds;
	double left, right; /* NaN: not defined on these rows, so the gate does not hold */
	char *text;	    /* "test.rmse is 24.81, want < 25" */
};

/*
 * Judge a plain gate on figures such as {"test":{"rmse":24.81,...}}. ERR_INPUT: there is no such
 * metric (with the nearest one), or the gate is not plain.
 */
int gate_judge(const struct gate *g, const json_t *metrics, struct verdict *out);
void verdict_clear(struct verdict *v);

const char *gate_op_text(enum gate_op op); /* "<=" */

#endif
