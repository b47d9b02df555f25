/* net_inherit.h - begin with the weights of another model: init-from. */
#ifndef MICH_LEARN_NET_INHERIT_H
#define MICH_LEARN_NET_INHERIT_H

#include "lib/model/net/net_weights.h"

/*
 * Take over what the model in dir learned. Its hidden layers must be ours; inputs are matched by their
 * names and categories by theirs, so columns may have come, gone or changed their order: what it did not
 * know keeps what net_start() gave. The output is taken over where it says the same thing: as many
 * outputs, the same head, the same classes. matrix: the folder whose contract names our inputs.
 * ERR_INPUT: it is no net, or one of other layers; ERR_CORRUPT.
 */
int net_inherit(const char *dir, const char *matrix, const struct net_shape *shape,
		struct net_weights *w);

#endif
