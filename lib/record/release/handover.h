/*
 * handover.h - a promote or rollback that is under way. It is written down in .git/mich/handover
 * before the first ref is moved; whoever opens the record for writing next does what is left.
 */
#ifndef MICH_RECORD_RELEASE_HANDOVER_H
#define MICH_RECORD_RELEASE_HANDOVER_H

#include "lib/base/json.h"
#include "lib/store/oid.h"

struct repo;

struct handover {
	const char *space, *name, *stage;
	const char *action;	     /* "promote", "rollback" */
	int64_t major, minor;	     /* of the release that the stage shall hold */
	const char *tag;	     /* hex of its tag where that is new, else NULL */
	const char *version;	     /* id, of the release */
	const char *left;	     /* id of what the stage held; NULL: nothing */
	const char *was;	     /* "2.0", likewise */
	const char *before;	     /* commit of the stage's last move, "" for none */
	const char *reason, *forced; /* may be NULL */
	const char *user;
	int64_t at_ms;
};

/* The lock of a released name: held from the first look until the end. */
int handover_lock(struct repo *r, const char *space, const char *name, int *fd_out);

/* Write it down, durably. The lock is held. */
int handover_begin(struct repo *r, const struct handover *h);

/*
 * Do what is left of what was written down for a name (its tag, if it has one, must be set, else it
 * never began) and strike it out. Fine when nothing was. The lock is held.
 */
int handover_end(struct repo *r, const char *space, const char *name);

/* End those that nobody holds any more. Cheap when there is none. What cannot be ended stays. */
int handover_sweep(struct repo *r);

#endif
