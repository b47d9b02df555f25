/* promotion.h - may this model be released, as what, and then doing it, and then doing it. */
#ifndef MICH_MAKE_RELEASE_PROMOTION_H
#define MICH_MAKE_RELEASE_PROMOTION_H

#include <stdbool.h>

#include "lib/base/json.h"
#include "lib/base/strlist.h"
#include "lib/record/release/release.h"
#include "lib/record/release/stage.h"

struct repo;

struct promotion_ask {
	const char *model;   /* a version, or a release: maps/eta@2.0 */
	const char *as;	     /* "maps/eta"; NULL: the one name that the model is released under */
	const char *release; /* "2.1"; NULL: the release that it has, else the next minor */
	const char *stage;
	const char *force;  /* why, whatever does not hold; NULL: it must hold */
	const char *reason; /* NULL: none given */
};

/* What a promote found, decided and did. Strings owned; promotion_clear(). */
struct promotion {
	struct version version;
	char *space, *name;
	struct stage before; /* what the stage held; space NULL: nothing */
	struct release
		release; /* after promotion_do() whole; else tag "" where it is still to be made */
	bool makes;	 /* a release is made; else one that is there moves */
	bool is_signed;	 /* the tag that is made is signed by git */
	bool committed;	 /* its dirty mark was lifted on the way */
	json_t *gates;	 /* rows as in lib/make/judge/gates.h */
	json_t *differences; /* of its contract from that of the release before it (lib/model/compatible.h) */
	struct strlist problems; /* why it may not be released, each a sentence; empty: it may */
};

/*
 * Find out all that promotion_do() has to know; nothing is recorded but that a dirty version was
 * committed. What force can override is told in problems, with 0. ERR_INPUT: what it cannot: no good
 * model, dirty, retired; the user is none of the promoters that HEAD's Michfile names; unknown stage.
 * ERR_EXISTS: the release is there, or is in the stage already.
 */
int promotion_judge(struct repo *r, const struct promotion_ask *ask, struct promotion *out);

/* ERR_NO, and which, when there are problems and no force. */
int promotion_refuse(const struct promotion_ask *ask, const struct promotion *p);

/* Make the release or move the stage. ERR_NO as above. */
int promotion_do(struct repo *r, const struct promotion_ask *ask, struct promotion *p);
void promotion_clear(struct promotion *p);

#endif
