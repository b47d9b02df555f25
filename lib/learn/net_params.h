/* net_params.h - the parameters of the learners `net` and `linear`: what may be typed, and what is meant. */
#ifndef MICH_LEARN_NET_PARAMS_H
#define MICH_LEARN_NET_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/json.h"
#include "lib/learn/matrix.h"
#include "lib/learn/net/loss.h"
#include "lib/learn/net/optimizer.h"
#include "lib/learn/net/rate.h"
#include "lib/learn/net/trainer.h"
#include "lib/model/net/net_shape.h"

/* Every 0 that means "by the data" is filled in by net_params_suit(). */
struct net_params {
	bool linear; /* the learner `linear`, or a net of hidden = none: no hidden layer */

	/* the net */
	int64_t *hidden; /* (n_hidden) units */
	size_t n_hidden;
	int activation, norm; /* enum net_activation, enum net_norm */
	double dropout;
	int64_t embedding; /* floats of a category; 0: by how many there are */

	/* what is made small */
	int loss; /* enum loss_kind; -1: by the task */
	double huber_delta;
	bool balanced;	       /* classes weigh the same together, however many rows they have */
	double *class_weights; /* (n_class_weights) or NULL */
	size_t n_class_weights;

	/* how */
	int optimizer; /* enum optimizer_kind */
	double lr;     /* 0: 0.001, a linear model's 0.03, sgd's 0.01 */
	double momentum, beta1, beta2, epsilon;
	double weight_decay; /* below 0: 0, adamw 0.01 */
	double l1, clip;
	double l2;		/* below 0: by the rows */
	int schedule;		/* enum rate_schedule */
	double warmup;		/* share of all steps */
	int64_t batch;		/* 0: by the rows */
	int64_t epochs;		/* 0: by the rows */
	int64_t early_stopping; /* epochs without a better validation loss; 0: never; -1: by the epochs,
				   of a net that has a validation split */
	int determinism;	/* enum net_determinism: net_params_promise() */
	int math;		/* enum net_math */
};

/* What products are made in: tf32 keeps 10 bits of a fraction, bf16 keeps activations so too. */
enum net_math { NET_MATH_FP32, NET_MATH_TF32, NET_MATH_BF16 };
const char *net_math_name(enum net_math m);
int net_math_cpu(enum net_math m); /* ERR_INPUT: the CPU does not make such products */

#define NET_PARAMS_INIT \
	{               \
		0       \
	}

/*
 * Sort params (an object of numbers, strings, booleans and lists) of the learner `net` or `linear`. A net
 * of hidden = none is linear in all that is filled in.
 * ERR_INPUT names the parameter that is not known with the nearest one, the range of a value that
 * is wrong, and what means nothing without a hidden layer.
 */
int net_params_parse(const json_t *params, bool linear, struct net_params *out);
/* The word of MICH_DETERMINISM; NULL: run. ERR_INPUT. */
int net_params_promise(const char *word, struct net_params *p);
void net_params_clear(struct net_params *p);

/*
 * Fill in what depends on the data, and hold both against each other: a loss of another task, weights
 * for other classes, a ranking. ERR_INPUT.
 */
int net_params_suit(struct net_params *p, const struct matrix *m);

/* The net for the matrix; out is NET_SHAPE_INIT. ERR_INPUT: too large. */
int net_params_shape(const struct net_params *p, const struct matrix *m, struct net_shape *out);

/* Of the trainer; class_weights of the loss are the caller's to add. */
void net_params_options(const struct net_params *p, struct trainer_options *out);

/* All of it as JSON, filled in, so that two trainings can be told apart: a new reference. */
json_t *net_params_json(const struct net_params *p);

/* Name and help of the i-th parameter, borrowed; false behind the last. */
bool net_params_about(size_t i, const char **name, const char **help);

/* Its words as "a|b", borrowed, NULL where it takes no words; is it one of the learner `linear` too? */
const char *net_params_choices(size_t i);
bool net_params_is_linear(size_t i);

/* The parameters as a part of mich-learners(7), in scdoc's language. */
void net_params_write_scd(struct buf *out);

#endif
