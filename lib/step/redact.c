/* redact.c - keep secrets out of what is recorded. */
#define _GNU_SOURCE
#include "lib/step/redact.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/step/attempt.h"

void redact_bytes(struct buf *b, const char *secret)
{
	struct buf clean = BUF_INIT;
	size_t n = strlen(secret);
	const char *p = b->data, *end = b->data + b->len, *hit;

	if (!n)
		return;
	while ((hit = memmem(p, (size_t)(end - p), secret, n))) {
		buf_add(&clean, p, (size_t)(hit - p));
		buf_addstr(&clean, "***");
		p = hit + n;
	}
	buf_add(&clean, p, (size_t)(end - p));
	buf_clear(b);
	*b = clean;
}

static int redact_file(const struct step *s, const char *path)
{
	struct buf b = BUF_INIT;
	int rc = 0;

	if (!file_exists(path))
		return 0;
	rc = file_read(path, &b);
	for (size_t i = 0; !rc && i < s->limits.secret.n; i++) {
		const char *v = getenv(s->limits.secret.v[i]);

		if (v)
			redact_bytes(&b, v);
	}
	if (!rc)
		rc = file_write(path, b.data, b.len);
	buf_clear(&b);
	return rc;
}

int redact_secrets(struct attempt *a)
{
	int rc;

	if (!a->step->limits.secret.n)
		return 0;
	rc = redact_file(a->step, a->log);
	return rc ? rc : redact_file(a->step, a->events);
}
