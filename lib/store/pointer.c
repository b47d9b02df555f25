/* pointer.c - git-lfs pointer files. */
#define _GNU_SOURCE
#include "lib/store/pointer.h"

#include <string.h>

static const char version_line[] = "version https://git-lfs.github.com/spec/v1\n";

/* The value of the line that begins with key, its end in *end_out; NULL when there is none. */
static const char *line_value(const char *data, size_t n, const char *key, const char **end_out)
{
	const char *p = data, *end = data + n;
	size_t len = strlen(key);

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		const char *stop = nl ? nl : end;

		if ((size_t)(stop - p) > len && !memcmp(p, key, len)) {
			*end_out = stop;
			return p + len;
		}
		p = stop + 1;
	}
	return NULL;
}

bool pointer_parse(const char *data, size_t n, struct pointer *out)
{
	const char *v, *end;

	if (n >= POINTER_MAX_BYTES || n < sizeof version_line - 1 ||
	    memcmp(data, version_line, sizeof version_line - 1))
		return false;
	v = line_value(data, n, "oid sha256:", &end);
	if (!v || end - v != HASH_HEX)
		return false;
	for (int i = 0; i < HASH_HEX; i++)
		if (!strchr("0123456789abcdef", v[i]) || !v[i])
			return false;
	memcpy(out->sha256, v, HASH_HEX);
	out->sha256[HASH_HEX] = '\0';
	v = line_value(data, n, "size ", &end);
	if (!v || end == v || end - v > 18)
		return false;
	out->size = 0;
	for (; v < end; v++) {
		if (*v < '0' || *v > '9')
			return false;
		out->size = out->size * 10 + (*v - '0');
	}
	return true;
}

void pointer_write(const char *sha256, int64_t size, struct buf *out)
{
	buf_addf(out, "%soid sha256:%s\nsize %lld\n", version_line, sha256, (long long)size);
}
