/* deliver.h - predictions that were recorded, put where somebody wants them. */
#ifndef MICH_MAKE_SCORE_DELIVER_H
#define MICH_MAKE_SCORE_DELIVER_H

#include <stdbool.h>

struct repo;
struct version;

/*
 * Write a recorded prediction to FILE.parquet, FILE.csv, FILE.jsonl or DB.sqlite:TABLE, whole or not
 * at all. Where the last write to that very target was of this version, and a file there is as it
 * was left, nothing is written: *written says so. ERR_INPUT: an ending that is none of these.
 */
int deliver_prediction(struct repo *r, const struct version *v, const char *target, bool *written);

#endif
