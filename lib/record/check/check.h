/* check.h - is the record whole? What `mich fsck` asks, and what it mends on the way. */
#ifndef MICH_RECORD_CHECK_CHECK_H
#define MICH_RECORD_CHECK_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/strlist.h"

struct repo;

struct check_plan {
	bool full;    /* read every byte: blobs, small files, and compare their hashes */
	bool rebuild; /* make the index anew from git first */
	/* Called now and then with what is being read; NULL: nothing. */
	void (*progress)(const char *what, int64_t done_bytes, void *payload);
	void *payload;
};

struct check_report {
	struct strlist problems; /* "model/eta@3: what is wrong" */
	struct strlist mended;	 /* what was put right: links, leftovers, the index */
	int64_t artifacts, versions, events, blobs, blob_bytes;
};

/*
 * Refs, journals, manifests, contents against files, blobs, git-lfs's links, the index against git,
 * leftovers of killed commands. Problems are no error: the return is <0 only when nothing could be
 * checked. Mends nothing in a repository that cannot be written.
 */
int check_record(struct repo *r, const struct check_plan *plan, struct check_report *out);
void check_clear(struct check_report *c);

#endif
