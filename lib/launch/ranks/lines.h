/* lines.h - a rank's output as whole lines, each under its name, and the last of them kept. */
#ifndef MICH_LAUNCH_RANKS_LINES_H
#define MICH_LAUNCH_RANKS_LINES_H

#include "lib/base/buf.h"
#include "lib/launch/ranks/ranks.h"

enum { LINES_MAX_BYTES = 64 << 10 }; /* a longer one is cut into several */

/* The last lines that were said. */
struct lines_tail {
	char *v[RANKS_LINES];
	size_t n, at;
};

struct lines {
	char prefix[24]; /* "[r3] " */
	struct buf held; /* the beginning of a line */
	struct lines_tail *tail;
};

/* Add what came: whole lines go to out. */
void lines_add(struct lines *l, const char *data, size_t n, struct buf *out);
void lines_end(struct lines *l, struct buf *out); /* the rest too: nothing more comes */
void lines_clear(struct lines *l);

/* The lines kept, oldest first, one below the other, cut to fit; "" for none. */
void lines_tail_text(const struct lines_tail *t, char *out, size_t size);
const char *lines_tail_last(const struct lines_tail *t); /* that is not blank; "" for none */
void lines_tail_clear(struct lines_tail *t);

#endif
