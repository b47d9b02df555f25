/* fit.h - fit a contract to the rows of the train split: types, ranges, categories, classes. */
#ifndef MICH_MODEL_FIT_H
#define MICH_MODEL_FIT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/frame.h"
#include "lib/model/contract.h"

struct fit_opts {
	const char *const
		*columns; /* (n), in the order of the inputs; n 0: all but label and skip */
	size_t n;
	const char *const *skip; /* (n_skip) columns that are no input: keys, group, weight */
	size_t n_skip;
	/*
	 * (n_keys) columns whose values are categories, as many as a contract can hold, whatever their type:
	 * text, int or bool. They stand behind the others, but where columns names them itself.
	 */
	const char *const *keys;
	size_t n_keys;
	const char *label; /* NULL: none */
	const char *task;  /* a contract_task's name; NULL or "auto": by the label */
	enum contract_mode mode;
	size_t max_categories; /* of one column; 0: 4096. Rarer ones are missing values */
};

struct fit;

/* Copies what opts holds. ERR_INPUT: an unknown task, a column named twice or that is the label. */
int fit_new(const struct fit_opts *opts, struct fit **out);
void fit_free(struct fit *f);

/* Take in some rows. ERR_INPUT: a column is missing, or not of the type it had before. */
int fit_add(struct fit *f, const struct frame *rows);

/*
 * The contract; c is CONTRACT_INIT, the caller clears it. The same rows in any order and any cut
 * give the same contract. Task of a label by itself: bool, or only 0 and 1, binary; two strings
 * binary, more multiclass; other numbers regression. ERR_INPUT: no rows, the label is missing in
 * some rows (how many, the first), constant, or does not suit the task.
 */
int fit_finish(struct fit *f, struct contract *c);

/* Rows taken in so far. */
int64_t fit_rows(const struct fit *f);

#endif
