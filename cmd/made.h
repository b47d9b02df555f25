/* made.h - what the commands that make one thing share: make it, say what came of it. */
#ifndef MICH_CMD_MADE_H
#define MICH_CMD_MADE_H

#include "lib/step/plan.h"

/*
 * Make a node under a progress line. Warnings and where a failure was recorded go to stderr, and with
 * talk what was made and how it was judged. The caller clears out, after errors too.
 */
int made_make(struct plan *p, const struct spec_node *node, bool talk, struct plan_made *out);

/*
 * Make a node and print the outcome: the version's name on stdout (or all of it as JSON), the talk on
 * stderr. set: KEY=VALUE overrides, applied first. ERR_NO when a check or gate says no.
 */
int made_node(struct plan *p, const struct spec_node *node, bool json);

/* Its two halves, for a command that says more: the answer on stdout (more: further members of the
 * JSON, may be NULL), and ERR_NO when a check or gate says no. rc: what made_make gave. */
int made_answer(struct plan *p, const struct plan_made *m, int rc, bool json, const json_t *more);
int made_verdict(const struct plan_made *m);

struct made_how {
	const struct strlist *set; /* KEY=VALUE overrides, applied first; NULL: none */
	const char *events;	   /* a folder for TensorBoard, written while it runs; NULL: none */
	bool json;
};

/* Open the checkout's plan, find the node of a kind, make it. */
int made_named(struct repo *r, const char *kind, const char *name, const struct made_how *how);

/* What a plan met on its way, such as an input that is deprecated; a line each on stderr. */
void made_print_warnings(struct plan *p);

/* The rows of a judgement, a line each: "ok    test.rmse < 25   test.rmse is 17.2". */
void made_print_judged(const json_t *rows, FILE *out);

#endif
