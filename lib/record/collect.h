/* collect.h - remove the files of a version that nothing needs; its entry stays, marked collected.
 */
#ifndef MICH_RECORD_COLLECT_H
#define MICH_RECORD_COLLECT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/strlist.h"
#include "lib/record/version.h"

struct repo;

struct collected {
	size_t files; /* stored files that no other version holds */
	int64_t bytes;
	size_t shared; /* that another one holds: they stay */
};

/*
 * Record the event "collected" on v and remove the stored files of its files/, sources/ and shards/
 * that no other version holds; what is small enough to be a git object stays with its entry.
 * ERR_INPUT names who uses v, but for the ids in gone (NULL: none), which go before it; ERR_BUSY: a
 * run is under way, which may be about to use the same files. dry: only count. A version collected
 * before is fine: what was left then is removed.
 */
int collect_version(struct repo *r, const struct version *v, const struct strlist *gone, bool dry,
		    struct collected *out);

#endif
