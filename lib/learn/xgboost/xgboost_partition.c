/* xgboost_partition.c - trees for each partition, on one thread. */
#include "lib/base/error.h"
#include "lib/learn/partitions.h"
#include "lib/learn/xgboost/xgboost_intercept.h"
#include "lib/learn/xgboost/xgboost_run.h"

struct parting {
	const struct xgboost_run *whole;
	struct brief brief; /* of each part; what it holds is the whole's */
};

/* The parameters for these rows. One without rows to stop early by takes as many rounds as the whole. */
static int read_params(const struct parting *p, struct xgboost_run *r)
{
	int rc = xgboost_params_parse(p->brief.params, &r->matrix, &r->params);

	if (!rc && r->params.early_stopping && !matrix_weighs(&r->matrix, MATRIX_VALIDATION)) {
		r->params.early_stopping = 0;
		r->params.rounds = p->whole->rounds;
	}
	if (!rc)
		xgboost_intercept_add(&r->api, &r->matrix, &r->params);
	return rc;
}

static int save(const struct xgboost_run *r, struct buf *weights)
{
	const char *data;
	bst_ulong n;

	if (r->api.save(r->booster, "{\"format\":\"ubj\"}", &n, &data))
		return xgboost_api_error(&r->api, ERR_FAIL, "cannot save the model");
	buf_add(weights, data, n);
	return 0;
}

static int train_part(void *payload, const struct matrix *m, struct buf *weights,
		      int64_t *rounds_out)
{
	static const struct xgboost_hooks silent = { .payload = NULL };
	const struct parting *p = payload;
	struct xgboost_run r = { .api = p->whole->api,
				 .matrix = *m,
				 .part = true,
				 .team = { .ranks = 1 },
				 .brief = &p->brief,
				 .hooks = &silent,
				 .curve = CURVE_INIT,
				 .log = BUF_INIT,
				 .snapshot = BUF_INIT };
	int rc = read_params(p, &r);

	if (!rc)
		rc = xgboost_fit(&r);
	if (!rc)
		rc = save(&r, weights);
	*rounds_out = r.rounds;
	xgboost_run_clear(&r);
	return rc;
}

int xgboost_partitions(const struct xgboost_run *r)
{
	struct parting p = { .whole = r, .brief = *r->brief };
	char of[65];
	const struct partitions_ask ask = {
		.brief = r->brief,
		.out = r->brief->out,
		.matrix = &r->matrix,
		.train = train_part,
		.payload = &p,
		.on_progress = r->hooks->on_partition,
		.on_warning = r->hooks->on_warning,
		.hooks_payload = r->hooks->payload,
		.of = of,
		.rounds = r->rounds,
	};

	xgboost_identity(r, of);
	p.brief.threads = 1;
	p.brief.events = p.brief.checkpoint = NULL;
	return partitions_train(&ask);
}
