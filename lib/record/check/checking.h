/* checking.h - what the files of the check share. */
#ifndef MICH_RECORD_CHECK_CHECKING_H
#define MICH_RECORD_CHECK_CHECKING_H

#include "lib/base/json.h"
#include "lib/record/check/check.h"
#include "lib/record/inside.h"
#include "lib/record/journal.h"

struct checking {
	struct repo *r;
	const struct check_plan *plan;
	struct check_report *out;
	bool mend;
	json_t *seen;		     /* {sha256: how it is} of the blobs that were looked at */
	char *kind, *name;	     /* the journal at hand */
	struct strlist ids, numbers; /* of its versions so far */
};

void check_problem(struct checking *c, const char *where, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void check_mended(struct checking *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The tree of one version entry. where: "model/eta@3". */
void check_version(struct checking *c, const struct entry *e, const char *where);

/* A ref below refs/mich/release or refs/mich/stage; false: it is neither. */
bool check_released(struct checking *c, const char *ref, const struct oid *id);

/* Promotes and rollbacks that were cut short. */
void check_handovers(struct checking *c);

/* A large file that something points to. */
void check_blob(struct checking *c, const char *where, const char *what, const struct pointer *p);

/* Every blob of the store (with --full), temporary files, stale locks, forgotten .keep files. */
void check_leftovers(struct checking *c);
void check_index(struct checking *c);

#endif
