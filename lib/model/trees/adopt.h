/*
 * adopt.h - what an XGBoost file that was trained elsewhere says of its inputs, and the contract that
 * is made of it: the file knows names and types, and since XGBoost 3.1 the categories' names; ranges
 * and whatever else it does not know come from rows, or from the person who brings it.
 */
#ifndef MICH_MODEL_TREES_ADOPT_H
#define MICH_MODEL_TREES_ADOPT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/frame.h"
#include "lib/base/strlist.h"
#include "lib/model/contract.h"
#include "lib/model/trees/trees.h"

/* What is known of one input beyond its name and type. */
struct adopted_input {
	struct strlist categories; /* in the order of their codes, where the file has them */
	bool numbers;		   /* the file's categories are numbers */
	size_t codes;		   /* 1 + the largest code that a split asks for; 0: none does */
};

struct adopted {
	struct trees trees;
	struct strlist names;	      /* (inputs) or none: positions alone, as "0" or "f0" are */
	struct adopted_input *inputs; /* (trees.inputs) */
};

/* Which code a category has where the file does not say. */
enum adopt_order {
	ADOPT_UNKNOWN,	/* nobody knows: refused */
	ADOPT_SORTED,	/* by bytes, as pandas numbers text */
	ADOPT_FREQUENT, /* the most frequent first, as mich numbers it */
	ADOPT_CODES,	/* the column holds the codes themselves, as integers */
};

enum { ADOPT_INPUTS_MAX = 1 << 17 };

/* Read a model file. ERR_CORRUPT, ERR_INPUT as forest_parse. adopted_clear in any case. */
int adopted_parse(const void *data, size_t n, int rounds, struct adopted *out);
void adopted_clear(struct adopted *a);

/*
 * The raw columns whose inputs, in this order, are the file's: "t.hour", "t.weekday", "t.month" are
 * the one column t where head has a time t. names: instead of the file's (n of them, 0: the file's
 * own). ERR_INPUT: a column that head does not have (nearest named); no names at all.
 */
int adopted_columns(const struct adopted *a, const struct frame *head, const char *const *names,
		    size_t n, struct strlist *out);

/*
 * A contract out of the file alone: float is double, int int, i bool, categories strings. names as
 * above; positions are called f0, f1, ... c is CONTRACT_INIT. ERR_INPUT: categories that the file
 * does not name, unless order is ADOPT_CODES.
 */
int adopted_contract(const struct adopted *a, const char *const *names, size_t n,
		     enum adopt_order order, struct contract *c);

/*
 * Put the file's categories into a contract that was fitted to rows (fit.h), or reorder the ones of
 * the rows. ERR_INPUT where nobody knows their order.
 */
int adopted_recode(const struct adopted *a, enum adopt_order order, struct contract *c);

/* Classes "0", "1", ... for a contract of a binary or multiclass task that has none. */
void adopted_classes(const struct adopted *a, struct contract *c);

/*
 * Would the file score what the contract makes of a row? ERR_INPUT: other inputs, another task or
 * number of classes, fewer categories than splits ask for; each named.
 */
int adopted_check(const struct adopted *a, const struct contract *c);

int adopt_order_parse(const char *name, enum adopt_order *out); /* NULL: unknown. ERR_INPUT */

#endif
