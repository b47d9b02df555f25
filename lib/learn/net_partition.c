/* net_partition.c - a net for each partition, on one thread and the CPU. */
#include "lib/learn/net_run.h"
#include "lib/learn/partitions.h"

struct parting {
	const struct net_run *whole;
	struct brief brief; /* of each part; what it holds is the whole's */
	bool linear;
};

/* One without rows to stop early by takes as many epochs as the net over all rows did, where these were given. */
static int train_part(void *payload, const struct matrix *m, struct buf *weights,
		      int64_t *rounds_out)
{
	static const struct net_hooks silent = { .payload = NULL };
	const struct parting *p = payload;
	struct net_run r = { .brief = &p->brief,
			     .engine = p->whole->engine,
			     .hooks = &silent,
			     .matrix = *m,
			     .part_epochs = net_fit_epochs(p->whole),
			     .shape = NET_SHAPE_INIT,
			     .curve = CURVE_INIT };
	int rc = net_fit(&r, p->linear);

	if (!rc)
		net_weights_put(&r.shape, &r.weights, weights);
	*rounds_out = net_fit_epochs(&r);
	net_run_clear(&r);
	return rc;
}

int net_partitions(const struct net_run *r, const char *out, bool linear)
{
	struct parting p = { .whole = r, .brief = *r->brief, .linear = linear };
	char of[65];
	const struct partitions_ask ask = {
		.brief = r->brief,
		.out = out,
		.matrix = &r->matrix,
		.train = train_part,
		.payload = &p,
		.on_progress = r->hooks->on_partition,
		.on_warning = r->hooks->on_warning,
		.wants_end = r->hooks->wants_end,
		.hooks_payload = r->hooks->payload,
		.of = of,
		.rounds = net_fit_epochs(r),
	};

	net_identity(r, of);
	p.brief.threads = 1;
	p.brief.events = p.brief.checkpoint = NULL;
	return partitions_train(&ask);
}
