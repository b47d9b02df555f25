/*
 * gates.h - do the gates of a model hold? Plain ones are judged on recorded figures; those that name
 * production, or slices, on what both models say of the candidate's hold-out now; those that name
 * bench on the newest `mich bench` of recorded rows.
 *
 * A judged gate is a row: {"what": "test.rmse < 25", "ok": bool, "state": "holds" | "fails" | "not
 * applicable", "why": "test.rmse is 24.81, want < 25", "value": number or null, "production"?:
 * "maps/eta@2.1"}.
 */
#ifndef MICH_MAKE_JUDGE_GATES_H
#define MICH_MAKE_JUDGE_GATES_H

#include <stdbool.h>

#include "lib/base/json.h"
#include "lib/spec/spec.h"

struct repo;
struct version;

/*
 * Judge the gates that HEAD's Michfile has for the model of this name, and for evaluations of it, on
 * this version. space/name: whose production is meant; NULL: the one name that the model is released
 * under. *rows is a new reference, of no rows where there are no gates; *ok is true when none fails.
 *
 * What cannot be judged fails and says why: a measurement that is missing, say. ERR_INPUT: the gates
 * of the work tree's Michfile are others than HEAD's, or HEAD's Michfile cannot be read.
 */
int gates_check(struct repo *r, const struct version *model, const char *space, const char *name,
		json_t **rows, bool *ok);

/* The gates of one section on one recorded evaluation. */
struct gates_ask {
	const struct spec_items *gate;
	const char *file;	    /* for messages; NULL: what cannot be judged fails */
	const struct version *eval; /* whose model is the candidate */
	const char *space, *name;   /* as above */
};

/*
 * *rows gets a row for each. ERR_INPUT, where ask has a file: a gate that cannot be read, or names a
 * figure that was not measured.
 */
int gates_judge(struct repo *r, const struct gates_ask *ask, json_t **rows);

/*
 * What else the verdict rests on, so that it can be judged again when that changed: ids of what is in
 * production, and of the benches, for those gates that ask for them. New reference; null for plain ones.
 */
int gates_basis(struct repo *r, const struct gates_ask *ask, json_t **out);

#endif
