/* quickstart.h - the sections of a Michfile for one file and one column to predict. */
#ifndef MICH_SPEC_QUICKSTART_H
#define MICH_SPEC_QUICKSTART_H

#include "lib/spec/baseline.h"
#include "lib/spec/spec.h"

struct quickstart {
	char *source; /* as the Michfile spells it */
	char *label;
	char *dataset, *model; /* names that the Michfile does not have yet */
	const char *learner; /* borrowed: xgboost, or the name of one with defaults for any rows */
};

/*
 * Choose the names. path: of the file, from the top of the work tree, or absolute, perhaps with
 * :TABLE. name: of the data set, NULL for the file's stem. The model is called as the label, or,
 * where that is taken or name was given, NAME-LABEL; its learner is xgboost until the caller sets
 * another. ERR_EXISTS names the section that is there;
 * ERR_INPUT: no name can be made of the file's. The caller clears out, after errors too.
 */
int quickstart_init(struct quickstart *q, const struct spec *s, const char *path, const char *label,
		    const char *name);
void quickstart_clear(struct quickstart *q);

/*
 * Append the section of the data set, and that of the model, to a Michfile's text. Parameters are
 * written out for xgboost alone: what others take where none is said follows the rows.
 */
void quickstart_add_dataset(const struct quickstart *q, struct buf *text);
void quickstart_add_model(const struct quickstart *q, const struct baseline *b, struct buf *text);

#endif
