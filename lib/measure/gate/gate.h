/*
 * gate.h - a condition that a model's figures must meet.
 *
 *	test.rmse < 25
 *	test.rmse <= 1.01 * production.test.rmse
 *	bench.p99_us <= 1.2 * production.bench.p99_us
 *	worst slice(carrier, min = 100).rmse < 60
 *	worst slice(carrier * origin).rmse <= 1.1 * production.worst slice(carrier * origin).rmse
 *	no-regress slice(carrier, hour * origin, tolerance = 2%).mae
 *
 *	gate     = side op side | "no-regress" slice [ "." metric ]
 *	op       = "<" | "<=" | ">" | ">=" | "=="
 *	side     = number | [ number "*" ] [ "production." ] quantity
 *	quantity = word "." metric | "worst" slice "." metric
 *	slice    = "slice(" by { "," by } { sep setting } ")"        sep: "," or ";"
 *	by       = column [ "*" column ]        two columns: crossed
 *	setting  = "min" "=" rows | "tolerance" "=" number [ "%" ]   tolerance: of no-regress only
 *	metric   = word { "." word }            word: letters, digits, _ - @
 *	column   = word, with letters of any language | "any bytes, a double quote as two"
 *
 * min: a slice of fewer rows is shown, and judges nothing (30). tolerance: how much worse than in
 * production a slice may be, relative (0). Without a metric no-regress takes the main one of the task:
 * rmse, auc, logloss (several classes), ndcg.
 */
#ifndef MICH_MEASURE_GATE_GATE_H
#define MICH_MEASURE_GATE_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GATE_MIN_ROWS = 30 };

enum gate_kind {
	GATE_PLAIN,	 /* figures of this version and numbers: can be judged alone */
	GATE_PRODUCTION, /* against what is in production */
	GATE_SLICE,	 /* about the worst part of the rows; may be against production, too */
	GATE_NO_REGRESS, /* about every part of the rows, against what is in production */
};

enum gate_op { GATE_LT, GATE_LE, GATE_GT, GATE_GE, GATE_EQ };

struct gate_by {
	char *column[2]; /* [1] NULL: by one column */
};

struct gate_slice {
	struct gate_by *by; /* each is one way to divide the rows */
	size_t n, cap;	    /* 0: no slice is meant */
	int64_t min;	    /* rows */
	double tolerance;   /* relative: 0.02 */
};

struct gate_side {
	double factor;	 /* of the metric; without a metric, the number itself */
	char *metric;	 /* "test.rmse", of slices "rmse" or "test.rmse"; NULL: a number */
	bool production; /* the metric of what is in production */
	struct gate_slice slice;
};

struct gate {
	char *text; /* as given, trimmed */
	enum gate_kind kind;
	enum gate_op op;
	struct gate_side left, right; /* no-regress: left's slice and metric (NULL: the main one) */
};

#define GATE_INIT \
	{         \
		0 \
	}

/* ERR_INPUT says what was wanted where. */
int gate_parse(const char *text, size_t n, struct gate *out);
void gate_clear(struct gate *g);

/* What must be known to judge it; enum gate_need together. */
enum gate_need {
	GATE_NEEDS_PRODUCTION = 1 << 0, /* the version in production */
	GATE_NEEDS_SLICES = 1 << 1,	/* metrics of slices: gate_by() says of which */
	GATE_NEEDS_BENCH = 1 << 2,	/* figures of `mich bench` */
};
unsigned gate_needs(const struct gate *g);

/* The i-th way in which g divides the rows, of both sides; NULL past the last. */
const struct gate_by *gate_by(const struct gate *g, size_t i);

const char *gate_op_text(enum gate_op op); /* "<=" */

#endif
