/*
 * html.h - HTML and SVG as it is written: what is opened is closed, and what is said is escaped, so that no
 * name, value or note of a record can be anything but text on the page.
 *
 *	html_begin(&h, &out);
 *	html_open(&h, "p");
 *	html_attr(&h, "class", "note");
 *	html_text(&h, "a < b");
 *	html_close(&h);                    <p class="note">a &lt; b</p>
 *
 * Names of elements and attributes are the program's own words, never data. What comes out is HTML and
 * well-formed XML at once.
 */
#ifndef MICH_PAGE_HTML_H
#define MICH_PAGE_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"

enum { HTML_DEPTH = 40 };

struct html {
	struct buf *out;
	const char *tags[HTML_DEPTH]; /* (depth) what is open */
	size_t depth;
	bool pending; /* the last tag still takes attributes */
};

void html_begin(struct html *h, struct buf *out);
void html_end(struct html *h); /* closes what is open */

/* At most HTML_DEPTH deep, which pages that are written by a program know. */
void html_open(struct html *h, const char *tag);
void html_attr(struct html *h, const char *name, const char *value); /* right after the opening */
void html_attrf(struct html *h, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void html_close(struct html *h);
void html_close_to(struct html *h, size_t depth); /* until depth is as it was */

void html_text(struct html *h, const char *text);
void html_textn(struct html *h, const char *text, size_t n);
void html_textf(struct html *h, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* At most so many characters of the text, with an ellipsis for the rest, which a tooltip holds. */
void html_short(struct html *h, const char *text, size_t characters);

/* <tag class="class">text</tag>; class NULL: none. */
void html_leaf(struct html *h, const char *tag, const char *class, const char *text);
void html_leaff(struct html *h, const char *tag, const char *class, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* The program's own text, such as a style sheet: written as it is, without < and &. */
void html_verbatim(struct html *h, const char *text);

/*
 * n bytes of text for HTML and XML, in elements and attributes alike. Control characters are shown as
 * their pictures (U+2400 and on), what is no UTF-8, no character or turns the direction of text as
 * U+FFFD.
 */
void html_escape(const char *text, size_t n, struct buf *out);

#endif
