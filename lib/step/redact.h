/* redact.h - keep secrets out of what is recorded. */
#ifndef MICH_STEP_REDACT_H
#define MICH_STEP_REDACT_H

struct attempt;
struct buf;
struct step;
struct strlist;

/* The values of the step's secrets, for the log: they are masked before a byte of it is written. */
void redact_words(const struct step *s, struct strlist *out);

/* Replace every value of the step's secrets in its events by "***". ERR_IO. */
int redact_secrets(struct attempt *a);

/* The same for n bytes in memory, in place. */
void redact_bytes(struct buf *b, const char *secret);

#endif
