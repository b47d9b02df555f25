/*
 * build.h - the whole job of a data set step: read sources, run the query, split, write, profile,
 * check. DuckDB is locked in while it does: see session.h and query.h.
 */
#ifndef MICH_TABLE_BUILD_H
#define MICH_TABLE_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/json.h"
#include "lib/table/source/table_source.h"
#include "lib/table/split/split.h"

struct table_plan {
	const struct table_source *sources;
	size_t n_sources;
	const char *query;	  /* NULL: every column and row of the single source */
	struct table_split split; /* table_split_init() for the default */
	const char *label;	  /* NULL: none; must be a column that varies */
	const char *const *order; /* columns that order the rows; may be empty */
	size_t n_order;
	bool exact;		   /* false: any query runs in parallel, last digits may differ */
	bool is_volatile;	   /* random(), uuid() are allowed */
	int64_t clock_ms;	   /* what now() gives; 0: now() is refused */
	int threads;		   /* 0: all cores */
	int64_t memory_bytes;	   /* 0: no limit of ours */
	const char *const *checks; /* SQL: see checks.h */
	size_t n_checks;
	const char *scratch_dir; /* an existing folder for what is unpacked or spilled */
};

/*
 * Write out_dir/{train,test,validation}.parquet; an empty split gives no file. *report_out (a new
 * reference, also set when a check fails, else NULL):
 *   {"schema":[{"name","type"}],          DuckDB's type names
 *    "rows":{"train":n,...}, "bytes":{"train":n,...}, every split, 0 where there is no file
 *    "seed":n, "split":"75/15/10 by hash",
 *    "order":"query"|"source"|"columns",  what orders the rows
 *    "profile":{...}                      profile.h
 *    "checks":[{"expr","ok","failed":n,"rows":[{column: value}, up to 5]}],
 *    "threads_used":n, "single_thread_reason":text|null, "exact":bool,
 *    "clock":bool (the query asked what time it is), "engine":"DuckDB v1.5.6"}
 * ERR_NO: a check failed (its name and a row are in error_text). ERR_INPUT: what the user gave.
 */
int table_build(const struct table_plan *plan, const char *out_dir, json_t **report_out);

#endif
