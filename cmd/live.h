/* live.h - the figures of a step for TensorBoard, while it runs. */
#ifndef MICH_CMD_LIVE_H
#define MICH_CMD_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/learn/tfevents.h"

struct live {
	const char *dir; /* as given; NULL: nobody wants them */
	struct tfevents file;
	char *of; /* the events that are read; owned */
	int64_t started_ms, read_bytes;
	bool failed; /* said once, then left alone */
};

/*
 * Write what was reported since the last look, as DIR/NAME/RUN/events.out.tfevents...: NAME is what is made, RUN the
 * run's id, both as in path. A step that runs again begins a file of its own. What cannot be written is said once
 * on stderr and stops nothing.
 */
void live_look(struct live *l, const char *name, const char *path);
void live_close(struct live *l);

#endif
