/* rollback.h - put back into a stage what was there before. */
#ifndef MICH_MAKE_RELEASE_ROLLBACK_H
#define MICH_MAKE_RELEASE_ROLLBACK_H

#include "lib/record/release/stage.h"

struct repo;

struct rollback_ask {
	const char *name; /* "maps/eta", or a model that is released under one name */
	const char *stage;
	const char *to;	    /* a release or a version that was in the stage; NULL: the one before */
	const char *reason; /* NULL: none given */
};

/*
 * before_out: what the stage held, now_out: what it holds; both are cleared by the caller. Repeated, it
 * goes further back. ERR_NO: nothing is left; ERR_INPUT: `to` was never there or is retired, the user
 * is no promoter.
 */
int rollback_run(struct repo *r, const struct rollback_ask *ask, struct stage *before_out,
		 struct stage *now_out);

#endif
