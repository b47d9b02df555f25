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

void curve_close(struct curve *c);

#endif
