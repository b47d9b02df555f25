/* sink.h - where a program's output goes: a file, our stderr, a buffer; secrets masked on the way. */
#ifndef MICH_LAUNCH_SINK_H
#define MICH_LAUNCH_SINK_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/strlist.h"

struct sink {
	int fd;			    /* the log; -1: none */
	const char *path;	    /* its name, borrowed */
	bool echo;		    /* to our stderr too */
	const char *echo_ranks;	    /* borrowed; process.h */
	bool within;		    /* a line whose end was not echoed yet */
	struct buf line;	    /* with echo_ranks: the beginning of one */
	const struct strlist *mask; /* borrowed; NULL: none */
	struct buf held;	    /* the end of what came, which may begin a masked word */
	struct buf *capture;	    /* instead of all that; borrowed */
	size_t capture_max;
};

#define SINK_INIT                                            \
	{                                                    \
		.fd = -1, .line = BUF_INIT, .held = BUF_INIT \
	}

int sink_open(struct sink *s, const char *path); /* appends; created 0666 & umask. ERR_IO */
int sink_add(struct sink *s, const char *data, size_t n);
int sink_flush(struct sink *s); /* what was held back too: nothing more comes */
void sink_close(struct sink *s);

/* Append text with the masked words hidden. */
void sink_hide(const struct strlist *mask, const char *text, struct buf *out);

#endif
