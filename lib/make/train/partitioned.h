/* partitioned.h - a model step with `partition`: what its learner left made into one model, and measured. */
#ifndef MICH_MAKE_TRAIN_PARTITIONED_H
#define MICH_MAKE_TRAIN_PARTITIONED_H

struct attempt;
struct contract;
struct learner;

/*
 * Write model.json for the model of partitions that lib/learn/partitions.h left in a->out, with that of
 * its parent, and measure it on the train and validation splits of the matrix:
 *
 *	partitions.json	{"by": ["city"], "partitions": [{"values": ["Oslo"], "rows": N, "rounds": N or
 *			"parent": WHY, "train": {"rmse", ..}, "validation": {..}}, ...], "rest": {..}, "dropped": {"city": N}}
 *
 * rest is of the rows of no partition; dropped says how many values were rarer than the 65,535 that are told
 * apart. Figures are those of the answers as they are given, by the parent where it answers. The whole model's
 * come into the attempt by partitioned_take().
 */
int partitioned_write(struct attempt *a, const struct learner *l, const char *matrix,
		      const struct contract *contract);

/* Put the figures of the whole model in the place of those that the learner told of the parent. */
int partitioned_take(struct attempt *a);

#endif
