/* curve.h - a learning curve, written as MICH_EVENTS lines while it is drawn. */
#ifndef MICH_LEARN_CURVE_H
#define MICH_LEARN_CURVE_H

#include <stdint.h>

#include "lib/base/json.h"

struct curve {
	int fd; /* -1: nobody asked for it */
	char *path;
	int64_t started_us;
};

#define CURVE_INIT          \
	{                   \
		-1, NULL, 0 \
	}

/* Append to path; NULL: write nothing. The clock of time_s starts here. */
int curve_open(const char *path, struct curve *c);

/* {"step":10,"time_s":0.3,...values}: one line, one write. What is not finite becomes null. */
int curve_add(struct curve *c, int64_t step, const json_t *values);

/* Bytes of the file by now; 0 where nobody asked for one. */
int64_t curve_bytes(const struct curve *c);

/* Go on where a run was killed: what came behind these bytes is cut off, and so much time had passed. */
int curve_resume(struct curve *c, int64_t bytes, double seconds);

void curve_close(struct curve *c);

#endif
