/*
 * rails.h - the lines beside a list that show what came from what, newest first:
 *
 *	* eval/eta@1
 *	|-.
 *	* | model/eta@1
 *	+-'
 *	* dataset/flights@1
 *
 * A row below an item leads to what it came from: "." opens a lane, "+" joins one, "'" ends its
 *own.
 */
#ifndef MICH_CLI_RAILS_H
#define MICH_CLI_RAILS_H

#include <stddef.h>

#include "lib/base/buf.h"

struct rails {
	size_t *lanes; /* (n) the item that a lane leads to, RAILS_FREE: none */
	size_t n, cap;
	size_t ended; /* 1 + the lane of the item above when it came from nothing, else 0 */
};

#define RAILS_INIT \
	{          \
		0  \
	}
#define RAILS_FREE ((size_t)-1)

/*
 * Add an item and the row below it. Items are any numbers; parents[0..n), each once, come later.
 * Every line of text gets the lanes before it; it must end with a newline.
 */
void rails_item(struct rails *r, size_t item, const size_t *parents, size_t n, const char *text,
		struct buf *out);
void rails_clear(struct rails *r);

#endif
