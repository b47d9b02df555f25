/* loss_row.h - the loss of one row: what loss.h says, for every device. */
#ifndef MICH_LEARN_NET_LOSS_ROW_H
#define MICH_LEARN_NET_LOSS_ROW_H

#include <math.h>

#include "lib/model/net/net_kinds.h"

enum loss_kind { LOSS_MSE, LOSS_MAE, LOSS_HUBER, LOSS_BINARY, LOSS_SOFTMAX, LOSS_POISSON };

/* Loss of one row of one output, of any kind but softmax; its gradient. delta: of huber. */
NET_INLINE double loss_row(enum loss_kind kind, float delta, float z, float y, float *gradient)
{
	float d = z - y, e;

	switch (kind) {
	case LOSS_MAE:
		*gradient = (float)((d > 0) - (d < 0));
		return fabsf(d);
	case LOSS_HUBER:
		*gradient = d > delta ? delta : d < -delta ? -delta : d;
		return fabsf(d) <= delta ? d * d / 2 : delta * (fabsf(d) - delta / 2);
	case LOSS_BINARY:
		e = expf(-fabsf(z));
		*gradient = (z >= 0 ? 1 : e) / (1 + e) - y;
		return (z > 0 ? z : 0) - y * z + log1pf(e);
	case LOSS_POISSON:
		e = expf(z);
		*gradient = e - y;
		return e - y * z;
	default:
		*gradient = 2 * d;
		return d * d;
	}
}

/* What an output is for a person: logistic and exp; softmax needs all of the row. */
NET_INLINE float loss_row_head(enum net_head head, float z)
{
	float e;

	if (head == NET_EXP)
		return expf(z);
	if (head != NET_LOGISTIC)
		return z;
	e = expf(-fabsf(z));
	return (z >= 0 ? 1 : e) / (1 + e);
}

#endif
