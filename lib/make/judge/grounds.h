/* grounds.h - what the gates of one section are judged on; for gates.c. */
#ifndef MICH_MAKE_JUDGE_GROUNDS_H
#define MICH_MAKE_JUDGE_GROUNDS_H

#include "lib/make/judge/benched.h"
#include "lib/make/judge/evidence.h"
#include "lib/make/judge/gates.h"
#include "lib/measure/gate/gate.h"
#include "lib/record/version.h"

struct grounds {
	struct repo *repo;
	const struct gates_ask *ask; /* these two are set by the caller, the rest is zero */
	struct gate *gate;	     /* (n) */
	size_t n;
	unsigned needs; /* enum gate_need of all */

	struct version model, data;
	const char *part;
	double threshold;
	int bins;	 /* as the evaluation cut numbers into ranges */
	json_t *metrics; /* recorded */
	json_t *slices;	 /* of files/evaluation.json; NULL: none */
	bool by_command; /* a program of the user's measured it */

	struct version production;
	char *production_ref;
	bool in_production;
	char *unknown; /* why it is not known what is in production; NULL: it is */

	struct benched bench, production_bench;
	struct evidence evidence;
};

/* Does a gate compare with what production says of the hold-out? One on benches alone does not. */
bool grounds_pairs(const struct gate *g);

/* Read the gates, and find everything but what has to be measured now. */
int grounds_prepare(struct grounds *g);

/* Measure that. */
int grounds_measure(struct grounds *g);
void grounds_clear(struct grounds *g);

#endif
