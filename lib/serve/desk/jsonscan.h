/*
 * jsonscan.h - JSON read where it lies, value by value, nothing built of it: for requests, where a
 * tree of objects would cost more than the answer. RFC 8259 and no more, but for NaN, Infinity and
 * -Infinity as numbers, which Python's writers give for missing values.
 *
 *	jsonscan_init(&s, data, n);
 *	rc = jsonscan_open(&s, '[');
 *	for (size_t i = 0; !rc && (more = jsonscan_item(&s, i)) > 0; i++)
 *		rc = jsonscan_number(&s, &number);
 *	if (!rc && !more) rc = jsonscan_end(&s);
 *
 * Every function gives ERR_CORRUPT with the byte and what was wrong there.
 */
#ifndef MICH_SERVE_DESK_JSONSCAN_H
#define MICH_SERVE_DESK_JSONSCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lib/base/buf.h"

struct jsonscan {
	const char *at, *end, *begin;
	struct buf text; /* of the last string with escapes in it */
};

#define JSONSCAN_INIT            \
	{                        \
		.text = BUF_INIT \
	}

enum jsonscan_kind {
	JSONSCAN_NOTHING, /* the end, or what begins no value */
	JSONSCAN_OBJECT,
	JSONSCAN_ARRAY,
	JSONSCAN_STRING,
	JSONSCAN_NUMBER,
	JSONSCAN_BOOL,
	JSONSCAN_NULL,
};

/* A string: in the text, or in the scan's own memory until the next string. May hold NULs. */
struct jsonscan_text {
	const char *s;
	size_t n;
};

struct jsonscan_number {
	double d;
	int64_t i;  /* where whole */
	bool whole; /* written without point and exponent, and within 64 bits */
};

void jsonscan_init(struct jsonscan *s, const char *data, size_t n); /* keeps the memory of text */
void jsonscan_clear(struct jsonscan *s);

/* What the next value is; blanks before it are passed over. */
enum jsonscan_kind jsonscan_kind(struct jsonscan *s);

int jsonscan_open(struct jsonscan *s, char bracket); /* '{' or '[' */
/* Before item i of a list: 1, or 0 when the list ended instead. */
int jsonscan_item(struct jsonscan *s, size_t i);
/* Before member i of an object: 1 with its name, and the value comes next; or 0 at the end. */
int jsonscan_member(struct jsonscan *s, size_t i, struct jsonscan_text *name);

int jsonscan_string(struct jsonscan *s, struct jsonscan_text *out);
int jsonscan_number(struct jsonscan *s, struct jsonscan_number *out);
int jsonscan_bool(struct jsonscan *s, bool *out);
int jsonscan_null(struct jsonscan *s);
/* Pass over one value of any kind; at most 64 deep. */
int jsonscan_skip(struct jsonscan *s);
/* Nothing but blanks is left. */
int jsonscan_end(struct jsonscan *s);
/* What was found is not what should stand here: "want ...". */
int jsonscan_want(const struct jsonscan *s, const char *want);
/* What is wrong at a byte of it. */
int jsonscan_bad(const struct jsonscan *s, const char *at, const char *why);

static inline bool jsonscan_is(const struct jsonscan_text *t, const char *word)
{
	return strlen(word) == t->n && !memcmp(word, t->s, t->n);
}

#endif
