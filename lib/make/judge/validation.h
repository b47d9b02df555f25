/*
 * validation.h - is a model fit to be released? Every check of design 3, each told as it is known, and
 * all of them recorded: the event "validating" when it begins, "validated" {"passed": bool, "checks":
 * [...], "commit": HEAD's} when it ends. A validation that dies is recorded as failed by the next
 * command.
 *
 * A check is a row: {"check": "build" "life" "files" "inputs" "code" "holdout" "contract" "gate"
 * "command", "what", "ok", "why"}; a gate's has the members of gates.h as well.
 */
#ifndef MICH_MAKE_JUDGE_VALIDATION_H
#define MICH_MAKE_JUDGE_VALIDATION_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/json.h"

struct repo;
struct version;

struct validation_ask {
	const struct version *model;
	const char *space, *name; /* whose production gates mean; NULL: the model's one name */
	void (*on_begin)(void *payload); /* it is recorded as running; optional */
	void (*on_check)(const json_t *check, void *payload); /* optional */
	void *payload;
};

/*
 * Refuse what is no validation at all, before anything is recorded. ERR_INPUT: no model, or the
 * gates of the work tree are others than HEAD's; ERR_BUSY: it is being validated now.
 */
int validation_refuse(struct repo *r, const struct version *model);

/*
 * Run all checks; *checks is a new reference, *ok true when every one holds. Refuses as
 * validation_refuse().
 */
int validation_run(struct repo *r, const struct validation_ask *ask, json_t **checks, bool *ok);

/*
 * Wait until no process validates the version of this id any more: ERR_TIMEOUT after limit_ms (0:
 * never). What became of it is then in the version's validation state and its event "validated".
 */
int validation_wait(struct repo *r, const char *id, int64_t limit_ms);

/* The ids of the versions that are being validated now: an array of texts, new reference. */
int validation_live(struct repo *r, json_t **ids);

#endif
