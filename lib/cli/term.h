/* term.h - what the terminal can do. Ask before the pager starts: afterwards stdout is a pipe. */
#ifndef MICH_CLI_TERM_H
#define MICH_CLI_TERM_H

#include <stdbool.h>
#include <sys/types.h>

struct term {
	bool tty;    /* the answer is read by a person */
	bool colour; /* tty, and neither NO_COLOR nor TERM=dumb */
	int columns; /* of the terminal; 0 when tty is false: do not cut lines */
};

/* About stdout, found once; the pager does not change it. */
const struct term *term_stdout(void);

enum term_style {
	STYLE_PLAIN,
	STYLE_BOLD,
	STYLE_DIM,
	STYLE_RED,
	STYLE_GREEN,
	STYLE_YELLOW,
	STYLE_BLUE
};

/* The escape sequence that starts a style, and the one that ends it; "" where there is no colour.
 */
const char *term_style(enum term_style style);

/*
 * Send stdout through a pager: $MICH_PAGER, $GIT_PAGER, core.pager, $PAGER, else less with
 * LESS=FRX. Nothing happens when stdout is no terminal or the pager is "cat" or empty. *pid_out is
 * 0 then.
 */
void pager_start(pid_t *pid_out);
void pager_wait(pid_t pid); /* flush and close stdout, wait until the person is done reading */

#endif
