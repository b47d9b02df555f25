/* net_vet.h - what the parameters of a net ask for and no training could give, seen without its data. */
#ifndef MICH_LEARN_NET_VET_H
#define MICH_LEARN_NET_VET_H

#include <stdbool.h>

#include "lib/base/json.h"

/*
 * Parameters of `net` or `linear`, the word of MICH_DETERMINISM (NULL: run), and as how many ranks they are to be
 * trained, on GPUs or not. ERR_INPUT as net_params_parse(); also ranks that determinism = world cannot
 * have, and products that the CPU does not make.
 */
int net_vet(const json_t *params, bool linear, const char *determinism, int ranks, bool gpu);

#endif
