/* loss.c - losses by rows. */
#include "lib/learn/net/loss.h"

#include <math.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/learn/net/words.h"

static const char *const NAMES[] = { "mse", "mae", "huber", "binary", "softmax", "poisson" };

int loss_parse(const char *name, enum loss_kind *out)
{
	int i, rc = words_parse("loss", NAMES, ARRAY_LEN(NAMES), name, &i);

	if (!rc)
		*out = (enum loss_kind)i;
	return rc;
}

const char *loss_name(enum loss_kind k)
{
	return NAMES[k];
}

enum net_head loss_head(enum loss_kind k)
{
	switch (k) {
	case LOSS_BINARY:
		return NET_LOGISTIC;
	case LOSS_SOFTMAX:
		return NET_SOFTMAX;
	case LOSS_POISSON:
		return NET_EXP;
	default:
		return NET_IDENTITY;
	}
}

static bool takes(enum loss_kind kind, size_t classes, float y)
{
	switch (kind) {
	case LOSS_BINARY:
		return y == 0 || y == 1;
	case LOSS_SOFTMAX:
		return y >= 0 && y < (float)classes && y == floorf(y);
	case LOSS_POISSON:
		return y >= 0 && isfinite(y);
	default:
		return isfinite(y);
	}
}

int loss_check_labels(const struct loss_options *o, size_t classes, const float *y, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!takes(o->kind, classes, y[i]))
			return error_set(ERR_INPUT,
					 "the loss %s cannot take the label %g of row %zu",
					 loss_name(o->kind), (double)y[i], i);
	return 0;
}

/* z (classes) becomes the gradient. */
static double softmax_loss(float *z, size_t classes, size_t y)
{
	float top = z[0], sum = 0, of_label = z[y];

	for (size_t k = 1; k < classes; k++)
		top = z[k] > top ? z[k] : top;
	for (size_t k = 0; k < classes; k++)
		sum += z[k] = expf(z[k] - top);
	for (size_t k = 0; k < classes; k++)
		z[k] /= sum;
	z[y] -= 1;
	return logf(sum) - (of_label - top);
}

static double softmax_loss_only(const float *z, size_t classes, size_t y)
{
	float top = z[0], sum = 0;

	for (size_t k = 1; k < classes; k++)
		top = z[k] > top ? z[k] : top;
	for (size_t k = 0; k < classes; k++)
		sum += expf(z[k] - top);
	return logf(sum) - (z[y] - top);
}

static float weight_of(const struct loss_options *o, const float *y, const float *w, size_t i)
{
	float weight = w ? w[i] : 1;

	if (o->class_weights && (o->kind == LOSS_BINARY || o->kind == LOSS_SOFTMAX))
		weight *= o->class_weights[(size_t)y[i]];
	return weight;
}

void loss_backward(const struct loss_options *o, size_t outputs, float *z, size_t ld,
		   const float *y, const float *w, size_t rows, struct loss_sum *sum)
{
	float delta = o->delta > 0 ? o->delta : 1;

	for (size_t i = 0; i < rows; i++) {
		float weight = weight_of(o, y, w, i), *at = z + i * ld;
		double loss;

		if (o->kind == LOSS_SOFTMAX)
			loss = softmax_loss(at, outputs, (size_t)y[i]);
		else
			loss = loss_row(o->kind, delta, *at, y[i], at);
		for (size_t k = 0; weight != 1 && k < outputs; k++)
			at[k] *= weight;
		sum->loss += loss * weight;
		sum->weight += weight;
	}
}

void loss_forward(const struct loss_options *o, size_t outputs, const float *z, size_t ld,
		  const float *y, const float *w, size_t rows, struct loss_sum *sum)
{
	float delta = o->delta > 0 ? o->delta : 1;

	for (size_t i = 0; i < rows; i++) {
		float weight = weight_of(o, y, w, i), unused;
		const float *at = z + i * ld;

		sum->loss += weight * (o->kind == LOSS_SOFTMAX
					       ? softmax_loss_only(at, outputs, (size_t)y[i])
					       : loss_row(o->kind, delta, *at, y[i], &unused));
		sum->weight += weight;
	}
}

static void softmax_row(float *z, size_t classes)
{
	float top = z[0], sum = 0;

	for (size_t k = 1; k < classes; k++)
		top = z[k] > top ? z[k] : top;
	for (size_t k = 0; k < classes; k++)
		sum += z[k] = expf(z[k] - top);
	for (size_t k = 0; k < classes; k++)
		z[k] /= sum;
}

void loss_apply_head(enum net_head head, size_t outputs, float *z, size_t ld, size_t rows)
{
	for (size_t i = 0; i < rows && head != NET_IDENTITY; i++)
		if (head == NET_SOFTMAX)
			softmax_row(z + i * ld, outputs);
		else
			z[i * ld] = loss_row_head(head, z[i * ld]);
}
