/*
 * progress.h - one line on stderr that says how far a long thing is. On a terminal only; drawn
 * for the first time after half a second and at most ten times a second.
 */
#ifndef MICH_CLI_PROGRESS_H
#define MICH_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool on, drawn;
	int columns;
	int64_t start_us, drawn_us;
};

void progress_start(struct progress *p);

/*
 * what: "train eta"; done of total with total 0 when unknown; note (may be NULL): the metric at
 * hand. With a total the line gets the share and the time left.
 */
void progress_step(struct progress *p, const char *what, int64_t done, int64_t total,
		   const char *note);

void progress_end(struct progress *p); /* removes the line */

#endif
