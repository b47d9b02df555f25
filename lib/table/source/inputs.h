/* inputs.h - all sources of a query, in one locked-in session. */
#ifndef MICH_TABLE_SOURCE_INPUTS_H
#define MICH_TABLE_SOURCE_INPUTS_H

#include "lib/table/duckdb/query.h"
#include "lib/table/source/input.h"

struct inputs {
	struct session *s;
	struct session_opts opts; /* paths: add what may be written before inputs_open() */
	struct input *v;
	size_t n;
	struct strlist names;
	bool alias;	/* a single input is also called source */
	char *unpacked; /* a folder of our own, gone with inputs_close(); NULL: scratch_dir was
			   given */
};

/*
 * Find and read the sources, and name them as empty tables for inputs_ask(). scratch_dir NULL:
 * archives are unpacked below $TMPDIR, and all that is sorted or joined must fit into memory.
 */
int inputs_open(struct inputs *in, const struct table_source *sources, size_t n, int threads,
		int64_t memory_bytes, const char *scratch_dir);
void inputs_close(struct inputs *in);

/*
 * Read and judge a query over them (NULL: all of the only one); set the clock where it is asked.
 * ERR_INPUT where the query asks the clock and clock_ms is 0, or is random and that is not allowed.
 */
int inputs_ask(struct inputs *in, const char *sql, int64_t clock_ms, bool is_volatile,
	       struct query *out);

/* Put the real rows in the place of the empty tables, and lock the settings. */
int inputs_settle(struct inputs *in);

/* After a query failed: name the input's file and line where one of them is what failed. */
int inputs_explain(struct inputs *in, int rc);

#endif
