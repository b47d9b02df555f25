/* knowing.h - does a model know rows that are to judge what is made of it? */
#ifndef MICH_MAKE_TRAIN_KNOWING_H
#define MICH_MAKE_TRAIN_KNOWING_H

struct attempt;
struct step_input;

/*
 * Look for rows of the test and validation splits of the attempt's data set among those that the model
 * learned from, and those that the models learned from which it was made of. ERR_INPUT names the model and
 * how many: "model/a@1 cannot be <use>: it was trained on ...". What was made elsewhere passes, and where the rows are gone. Reads
 * tables: inside a child.
 */
int knowing_check(struct attempt *a, const struct step_input *model, const char *use);

#endif
