/* trained.h - what a model was trained on. */
#ifndef MICH_MAKE_TRAINED_H
#define MICH_MAKE_TRAINED_H

struct repo;
struct version;

/* The data set that it learned from, by its manifest. ERR_NOT_FOUND: it was made elsewhere. */
int trained_dataset(struct repo *r, const struct version *model, struct version *out);

/*
 * Where the rows that it learned from lie as Parquet, for table_seen(); caller frees. *out is NULL
 * where there are none: it was made elsewhere, or its rows are files. ERR_NOT_FOUND: they are not here.
 */
int trained_rows(struct repo *r, const struct version *model, char **out);

#endif
