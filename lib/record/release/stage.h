/*
 * stage.h - what is where: a stage of a released name (staging, production, ...) holds one of its
 * releases. It is a journal, refs/mich/stage/NAMESPACE/NAME/STAGE: each entry is one move, and a
 * rollback is an entry like any other, so that it is pushed without force.
 */
#ifndef MICH_RECORD_RELEASE_STAGE_H
#define MICH_RECORD_RELEASE_STAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/strlist.h"
#include "lib/record/version.h"

struct release;
struct repo;

/* One move of a stage; the last is what it holds. Strings owned; STAGE_INIT / stage_clear. */
struct stage {
	char *space, *name, *stage;
	char version[VERSION_ID_HEX + 1]; /* id */
	int64_t major, minor;
	int64_t at_ms;
	char *user, *action;		 /* "promote" or "rollback" */
	char *reason;			 /* of a rollback; NULL: none was given */
	char *forced;			 /* why what did not hold was promoted; NULL: it held */
	char commit[VERSION_ID_HEX + 1]; /* its entry in the stage's journal */
};

#define STAGE_INIT \
	{          \
		0  \
	}
void stage_clear(struct stage *s);
void stage_list_free(struct stage *v, size_t n);

/* "maps/eta@2.1": what it holds; caller frees. */
char *stage_ref(const struct stage *s);

/* What a stage holds now. ERR_NOT_FOUND: nothing, with what there is as hint. */
int stage_now(struct repo *r, const char *space, const char *name, const char *stage,
	      struct stage *out);

/* Every stage that holds something; space, name NULL: any. Caller clears each, frees the array. */
int stage_list(struct repo *r, const char *space, const char *name, struct stage **out,
	       size_t *n_out);

/* The moves, newest first; any of the three NULL: of all. */
int stage_history(struct repo *r, const char *space, const char *name, const char *stage,
		  struct stage **out, size_t *n_out);

/*
 * What a rollback goes back to: below what the stage holds, in the order of the promotions less
 * those that were rolled back, the nearest whose version is not retired. ERR_NO: nothing is left.
 */
int stage_before(struct repo *r, const char *space, const char *name, const char *stage,
		 struct stage *out);

/* staging, production, and what the setting mich.stages names. */
int stage_known(struct repo *r, struct strlist *out);
int stage_check(struct repo *r, const char *stage); /* ERR_INPUT: not one of them */

struct stage_plan {
	const struct release *to;
	const char *stage, *action; /* "promote", "rollback" */
	const char *before;	    /* as in struct release_plan */
	const char *reason, *forced;
};

/*
 * Stage entry, then an event on a version: "promoted" on the one that came, "rolled-back" on the
 * one that left. Completed like release_make(). ERR_EXISTS: it holds that release already, or it
 * moved since `before`; ERR_INPUT: no such stage.
 */
int stage_move(struct repo *r, const struct stage_plan *plan, struct stage *out);

#endif
