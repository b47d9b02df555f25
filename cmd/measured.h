/* measured.h - what eval and bench share: the model that is meant, and rows to measure it on. */
#ifndef MICH_CMD_MEASURED_H
#define MICH_CMD_MEASURED_H

struct repo;

/* "eta" of "model/eta@14" and of "eta"; caller frees. */
char *measured_name(const char *model);

/*
 * The data set that a recorded model was trained on, or whose contract an imported one was given, as
 * "flights@3"; caller frees. ERR_INPUT where it has none: option, such as "--on DATASET", is what
 * the hint says.
 */
int measured_dataset(struct repo *repo, const char *model, const char *option, char **out);

#endif
