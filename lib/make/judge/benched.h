/* benched.h - what `mich bench` measured of a model, for gates. */
#ifndef MICH_MAKE_JUDGE_BENCHED_H
#define MICH_MAKE_JUDGE_BENCHED_H

#include "lib/base/json.h"
#include "lib/record/version.h"

struct repo;

/* Figures are NULL where there are none; then reason says why. */
struct benched {
	struct version version; /* the bench */
	json_t *figures;	/* {"p99_us": 41.2, ...} */
	char *hardware;		/* its identity */
	char *reason;
};

#define BENCHED_INIT \
	{            \
		0    \
	}

/*
 * The newest good bench of a model on recorded rows; hardware NULL: on any machine, else on that
 * one. What was fed with made-up rows, or ran elsewhere, is only a reason. Returns 0 also where
 * there is none.
 */
int benched_find(struct repo *r, const struct version *model, const char *hardware,
		 struct benched *out);
void benched_clear(struct benched *b);

#endif
