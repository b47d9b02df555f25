/* net_vet.c - parameters held against where they are to be trained. */
#include "lib/learn/net_vet.h"

#include "lib/base/error.h"
#include "lib/learn/net_params.h"

/* The parts of a batch are dealt out to the ranks, and added pairwise over all of them. */
static int check_world(int ranks)
{
	int below = 1;

	while (below * 2 <= ranks && below < NET_WORLD_SHARDS)
		below *= 2;
	if (below == ranks)
		return 0;
	error_set(
		ERR_INPUT,
		"determinism = world with %d ranks: their number is to be a power of 2, at most %d",
		ranks, NET_WORLD_SHARDS);
	if (below == NET_WORLD_SHARDS)
		return error_hint(ERR_INPUT, "-n %d, or determinism = run", below);
	return error_hint(ERR_INPUT, "-n %d or -n %d, or determinism = run", below, below * 2);
}

static int check_data(struct net_params *p, const struct net_data_known *data)
{
	int rc = net_params_suit(p, data->meta);

	if (rc || p->loss != LOSS_POISSON || data->lowest >= 0)
		return rc;
	error_set(ERR_INPUT, "the loss poisson cannot take a label below 0, and the lowest is %g",
		  data->lowest);
	return error_hint(ERR_INPUT, "it is for counts: use mse, mae or huber");
}

int net_vet(const json_t *params, bool linear, const struct net_place *place,
	    const struct net_data_known *data)
{
	struct net_params p = NET_PARAMS_INIT;
	int rc = net_params_parse(params, linear, &p);

	if (!rc)
		rc = net_params_promise(place->determinism, &p);
	if (!rc && p.determinism == NET_DETERMINISM_WORLD)
		rc = check_world(place->ranks);
	if (!rc && !place->gpu)
		rc = net_math_cpu((enum net_math)p.math);
	if (!rc && data)
		rc = check_data(&p, data);
	net_params_clear(&p);
	return rc;
}
