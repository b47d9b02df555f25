/* net_value.h - one parameter: read from JSON into its place, and told as JSON. Private to net_params.h. */
#ifndef MICH_LEARN_NET_VALUE_H
#define MICH_LEARN_NET_VALUE_H

#include "lib/learn/net_table.h"

void net_value_default(const struct net_row *r, struct net_params *p); /* of lists: none */

/* ERR_INPUT names the parameter and what it may be. */
int net_value_read(const struct net_row *r, const json_t *v, struct net_params *p);

/* A new reference. */
json_t *net_value_json(const struct net_row *r, const struct net_params *p);

/* Where text stands among "run|world|off", from 0; -1: it does not. */
int net_value_place(const char *choices, const char *text);

#endif
