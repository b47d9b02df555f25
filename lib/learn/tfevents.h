/*
 * tfevents.h - figures over steps as TensorBoard reads them: a file of records, each a protobuf
 * Event with a masked CRC32C around it.
 * Format: tensorflow/core/lib/io/record_writer.h, tensorflow/core/util/event.proto.
 */
#ifndef MICH_LEARN_TFEVENTS_H
#define MICH_LEARN_TFEVENTS_H

#include <stdint.h>

#include "lib/base/json.h"

struct tfevents {
	int fd;
	char *path;
	int64_t lines, step; /* of events: read so far, and the highest step among them */
};

#define TFEVENTS_INIT     \
	{                 \
		.fd = -1, \
	}

/* Begin DIR/events.out.tfevents.SECONDS.mich, a new file; started_ms since 1970. ERR_IO. */
int tfevents_create(const char *dir, int64_t started_ms, struct tfevents *t);

/*
 * The figures of one step as scalars, in one write; ms: when, since 1970. values as in MICH_EVENTS:
 * "validation.rmse" and {"validation":{"rmse":x}} are both validation/rmse; step, steps, time_s and what
 * is no number are passed over. Nothing to tell: nothing is written. ERR_IO.
 */
int tfevents_add(struct tfevents *t, int64_t ms, int64_t step, const json_t *values);

/*
 * The lines of an events file (n bytes, whole lines), in turn as they come; a line's time is started_ms and its
 * time_s. Lines that are no events, and those that go back to an earlier step, are passed over. ERR_IO.
 */
int tfevents_follow(struct tfevents *t, const char *data, size_t n, int64_t started_ms);

/*
 * All lines of an events file as DIR/events.out.tfevents....
 */
int tfevents_convert(const char *data, size_t n, int64_t started_ms, const char *dir);

void tfevents_close(struct tfevents *t);

#endif
