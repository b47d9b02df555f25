/*
 * net_table.h - the parameters of nets, a row each: what may be typed, where it is kept, what the manual says.
 * Private to net_params.h, which is what others ask.
 */
#ifndef MICH_LEARN_NET_TABLE_H
#define MICH_LEARN_NET_TABLE_H

#include "lib/learn/net_params.h"

enum value_type { VALUE_WHOLE, VALUE_REAL, VALUE_CHOICE, VALUE_UNITS, VALUE_CLASSES };

struct net_row {
	const char *name;
	enum value_type type;
	size_t at;
	double min, max;
	bool open;	       /* max itself is too much */
	const char *choices;   /* of VALUE_CHOICE, in the order of their enum */
	const char *automatic; /* a word that stands for the default; NULL: none */
	double fallback;       /* of VALUE_WHOLE, VALUE_REAL, VALUE_CHOICE */
	const char *shown;     /* the default, as the manual says it */
	bool net_only;
	const char *help;
};

/* NULL: behind the last; there is none of that name. */
const struct net_row *net_table_row(size_t i);
const struct net_row *net_table_find(const char *name);

/* ERR_INPUT: what it is called here, or the nearest one. */
int net_table_unknown(const char *name, bool linear);

/* "relu, gelu or tanh" of "relu|gelu|tanh": caller frees. */
char *net_table_choices(const char *choices);

#endif
