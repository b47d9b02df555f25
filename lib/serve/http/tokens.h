/*
 * tokens.h - who may ask: a file with a bearer token a line (blank lines and lines with # are passed
 * over). Only their SHA-256 is kept. Any thread may ask; the file is read again when it changed.
 */
#ifndef MICH_SERVE_HTTP_TOKENS_H
#define MICH_SERVE_HTTP_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

struct tokens;

enum { TOKEN_LEAST_BYTES = 16 };

/* ERR_INPUT: none in it, one that is too short, or others may read the file; ERR_NOT_FOUND, ERR_IO. */
int tokens_open(const char *path, struct tokens **out);
void tokens_close(struct tokens *t);

/* The value of an Authorization header: "Bearer TOKEN". Takes as long for any token of that length. */
bool tokens_admit(struct tokens *t, const char *value, size_t n);

/*
 * Read the file again if it changed: 1 when it did. An error, also that it is gone, which is said
 * once, leaves those that were read before.
 */
int tokens_refresh(struct tokens *t);

#endif
