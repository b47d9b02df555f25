/* net_engine.c - the CPU's trainer as an engine. */
#include "lib/learn/net_engine.h"

#include "lib/base/error.h"
#include "lib/learn/team/team_common.h"

static int sum_of_team(void *payload, float *v, size_t n)
{
	return team_sum(payload, v, n);
}

static int gather_of_team(void *payload, void *bytes, const size_t *at)
{
	return team_gather(payload, bytes, at);
}

static int common_of_team(void *payload, size_t bytes, int spare, struct team_common *out)
{
	return team_common_open(payload, bytes, spare, out);
}

static int meet_team(void *payload)
{
	return team_barrier(payload);
}

static int cpu_open(const struct net_shape *shape, struct net_weights *weights,
		    const struct net_engine_options *o, void **out)
{
	struct trainer_options with_team = o->trainer;
	struct trainer *t = NULL;
	int rc;

	if ((rc = net_math_cpu(o->math)) < 0)
		return rc;
	with_team.team = (struct net_team){ .rank = team_rank(o->team),
					    .ranks = team_ranks(o->team),
					    .sum = sum_of_team,
					    .gather = gather_of_team,
					    .common = common_of_team,
					    .meet = meet_team,
					    .payload = o->team };
	rc = trainer_open(shape, weights, &with_team, &t);
	*out = t;
	return rc;
}

static void cpu_close(void *trainer)
{
	trainer_close(trainer);
}

static int cpu_step(void *trainer, const struct net_batch *b, struct net_report *out)
{
	return trainer_step(trainer, b, out);
}

static int cpu_evaluate(void *trainer, const struct net_data *d, size_t first, size_t rows,
			double *loss, double *weight, float *predictions)
{
	return trainer_evaluate(trainer, d, first, rows, loss, weight, predictions);
}

static int cpu_pull(void *trainer, struct trainer_state *out)
{
	trainer_state(trainer, out);
	return 0;
}

const struct net_engine net_engine_cpu = {
	.name = "cpu",
	.program = "mich-net",
	.open = cpu_open,
	.close = cpu_close,
	.step = cpu_step,
	.evaluate = cpu_evaluate,
	.pull = cpu_pull,
};
