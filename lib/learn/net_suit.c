/* net_suit.c - parameters and data held against each other, and the net that comes of both. */
#include <math.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/net_params.h"

enum {
	BATCH_LEAST = 32,
	BATCH_MOST = 1024,
	BATCHES = 100, /* about so many an epoch, where that gives a batch between the two */
	EMBEDDING_MOST = 50,
	ONE_HOT_MOST = 64, /* outputs that a category of a linear model speaks to one by one */
	EPOCHS_LEAST = 20,
	EPOCHS_MOST = 500,
	STEPS = 1500, /* that weights need to come to rest, however few rows there are */
	PATIENCE = 5,
};

static int suit_loss(struct net_params *p, const struct matrix *m)
{
	static const enum loss_kind usual[] = {
		[MATRIX_REGRESSION] = LOSS_MSE,
		[MATRIX_BINARY] = LOSS_BINARY,
		[MATRIX_MULTICLASS] = LOSS_SOFTMAX,
	};
	bool numbers = m->task == MATRIX_REGRESSION;

	if (m->task == MATRIX_RANKING)
		return error_hint(error_set(ERR_INPUT, "the learners net and linear do not rank"),
				  "learner = xgboost does");
	if (p->loss < 0)
		p->loss = (int)usual[m->task];
	if (numbers ? p->loss != LOSS_BINARY && p->loss != LOSS_SOFTMAX
		    : p->loss == (int)usual[m->task])
		return 0;
	error_set(ERR_INPUT, "loss '%s' is not for a label of %s",
		  loss_name((enum loss_kind)p->loss),
		  numbers		     ? "numbers"
		  : m->task == MATRIX_BINARY ? "two classes"
					     : "several classes");
	return error_hint(ERR_INPUT, "use %s, or leave loss out",
			  numbers ? "mse, mae, huber or poisson" : loss_name(usual[m->task]));
}

static int suit_classes(const struct net_params *p, const struct matrix *m)
{
	size_t classes = m->task == MATRIX_BINARY ? 2 : m->classes.n;

	if (m->task == MATRIX_REGRESSION && (p->balanced || p->n_class_weights))
		return error_set(ERR_INPUT, "class_weight means nothing for a label of numbers");
	if (p->n_class_weights && p->n_class_weights != classes)
		return error_set(ERR_INPUT,
				 "class_weight has %zu weights, but the label has %zu classes",
				 p->n_class_weights, classes);
	return 0;
}

/*
 * A linear model's loss is convex and its few weights have a long way to go each: the rate that suits
 * a net leaves them on it after the usual epochs.
 */
static double usual_rate(const struct net_params *p)
{
	if (p->optimizer == OPTIMIZER_SGD)
		return 0.01;
	return p->linear ? 0.03 : 0.001;
}

/* A power of two near a hundredth of the rows. */
static int64_t usual_batch(int64_t rows)
{
	int64_t batch = BATCH_LEAST;

	while (batch < BATCH_MOST && batch * BATCHES < rows)
		batch *= 2;
	return batch;
}

static int64_t usual_epochs(int64_t batches)
{
	int64_t epochs = (STEPS + batches - 1) / batches;

	return epochs < EPOCHS_LEAST ? EPOCHS_LEAST : epochs > EPOCHS_MOST ? EPOCHS_MOST : epochs;
}

/*
 * Nothing else holds the weights where rows are few. Of a linear model it is scikit-learn's penalty (C = 1),
 * which needs no stopping beside it: its optimum is one.
 */
static double usual_l2(const struct net_params *p, int64_t rows)
{
	if (p->optimizer == OPTIMIZER_ADAMW || p->l1 > 0 || p->weight_decay > 0)
		return 0;
	return (p->linear ? 1.0 : 4.0) / (double)rows;
}

/* A few validation rows are a matter of chance, and the rate only falls at the end of the schedule. */
static int64_t usual_patience(const struct net_params *p, bool measured)
{
	if (!measured || p->linear)
		return 0;
	return p->epochs / 4 > PATIENCE ? p->epochs / 4 : PATIENCE;
}

