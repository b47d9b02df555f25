/* net_vet.h - what the parameters of a net ask for and no training could give, seen without its data. */
#ifndef MICH_LEARN_NET_VET_H
#define MICH_LEARN_NET_VET_H

#include <stdbool.h>

#include "lib/base/json.h"
#include "lib/learn/matrix.h"

/* Where it is to be trained. */
struct net_place {
	const char *determinism; /* the word of MICH_DETERMINISM; NULL: run */
	int ranks;
	bool gpu;
};

/* What is known of the data. */
struct net_data_known {
	const struct matrix
		*meta; /* task, classes, rows of the splits; none of its arrays is looked at */
	double lowest; /* label of train and validation; of numbers */
};

/*
 * Parameters of `net` or `linear`, held against a place, and against data where they are known (NULL: they are not).
 * ERR_INPUT as net_params_parse() and net_params_suit(); also ranks that determinism = world cannot have,
 * products that the CPU does not make, and a label that the loss cannot take.
 */
int net_vet(const json_t *params, bool linear, const struct net_place *place,
	    const struct net_data_known *data);

#endif
