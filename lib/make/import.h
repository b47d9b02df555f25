/* import.h - a model that was trained elsewhere, recorded as a version with its contract. */
#ifndef MICH_MAKE_IMPORT_H
#define MICH_MAKE_IMPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/strlist.h"
#include "lib/record/version.h"

struct repo;

struct import_ask {
	const char *name;     /* of the model */
	const char *path;     /* XGBoost's JSON or UBJSON; a folder or package of mich's own */
	const char *contract; /* path of a contract, or of a model.json that has one; NULL: none */
	const char *like;     /* data set to fit the contract to; NULL: none */
	const char *const *columns; /* (n) of the inputs, in their order; 0: as the file says */
	size_t n_columns;
	const char *label;	/* NULL: that of the data set, if it has one; else not known */
	const char *task;	/* NULL: as the file's objective says */
	const char *categories; /* an enum adopt_order's name; NULL: as the file says, or refuse */
	const char *origin;	/* where it comes from, in words or as an address; NULL */
	const char *mode;	/* of the contract; NULL: as it says, else warn */
	int rounds;		/* score with the first so many; 0: all */
};

struct import_result {
	struct version version;
	bool made;	      /* false: the same was there */
	struct strlist notes; /* what somebody should know, a sentence each */
};

/*
 * Record the file's bytes as they are, under files/, with model.json beside them; of a folder or package all that
 * is in it, where only mode and origin may be asked for. The same file with
 * the same contract is one version. ERR_CORRUPT: no such model; ERR_INPUT: a model, contract or data
 * set that do not go together, a model that this checkout's Michfile makes itself.
 */
int import_model(struct repo *r, const struct import_ask *ask, struct import_result *out);
void import_result_clear(struct import_result *out);

#endif
