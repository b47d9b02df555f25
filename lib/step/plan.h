/*
 * plan.h - what this checkout asks for: each node of its Michfile as a step, and the version that
 * it resolves to. A name means the version made by this checkout's recipe, not the newest one.
 */
#ifndef MICH_STEP_PLAN_H
#define MICH_STEP_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/spec/spec.h"
#include "lib/step/attempt.h"
#include "lib/step/step.h"

struct plan;
struct plan_item;

/* What one kind of step does; lib/make has one for each. */
struct step_ops {
	int number;	 /* raised when what it makes from the same inputs changes */
	bool run_checks; /* run() fails when a key of class check does not hold */
	/* Engines and whatever else of the node enters the print. NULL: nothing. */
	int (*describe)(struct plan *p, const struct spec_node *node, struct step *s);
	/*
	 * Before the node is made: find out what describe only remembers, such as what another machine
	 * is. 1: it is not as described. NULL: nothing.
	 */
	int (*ask)(struct repo *r, const struct spec_node *node);
	/*
	 * Before anything of it runs, so that nothing is recorded: what its section asks for and no run could
	 * give. NULL: nothing is known to be so.
	 */
	int (*refuse)(struct repo *r, const struct spec_node *node, const struct step *s);
	/* Fill a->out, a->metrics, a->profile, a->facts. Any failure is recorded with its reason. */
	int (*run)(struct attempt *a, const struct spec_node *node);
	/*
	 * Judge the node's keys of class check on a good version: an array of rows {"what", "ok",
	 * "why"}. Returns 0 whatever the verdict; new reference. NULL: nothing to judge.
	 */
	int (*judge)(struct repo *r, const struct spec_node *node, const struct version *v,
		     json_t **rows);
	/*
	 * What else of the record that verdict rests on: where it is another value than it was, the
	 * version is judged again. New reference. NULL: nothing else.
	 */
	int (*basis)(struct repo *r, const struct spec_node *node, const struct version *v,
		     json_t **out);
};

enum plan_state { PLAN_CURRENT, PLAN_STALE, PLAN_NEVER };

struct plan_item {
	const struct spec_node *node;
	const struct step_ops *ops;
	struct step step;
	enum plan_state state;
	struct version version; /* current: that one; stale: the latest good one */
	json_t *because;	/* stale: texts, nearest cause first; never NULL */
	bool force;		/* refresh = always: made whenever it is asked for */
};

/*
 * Read the Michfile of the work tree. ops has SPEC_KINDS members. Nothing is resolved yet. ERR_NOT_FOUND
 * with the hint when there is no Michfile; plan_open_any takes that for an empty one.
 */
int plan_open(struct repo *r, const struct step_ops *const ops[SPEC_KINDS], struct plan **out);
int plan_open_any(struct repo *r, const struct step_ops *const ops[SPEC_KINDS], struct plan **out);

/* Call fn about ten times a second while a program of a step runs; events is where it reports. */
typedef void (*plan_watch_fn)(const struct step *s, const char *events_path, void *payload);
void plan_watch(struct plan *p, plan_watch_fn fn, void *payload);
void plan_tick(struct plan *p, const struct step *s,
	       const char *events_path); /* called by the attempt */
void plan_close(struct plan *p);

/* The same plan with a repository of its own, for a forked child: p itself may not be used there. */
int plan_reopen(struct plan *p, struct repo **r_out, struct plan **out);

struct repo *plan_repo(struct plan *p);
struct spec *plan_spec(struct plan *p);
int64_t plan_now_ms(const struct plan *p); /* one clock for the whole plan */

/* The node of "kind/name" or "name"; ERR_NOT_FOUND names the nearest, ERR_INPUT when two kinds have it. */
int plan_find(struct plan *p, const char *kind, const char *text, const struct spec_node **out);

/* Steps whose world changes are taken as changed now (build --refresh). Before any plan_item. */
void plan_refresh(struct plan *p, const struct spec_node *node);

/* The node as a step, resolved once with all it depends on; owned by p. */
int plan_item(struct plan *p, const struct spec_node *node, struct plan_item **out);

/* Forget what was resolved about a node and all that reads it: something was made. */
void plan_forget(struct plan *p, const struct spec_node *node);

/* Deprecated inputs and the like, one sentence each, for the command to print. Borrowed. */
const struct strlist *plan_warnings(const struct plan *p);

/* Memory, time, threads, network and variables, as the node's keys of class run say. */
void step_take_limits(const struct spec_node *node, struct step *s);

struct plan_made {
	struct version version;
	bool made;	/* false: it was there */
	bool committed; /* its dirty mark was lifted now */
	json_t *judged; /* rows of ops->judge; NULL when there is nothing to judge */
	bool ok;	/* every row is */
	int exit_code;	/* of a program that failed; 0: none did */
	json_t *failed; /* of ranks, the one that failed: {"rank", "step"?, "how", "lines"}; NULL */
	json_t *warnings; /* of a learner of ours whose lines were not shown; NULL: none */
};

/*
 * Make what the item asks for, or find it made. Inputs must be current: ERR_INPUT with the command
 * to type. A failing judgement returns 0 with ok false. On any failure out->version is set when
 * the failure was recorded (version.kind not NULL).
 */
int plan_make(struct plan *p, struct plan_item *item, bool echo, struct plan_made *out);
void plan_made_clear(struct plan_made *m);

const char *plan_state_name(enum plan_state s); /* "current" "stale" "never" */

#endif
