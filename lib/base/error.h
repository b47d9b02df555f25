/* error.h - why something failed: a code for the caller, a sentence for the person. */
#ifndef MICH_BASE_ERROR_H
#define MICH_BASE_ERROR_H

#include <stdarg.h>

/* A code exists only where some caller branches on it; ERR_FAIL is every other failure. */
enum error_code {
	ERR_FAIL = -1,	     /* failed; nothing more to know */
	ERR_NOT_FOUND = -2,  /* the thing named does not exist */
	ERR_EXISTS = -3,     /* it exists already, or changed under us */
	ERR_BUSY = -4,	     /* held by somebody else past the deadline: exit 75 */
	ERR_CORRUPT = -5,    /* bytes are not what they should be */
	ERR_INPUT = -6,	     /* what the user gave is wrong */
	ERR_IO = -7,	     /* the system refused: disk full, permission */
	ERR_STEP = -8,	     /* a step's program failed: exit 3 */
	ERR_NO = -9,	     /* the answer is no (a check, a gate): exit 1 */
	ERR_TIMEOUT = -10,   /* a time limit ran out: exit 124 */
	ERR_INTERRUPT = -11, /* SIGINT or SIGTERM came: exit 130 or 143 */
	ERR_USAGE = -12,     /* the command line is wrong: exit 129 */
	ERR_ENGINE = -13,    /* an outside library is missing or too old */
};

/*
 * Set this thread's reason and return code, so that `return error_set(...)` reads well. The
 * sentence is lower case, without full stop, subject in single quotes, what failed first.
 */
int error_set(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Same, with ": strerror(errno)" at the end; ENOSPC and the like all give ERR_IO. */
int error_errno(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Put "<text>: " before the reason that is set; returns code unchanged. */
int error_wrap(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Add what to type next, printed on a line of its own; returns code unchanged. */
int error_hint(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Borrowed until this thread's next error_*; never NULL. "" when nothing is set. */
const char *error_text(void);
const char *error_hint_text(void);
/* Both as one sentence, "no bench: mich bench m"; the hint is left out where there is none. Caller frees. */
char *error_advice(void);
void error_clear(void);

/* The exit status that design 8 gives a code: 0 for 0, 1, 3, 75, 124, 128, 129, 130. */
int error_exit_status(int code);

#endif
