/*
 * checkpoint.h - a training as it stood after a step, so that a run that was killed goes on from there.
 * One file: what it is as JSON, then named arrays, then a check of all bytes. It takes the place of the
 * one before in one rename, so there is always a whole one.
 */
#ifndef MICH_LEARN_CHECKPOINT_H
#define MICH_LEARN_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/json.h"
#include "lib/learn/curve.h"

enum { CHECKPOINT_PARTS = 16 };

struct checkpoint_part {
	const char *name;
	const void *data;
	size_t bytes;
};

struct checkpoint {
	json_t *state; /* an object; whatever the learner put there */
	struct checkpoint_part parts[CHECKPOINT_PARTS];
	size_t n;
	json_t *head;	  /* of one that was read */
	struct buf bytes; /* that parts point into, of one that was read */
};

#define CHECKPOINT_INIT            \
	{                          \
		.bytes = BUF_INIT, \
	}

/* For writing: data is borrowed. */
void checkpoint_add(struct checkpoint *c, const char *name, const void *data, size_t bytes);

/* How far the curve was, into the state, for checkpoint_take_up(). */
void checkpoint_add_curve(struct checkpoint *c, const struct curve *curve);

/* DIR/checkpoint, on disk when it returns; DIR is made. ERR_IO. */
int checkpoint_write(const char *dir, const struct checkpoint *c);

/* ERR_NOT_FOUND: there is none; ERR_CORRUPT: its bytes are not what was written. */
int checkpoint_read(const char *dir, struct checkpoint *out);

/* The same from bytes, which out->parts point into. */
int checkpoint_parse(const char *data, size_t n, struct checkpoint *out);

/* Copy a part of just so many bytes. ERR_CORRUPT: there is none, or it is of another size. */
int checkpoint_take(const struct checkpoint *c, const char *name, void *to, size_t bytes);

void checkpoint_clear(struct checkpoint *c);

/* A training that looks for one to go on from, all its ranks together. */
struct checkpoint_search {
	const char *dir, *of; /* what its state must say in "of" */
	bool first;	      /* rank 0 reads it for all */
	bool again;	      /* the ranks were started before */
	struct curve *curve;
	/* n bytes of rank 0 take the place of the others' */
	int (*share)(void *run, void *bytes, size_t n);
	/* Go on from it; what is borrowed goes when this returns. */
	int (*take)(void *run, const struct checkpoint *c);
	void *run;
	/* of one that cannot be used; may be NULL */
	void (*on_warning)(void *payload, const char *text);
	void *warning_payload;
};

/*
 * Take up the one in dir, the same in all ranks, and the curve from where it was then; nothing, where there is none of
 * this training. Ranks that were started before then draw the curve anew.
 */
int checkpoint_take_up(const struct checkpoint_search *s);

/*
 * When one is to be kept: after every so many steps, or after ten seconds or so, and so that it takes a
 * fiftieth of the time at most.
 */
struct checkpoint_pace {
	int64_t steps;		   /* 0: by the clock */
	int64_t kept_us, after_us; /* the last one; so long until the next */
};

void checkpoint_pace_begin(struct checkpoint_pace *p, int64_t steps);
bool checkpoint_pace_due(const struct checkpoint_pace *p, int64_t step);
/* One was kept just now, for which we began then. */
void checkpoint_pace_kept(struct checkpoint_pace *p, int64_t began_us);

#endif
