/* utf8.h - is it text? */
#ifndef MICH_BASE_UTF8_H
#define MICH_BASE_UTF8_H

#include <stddef.h>

/*
 * Bytes of the character that s, of n bytes, begins with: 1 to 4; 0 when it begins with none
 * (overlong, a surrogate, past U+10FFFF, cut off, or n is 0).
 */
size_t utf8_bytes(const char *s, size_t n);

/* Put a question mark in the place of each byte that is no text. */
void utf8_clean(char *s);

#endif
