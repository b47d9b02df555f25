/*
 * split.h - which rows go to train, test and validation.
 *
 * The split of a row never depends on DuckDB: keys are hashed by lib/table/split/sip.h over the canonical
 * bytes of sip_key (below), so the same row lands in the same split for ever.
 */
#ifndef MICH_TABLE_SPLIT_SPLIT_H
#define MICH_TABLE_SPLIT_SPLIT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/strlist.h"

enum { SPLIT_TRAIN, SPLIT_TEST, SPLIT_VALIDATION, SPLITS };
extern const char *const split_names[SPLITS]; /* "train" "test" "validation" */

enum split_how {
	SPLIT_HASH,  /* by the hash of columns, or of the whole row where there are none */
	SPLIT_ROW,   /* exact numbers of rows, by largest remainder; by hash which row goes where */
	SPLIT_TIME,  /* the earliest train, then test, then validation; equal times stay together */
	SPLIT_GROUP, /* exact numbers of groups; rows of equal columns stay together */
};

struct table_split {
	enum split_how how;
	int percent[SPLITS]; /* train, test, validation; they add up to 100 */
	struct strlist columns;
	int64_t seed;
};

/* 75/15/10 by hash of the whole row, seed 0. */
void table_split_init(struct table_split *s);
void table_split_clear(struct table_split *s);

/*
 * Parse "75/15/10 by hash(cols) | hash | row | time(col) | group(cols)"; the last percent may be
 * left out, and "by ..." too (hash). out is initialised here; the seed stays 0. ERR_INPUT says what
 * would be right.
 */
int table_split_parse(const char *text, struct table_split *out);
void table_split_format(const struct table_split *s,
			struct buf *out); /* canonical text, parses back */

/* n things in shares of percent, exactly n in all: floor, then one each by largest remainder. */
void split_shares(const int percent[SPLITS], int64_t n, int64_t out[SPLITS]);

/* The split of a hash: the same hash always lands in the same one. */
int split_of_hash(const int percent[SPLITS], uint64_t hash);

/* Fill split[n] for how = row: hash[i] orders the rows, equal hashes by i. */
int split_rows(const int percent[SPLITS], const uint64_t *hash, size_t n, uint8_t *split);
/* how = group: rows of equal hash are one group. */
int split_groups(const int percent[SPLITS], const uint64_t *hash, size_t n, uint8_t *split);
/* how = time: when[i] in any unit. The cut moves later until equal times are on one side. */
int split_times(const int percent[SPLITS], const int64_t *when, size_t n, uint8_t *split);

/*
 * Files instead of rows: the split of each path is the hash of its bytes, as hash(path) would do.
 * out[n]. how must be SPLIT_HASH without columns, or SPLIT_ROW. ERR_INPUT otherwise.
 */
int table_split_paths(const struct table_split *s, const char *const *paths, size_t n,
		      uint8_t *out);

#endif
