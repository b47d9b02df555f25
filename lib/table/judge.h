/* judge.h - the rows of a data set that lies there already, looked at again. */
#ifndef MICH_TABLE_JUDGE_H
#define MICH_TABLE_JUDGE_H

#include "lib/base/json.h"

struct table_judge {
	const char *dir;	   /* holds {train,test,validation}.parquet, those that have rows */
	const char *const *checks; /* SQL: see checks.h */
	size_t n_checks;
	int threads;		 /* 0: all cores */
	const char *scratch_dir; /* for what does not fit in memory; never NULL */
};

/*
 * *report_out (a new reference, also with ERR_NO): {"schema", "rows", "checks", "engine"} as
 * table_build() gives them. ERR_NO: a check does not hold. ERR_INPUT: no table, or tables of
 * different columns, or a check that cannot be read.
 */
int table_judge(const struct table_judge *j, json_t **report_out);

#endif
