/* learners.c - a row a learner. */
#include "lib/make/train/learners.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/launch/process.h"
#include "lib/learn/net/gemm.h"
#include "lib/learn/net_vet.h"
#include "lib/learn/xgboost/xgboost_vet.h"
#include "lib/make/engines.h"
#include "lib/make/train/prospect.h"
#include "lib/model/model.h"
#include "lib/model/net/net_shape.h"
#include "lib/spec/spec.h"
#include "lib/step/step.h"

static int describe_xgboost(struct repo *r, struct step *s)
{
	return engines_describe(r, ENGINE_XGBOOST, s);
}

static int engine_xgboost(struct repo *r, json_t *out)
{
	char *version = NULL;
	int rc = engines_version(r, ENGINE_XGBOOST, &version);

	if (!rc)
		json_object_set_new(out, "xgboost", json_string(version));
	free(version);
	return rc;
}

/* Its own products of matrices: every kernel gives the same bits, but for the one without FMA. */
static int engine_net(struct repo *r, json_t *out)
{
	(void)r;
	json_object_set_new(out, "mich-net", json_string(MICH_VERSION));
	json_object_set_new(out, "gemm", json_string(gemm_level()));
	return 0;
}

static int vet_net(const struct spec_node *node, const struct step *s, const struct prospect *data)
{
	struct net_place place = { .determinism = json_str(s->recipe, "determinism", NULL),
				   .ranks = step_ranks(s),
				   .gpu = s->limits.gpus };
	struct net_data_known known = { .meta = &data->meta, .lowest = data->lowest };

	return net_vet(s->params, !strcmp(node->learner, "linear"), &place,
		       data->known ? &known : NULL);
}

/* What XGBoost is asked in a process of its own. */
struct question {
	const json_t *params;
	const char *task;
	int ranks;
};

static int ask_xgboost(void *payload)
{
	const struct question *q = payload;

	return xgboost_vet(q->params, q->task, q->ranks);
}

static int vet_xgboost(const struct spec_node *node, const struct step *s,
		       const struct prospect *data)
{
	static const char *const tasks[] = { [SPEC_TASK_AUTO] = NULL,
					     [SPEC_TASK_REGRESSION] = "regression",
					     [SPEC_TASK_BINARY] = "binary",
					     [SPEC_TASK_MULTICLASS] = "multiclass",
					     [SPEC_TASK_RANKING] = "ranking" };
	const char *seen = data->known ? matrix_task_name(data->meta.task) : NULL;
	struct question q = { .task = seen ? seen : tasks[node->task], .ranks = step_ranks(s) };
	struct process_plan plan = { .body = ask_xgboost, .payload = &q };
	struct process_result result;
	json_t *params = json_copy(s->params);
	int rc;

	json_object_del(params, "device"); /* it may be trained on another machine */
	q.params = params;
	rc = process_run(&plan, &result);
	json_decref(params);
	return rc;
}

static int write_forest(const char *out, const struct contract *c)
{
	return model_write_forest(out, c, "model.ubj", NULL);
}

/* The program leaves the net's shape in a file of its own, which becomes a part of model.json. */
static int write_net(const char *out, const struct contract *c)
{
	char *path = path_join(out, "net.json");
	struct net_shape shape = NET_SHAPE_INIT;
	json_t *v = NULL;
	int rc = json_read(path, &v);

	if (!rc)
		rc = net_shape_parse(v, c->inputs, &shape);
	if (!rc)
		rc = model_write_net(out, c, &shape, "weights.safetensors", NULL);
	if (!rc && unlink(path) < 0)
		rc = error_errno("cannot remove '%s'", path);
	net_shape_clear(&shape);
	json_decref(v);
	free(path);
	return rc;
}

static const struct learner learners[] = {
	{ "xgboost", "mich-xgboost", NULL, vet_xgboost, describe_xgboost, engine_xgboost,
	  "MICH_XGBOOST", write_forest, NULL },
	{ "net", "mich-net", NULL, vet_net, NULL, engine_net, NULL, write_net, "mich-net-cuda" },
	{ "linear", "mich-net", "--linear", vet_net, NULL, engine_net, NULL, write_net,
	  "mich-net-cuda" },
};

const struct learner *learner_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(learners); i++)
		if (!strcmp(learners[i].name, name))
			return &learners[i];
	return NULL;
}
