/* scorer-net.c - the kind "net" of model.json. */
#include "lib/base/error.h"
#include "lib/model/net/mlp.h"
#include "lib/model/scorer.h"

/* A head that does not give what the task promises. ERR_CORRUPT. */
static int check_head(enum contract_task task, enum net_head head)
{
	bool fits;

	switch (task) {
	case TASK_BINARY:
		fits = head == NET_LOGISTIC;
		break;
	case TASK_MULTICLASS:
		fits = head == NET_SOFTMAX;
		break;
	default:
		fits = head != NET_SOFTMAX;
	}
	return fits ? 0
		    : error_set(ERR_CORRUPT, "a net with the head '%s' does not answer a %s task",
				net_head_name(head), contract_task_name(task));
}

static int parse(const struct scorer_place *p, const void *data, size_t n, void **state_out)
{
	struct net_weights weights = NET_WEIGHTS_INIT;
	struct net_shape shape;
	struct mlp *m = NULL;
	int rc = net_shape_parse(json_object_get(p->meta, "net"), p->contract->inputs, &shape);

	if (!rc && !(rc = check_head(p->contract->task, shape.head)) &&
	    !(rc = net_weights_parse(&shape, data, n, &weights)))
		rc = mlp_new(&shape, &weights, &m);
	net_weights_clear(&weights);
	net_shape_clear(&shape);
	*state_out = m;
	return rc;
}

static int open_net(const struct scorer_place *p, void **state_out)
{
	return scorer_open_file(&scorer_net, p, state_out);
}

static void free_net(void *state)
{
	mlp_free(state);
}

static size_t width(const void *state)
{
	return mlp_width(state);
}

static int score(const void *state, const float *x, int64_t rows, int threads, float *out)
{
	return mlp_score(state, x, rows, threads, out);
}

const struct scorer scorer_net = { "net", open_net, parse, free_net, width, score, NULL };