static void fill_in(struct net_params *p, int64_t rows, bool measured)
{
	if (!(p->lr > 0))
		p->lr = usual_rate(p);
	if (p->l2 < 0)
		p->l2 = usual_l2(p, rows);
	if (p->weight_decay < 0)
		p->weight_decay = p->optimizer == OPTIMIZER_ADAMW ? 0.01 : 0;
	if (!p->batch)
		p->batch = usual_batch(rows);
	if (!p->epochs)
		p->epochs = usual_epochs((rows + p->batch - 1) / p->batch);
	if (p->early_stopping < 0)
		p->early_stopping = usual_patience(p, measured);
}

int net_params_suit(struct net_params *p, const struct matrix *m)
{
	bool measured = matrix_weighs(m, MATRIX_VALIDATION);
	int64_t rows = m->splits[MATRIX_TRAIN].rows;
	int rc = suit_loss(p, m);

	if (rc || (rc = suit_classes(p, m)))
		return rc;
	if (!rows)
		return error_set(ERR_INPUT, "cannot learn: the split 'train' has no rows");
	if (p->early_stopping > 0 && !measured) {
		error_set(ERR_INPUT,
			  "cannot stop early: the data set has no validation split with rows "
			  "that count");
		return error_hint(ERR_INPUT,
				  "give it one: split = 75/15/10, or leave early_stopping out");
	}
	fill_in(p, rows, measured);
	if (p->n_hidden && p->norm == NET_NORM_BATCH && p->batch < 2)
		return error_set(ERR_INPUT,
				 "norm = batch learns nothing from batches of one row: each is its "
				 "own mean");
	if (p->batch > rows)
		p->batch = rows;
	return 0;
}

/* The rule of thumb of fast.ai's tabular models. A linear model says one number to each output. */
static size_t embedding_dim(const struct net_params *p, int64_t categories, size_t outputs)
{
	double dim = ceil(1.6 * pow((double)categories, 0.56));

	if (p->linear)
		return outputs < ONE_HOT_MOST ? outputs : ONE_HOT_MOST;
	if (p->embedding)
		return (size_t)p->embedding;
	return dim < 1 ? 1 : dim > EMBEDDING_MOST ? EMBEDDING_MOST : (size_t)dim;
}

int net_params_shape(const struct net_params *p, const struct matrix *m, struct net_shape *out)
{
	out->inputs = m->n_inputs;
	out->outputs = m->task == MATRIX_MULTICLASS ? m->classes.n : 1;
	out->head = loss_head((enum loss_kind)p->loss);
	for (size_t i = 0; i < m->n_inputs; i++) {
		const struct matrix_input *in = &m->inputs[i];
		/* A column of nothing but missing ones has none: one that never comes. */
		int64_t n = in->categories ? in->categories : 1;

		if (in->categorical)
			net_shape_embedded(
				out, (struct net_embedding){ i, (size_t)n,
							     embedding_dim(p, n, out->outputs) });
		else
			net_shape_numeric(out, i);
	}
	for (size_t i = 0; i < p->n_hidden; i++)
		net_shape_hidden(
			out, (struct net_hidden){ .units = (size_t)p->hidden[i],
						  .activation = (enum net_activation)p->activation,
						  .norm = (enum net_norm)p->norm,
						  .dropout = p->dropout });
	return net_shape_check(out);
}

void net_params_options(const struct net_params *p, struct trainer_options *out)
{
	out->determinism = (enum net_determinism)p->determinism;
	out->batch = (size_t)p->batch;
	out->loss = (struct loss_options){ .kind = (enum loss_kind)p->loss,
					   .delta = (float)p->huber_delta };
	out->optimizer = (struct optimizer_options){
		.kind = (enum optimizer_kind)p->optimizer,
		.momentum = (float)p->momentum,
		.beta1 = (float)p->beta1,
		.beta2 = (float)p->beta2,
		.epsilon = (float)p->epsilon,
		.weight_decay = (float)p->weight_decay,
		.l1 = (float)p->l1,
		.l2 = (float)p->l2,
		.clip = (float)p->clip,
	};
}
