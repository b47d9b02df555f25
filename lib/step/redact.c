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

void redact_words(const struct step *s, struct strlist *out)
{
	for (size_t i = 0; i < s->limits.secret.n; i++) {
		const char *v = getenv(s->limits.secret.v[i]);

		if (v && *v)
			strlist_add(out, v);
	}
}

int redact_secrets(struct attempt *a)
{
	struct strlist words = STRLIST_INIT;
	struct buf b = BUF_INIT;
	int rc = 0;

	redact_words(a->step, &words);
	if (words.n && file_exists(a->events)) {
		rc = file_read(a->events, &b);
		for (size_t i = 0; !rc && i < words.n; i++)
			redact_bytes(&b, words.v[i]);
		if (!rc)
			rc = file_write(a->events, b.data, b.len);
	}
	buf_clear(&b);
	strlist_clear(&words);
	return rc;
}
