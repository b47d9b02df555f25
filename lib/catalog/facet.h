/*
 * facet.h - what can be asked of a version by name: its head, its parameters, metrics and tags. One
 * name for a listing's columns, its order and its condition.
 *
 *	number, state, user, ...     the head
 *	param.max_depth              a parameter; max_depth alone where it is no other column
 *	metric.test.rmse             a metric; test.rmse alone likewise. A model that has no such
 *metric of its own shows that of the newest evaluation that has it. tag.owner                    a
 *tag
 */
#ifndef MICH_CATALOG_FACET_H
#define MICH_CATALOG_FACET_H

#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/strlist.h"
#include "lib/catalog/filter.h"

struct index;

enum facet_source { FACET_HEAD, FACET_PARAM, FACET_METRIC, FACET_TAG };

/* A column of the head. sql reads it of the table version, called v. */
struct facet_head {
	const char *name, *sql;
	enum filter_type type;
	const char *help;
};

struct facet {
	enum facet_source source;
	const struct facet_head *head; /* FACET_HEAD */
	char *key;		       /* otherwise; owned */
	char *title;		       /* as typed, or the key; owned */
};

void facet_clear(struct facet *c);

/* ERR_INPUT names what is not there, and the nearest that is. */
int facet_find(struct index *x, const char *name, struct facet *out);

/* Every key in use, sorted: of versions of kind and name, NULL for any. */
int facet_keys(struct index *x, enum facet_source source, const char *kind, const char *name,
	       struct strlist *out);

enum filter_type facet_type(const struct facet *c);

/*
 * The columns that a statement reads beyond the head, each joined once. Text of the joins goes
 * between "FROM version v" and WHERE; their keys are bound from ?first on.
 */
struct facet_joins {
	struct facet *columns; /* (n) */
	size_t n, cap;
	unsigned first;
};

enum { FACET_JOINS_MAX = 24 }; /* SQLite joins 64 tables, and a metric takes two */

/* Add the expression of c to sql, joining its table when it is not yet. ERR_INPUT: too many. */
int facet_sql(struct facet_joins *j, const struct facet *c, struct buf *sql);
void facet_joins_sql(const struct facet_joins *j, struct buf *sql);
void facet_joins_clear(struct facet_joins *j);

#endif
