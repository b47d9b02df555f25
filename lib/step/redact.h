/* redact.h - keep secrets out of what is recorded. */
#ifndef MICH_STEP_REDACT_H
#define MICH_STEP_REDACT_H

struct attempt;
struct buf;

/* Replace every value of the step's secrets in its log and its events by "***". ERR_IO. */
int redact_secrets(struct attempt *a);

/* The same for n bytes in memory, in place. */
void redact_bytes(struct buf *b, const char *secret);

#endif
