/* schedule.h - bring targets up to date: what each needs first, independent steps side by side. */
#ifndef MICH_STEP_SCHEDULE_H
#define MICH_STEP_SCHEDULE_H

#include "lib/step/plan.h"

struct schedule_opts {
	int jobs;     /* steps at the same time */
	bool dry_run; /* say what would be made, make nothing */
	bool echo;    /* programs' output goes to stderr as it comes */
	void (*on_start)(const struct spec_node *node, void *payload); /* optional */
	void (*on_row)(const json_t *row, void *payload); /* optional; in order of ending */
	void *payload;
};

/*
 * Make targets (n; 0: every node) and whatever they need that is not current, each step in a child
 * process. One failure stops only what depends on it.
 *
 * *rows_out: [{"ref": "dataset/flights@1", "action": "made|current|would make|failed|refused|skipped",
 * "why", "elapsed_ms", "code", "exit"?, "judged"?}], in the order of dependency; new reference. refused: made,
 * but a gate or a check says no. exit: of a program that failed. Returns 0, or the worst that a
 * step came to: ERR_INTERRUPT, then ERR_STEP, all that exit with 128, ERR_TIMEOUT, ERR_BUSY, ERR_NO.
 */
int schedule_run(struct plan *p, const struct spec_node *const *targets, size_t n,
		 const struct schedule_opts *opts, json_t **rows_out);

#endif
