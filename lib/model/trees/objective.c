/* objective.c - links, as XGBoost reckons them: in floats, with its own clamps. */
#include "lib/model/trees/objective.h"

#include <math.h>
#include <string.h>

#include "lib/base/mem.h"

static const struct objective table[] = {
	{ "reg:squarederror", LINK_IDENTITY, LINK_IDENTITY, TASK_REGRESSION },
	{ "reg:linear", LINK_IDENTITY, LINK_IDENTITY, TASK_REGRESSION },
	{ "reg:squaredlogerror", LINK_IDENTITY, LINK_IDENTITY, TASK_REGRESSION },
	{ "reg:pseudohubererror", LINK_IDENTITY, LINK_IDENTITY, TASK_REGRESSION },
	{ "reg:absoluteerror", LINK_IDENTITY, LINK_IDENTITY, TASK_REGRESSION },
	{ "reg:quantileerror", LINK_IDENTITY, LINK_IDENTITY, TASK_REGRESSION },
	{ "reg:logistic", LINK_LOGISTIC, LINK_LOGISTIC, TASK_REGRESSION },
	{ "reg:gamma", LINK_EXP, LINK_EXP, TASK_REGRESSION },
	{ "reg:tweedie", LINK_EXP, LINK_EXP, TASK_REGRESSION },
	{ "count:poisson", LINK_EXP, LINK_EXP, TASK_REGRESSION },
	{ "survival:cox", LINK_EXP, LINK_EXP, TASK_REGRESSION },
	{ "survival:aft", LINK_EXP, LINK_EXP, TASK_REGRESSION },
	{ "binary:logistic", LINK_LOGISTIC, LINK_LOGISTIC, TASK_BINARY },
	{ "binary:logitraw", LINK_IDENTITY, LINK_IDENTITY, TASK_BINARY },
	{ "binary:hinge", LINK_HINGE, LINK_IDENTITY, TASK_BINARY },
	{ "multi:softprob", LINK_SOFTMAX, LINK_IDENTITY, TASK_MULTICLASS },
	{ "multi:softmax", LINK_SOFTMAX, LINK_IDENTITY, TASK_MULTICLASS },
	{ "rank:pairwise", LINK_IDENTITY, LINK_IDENTITY, TASK_RANKING },
	{ "rank:ndcg", LINK_IDENTITY, LINK_IDENTITY, TASK_RANKING },
	{ "rank:map", LINK_IDENTITY, LINK_IDENTITY, TASK_RANKING },
};

const struct objective *objective_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (!strcmp(table[i].name, name))
			return &table[i];
	return NULL;
}

float objective_margin(const struct objective *o, float base_score)
{
	switch (o->base) {
	case LINK_LOGISTIC:
		return -logf(1.0f / base_score - 1.0f);
	case LINK_EXP:
		return logf(base_score);
	default:
		return base_score;
	}
}

static float sigmoid(float x)
{
	float e = -x < 88.7f ? -x : 88.7f;

	return 1.0f / (expf(e) + 1.0f + 1e-16f);
}

static void softmax(float *v, size_t n)
{
	float max = v[0];
	double sum = 0;

	for (size_t i = 1; i < n; i++)
		max = v[i] > max ? v[i] : max;
	for (size_t i = 0; i < n; i++) {
		v[i] = expf(v[i] - max);
		sum += v[i];
	}
	for (size_t i = 0; i < n; i++)
		v[i] /= (float)sum;
}

void objective_apply(const struct objective *o, float *v, int64_t rows, size_t groups)
{
	size_t n = (size_t)rows * groups;

	switch (o->output) {
	case LINK_IDENTITY:
		break;
	case LINK_LOGISTIC:
		for (size_t i = 0; i < n; i++)
			v[i] = sigmoid(v[i]);
		break;
	case LINK_EXP:
		for (size_t i = 0; i < n; i++)
			v[i] = expf(v[i]);
		break;
	case LINK_HINGE:
		for (size_t i = 0; i < n; i++)
			v[i] = v[i] > 0 ? 1.0f : 0.0f;
		break;
	case LINK_SOFTMAX:
		for (int64_t row = 0; row < rows; row++)
			softmax(v + (size_t)row * groups, groups);
	}
}
