/* tokens.c - reading tokens, comparing them. */
#define _GNU_SOURCE
#include "lib/serve/http/tokens.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "lib/base/mem.h"

struct digest {
	unsigned char b[HASH_BYTES];
};

struct tokens {
	char *path;
	pthread_rwlock_t lock; /* of v and n */
	struct digest *v;
	size_t n;
	struct stat seen;
};

static struct digest digest_of(const char *token, size_t n)
{
	struct digest d;
	struct hash h;

	hash_init(&h);
	hash_add(&h, token, n);
	hash_raw(&h, d.b);
	return d;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The tokens of a file's text; the caller frees *out. */
static int parse(const char *path, const char *text, struct digest **out, size_t *n_out)
{
	size_t n = 0, cap = 0, line = 1;
	struct digest *v = NULL;

	for (const char *p = text; *p; line++) {
		const char *end = strchrnul(p, '\n'), *next = *end ? end + 1 : end;

		while (p < end && is_blank(*p))
			p++;
		while (end > p && is_blank(end[-1]))
			end--;
		if (p < end && *p != '#') {
			if (end - p < TOKEN_LEAST_BYTES) {
				free(v);
				return error_set(
					ERR_INPUT,
					"'%s' line %zu: a token has %d characters at least", path,
					line, TOKEN_LEAST_BYTES);
			}
			ARRAY_GROW(v, n, cap);
			v[n++] = digest_of(p, (size_t)(end - p));
		}
		p = next;
	}
	*out = v;
	*n_out = n;
	return n ? 0 : error_set(ERR_INPUT, "there is no token in '%s'", path);
}

static int load(struct tokens *t)
{
	struct digest *v = NULL, *old;
	struct buf text = BUF_INIT;
	struct stat st;
	size_t n = 0;
	int rc = 0;

	if (stat(t->path, &st) < 0)
		return error_errno("cannot read the tokens '%s'", t->path);
	t->seen = st;
	if (st.st_mode & (S_IROTH | S_IWOTH)) {
		error_set(ERR_INPUT, "everybody may read the tokens '%s'", t->path);
		return error_hint(ERR_INPUT, "chmod 600 %s", t->path);
	}
	rc = file_read(t->path, &text);
	if (!rc)
		rc = parse(t->path, text.data, &v, &n);
	if (!rc) {
		pthread_rwlock_wrlock(&t->lock);
		old = t->v;
		t->v = v;
		t->n = n;
		pthread_rwlock_unlock(&t->lock);
		free(old);
	}
	explicit_bzero(text.data, text.len);
	buf_clear(&text);
	return rc;
}

int tokens_open(const char *path, struct tokens **out)
{
	struct tokens *t = xcalloc(1, sizeof *t);
	int rc;

	pthread_rwlock_init(&t->lock, NULL);
	t->path = xstrdup(path);
	rc = load(t);
	if (rc) {
		tokens_close(t);
		t = NULL;
	}
	*out = t;
	return rc;
}

void tokens_close(struct tokens *t)
{
	if (!t)
		return;
	pthread_rwlock_destroy(&t->lock);
	free(t->path);
	free(t->v);
	free(t);
}

bool tokens_admit(struct tokens *t, const char *value, size_t n)
{
	static const char scheme[] = "bearer ";
	struct digest d;
	bool found = false;

	if (n < sizeof scheme || strncasecmp(value, scheme, sizeof scheme - 1) != 0)
		return false;
	d = digest_of(value + sizeof scheme - 1, n - sizeof scheme + 1);
	pthread_rwlock_rdlock(&t->lock);
	for (size_t i = 0; i < t->n; i++) {
		unsigned differ = 0;

		for (size_t k = 0; k < HASH_BYTES; k++)
			differ |= (unsigned)(d.b[k] ^ t->v[i].b[k]);
		found |= !differ;
	}
	pthread_rwlock_unlock(&t->lock);
	return found;
}

int tokens_refresh(struct tokens *t)
{
	struct stat st;

	if (stat(t->path, &st) < 0) {
		if (!t->seen.st_ino)
			return 0; /* it was said already */
		t->seen = (struct stat){ 0 };
		return error_errno("cannot read '%s', its tokens are still taken", t->path);
	}
	if ((st.st_ino == t->seen.st_ino && st.st_size == t->seen.st_size &&
	     st.st_mtim.tv_sec == t->seen.st_mtim.tv_sec &&
	     st.st_mtim.tv_nsec == t->seen.st_mtim.tv_nsec))
		return 0;
	return load(t) < 0 ? ERR_INPUT : 1;
}
