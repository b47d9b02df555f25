/* digest.h - what a report says first: does it hold, by which figures. */
#ifndef MICH_PAGE_DIGEST_H
#define MICH_PAGE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/json.h"

enum digest_tone { TONE_PLAIN, TONE_GOOD, TONE_WARN, TONE_BAD };

struct digest {
	enum digest_tone tone;
	char *headline;		   /* "Holds all 3 checks"; owned */
	char *detail;		   /* "test.rmse is 71, want < 60", or NULL; owned */
	size_t held, failed, open; /* checks; open: not applicable */

	/* Beside the version that it was compared with; NULL where it was with none. Owned. */
	char *compared; /* "Better than model/eta@13: RMSE 16.13, not 16.45" */
	enum digest_tone compared_tone;

	/* Borrowed from the document; NULL where nothing was measured. */
	const json_t *evaluation; /* the row of "evaluations" that the page is about */
	const json_t *document;	  /* its evaluation.json */
	const char *split;	  /* "test" */
	const json_t *metrics;	  /* of that split: {"rmse":..} */
	const char *main;	  /* "rmse" */
};

void digest_read(const json_t *doc, struct digest *out);
void digest_clear(struct digest *d);

/* Is the check row neither held nor failed? */
bool digest_is_open(const json_t *check);

/* The figures worth a tile, the main one first: keys of d->metrics. At most cap; the number of them. */
size_t digest_keys(const struct digest *d, const char **keys, size_t cap);

/* What is borrowed, of one row of "evaluations"; nothing to clear. */
void digest_of_evaluation(const json_t *row, struct digest *d);

/* d->main from its document and metrics; for an evaluation that is not the first. */
void digest_find_main(struct digest *d);

/* Is it a count or a setting (rows, tp, threshold), and no figure of merit? */
bool digest_is_aside(const char *key);

/* "RMSE" for rmse, "Log loss" for logloss, else the key itself. */
const char *digest_title(const char *metric);
bool digest_higher_is_better(const char *metric);

/* "good" "warn" "bad" "plain" */
const char *digest_tone_name(enum digest_tone tone);

#endif
