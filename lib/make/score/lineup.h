/* lineup.h - several models on the same rows: one table, the outputs of each beside the others'. */
#ifndef MICH_MAKE_SCORE_LINEUP_H
#define MICH_MAKE_SCORE_LINEUP_H

#include "lib/make/score/predict.h"

struct lineup_model {
	const char *name; /* "eta@3": its outputs are "eta@3.prediction", ... */
	struct model *m;
	struct predict_result result;
};

/*
 * Score the rows of plan's sources with each of the models (n), and write the columns to keep and then
 * all outputs to plan->out_fd, as predict_table writes those of one. Each model reads the rows by its
 * own contract; the outputs are held in memory until the last has answered, so nothing is written
 * when one of them refuses a row. ERR_INPUT names the model. result is filled for those that began.
 */
int lineup_predict(struct lineup_model *v, size_t n, const struct predict_plan *plan);

/*
 * What comes from in_fd to a file in dir, so that several can read it: *path_out, whose name ends in
 * .jsonl when its first byte is '{', else in .csv; NULL when nothing came. Caller frees.
 */
int lineup_spool(int in_fd, const char *dir, char **path_out);

#endif
