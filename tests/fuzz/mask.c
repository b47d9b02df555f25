/* mask.c - fuzz the masking of secrets: no word comes out, however the bytes are cut into pieces. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/launch/sink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* What comes out when the bytes come in pieces of this size. */
static void pass(const struct strlist *words, const char *data, size_t n, size_t piece,
		 struct buf *out)
{
	struct sink s = SINK_INIT;
	char path[64];

	s.fd = memfd_create("log", MFD_CLOEXEC);
	s.path = "log";
	s.mask = words;
	snprintf(path, sizeof path, "/proc/self/fd/%d", s.fd);
	for (size_t at = 0; at < n; at += piece)
		if (sink_add(&s, data + at, n - at < piece ? n - at : piece) < 0)
			abort();
	if (sink_flush(&s) < 0 || file_read(path, out) < 0)
		abort();
	sink_close(&s);
}

/* Words, a line each, then an empty line, then what is said. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *text = (const char *)data, *said = n ? memmem(text, n, "\n\n", 2) : NULL;
	struct strlist words = STRLIST_INIT;
	struct buf whole = BUF_INIT, pieces = BUF_INIT;
	char *list;

	if (!said || n > 4096)
		return 0;
	list = strndup(text, (size_t)(said - text));
	strlist_split(&words, list, "\n");
	said += 2;
	n -= (size_t)(said - text);
	pass(&words, said, n, n + 1, &whole);
	pass(&words, said, n, 1 + words.n % 3, &pieces);
	if (whole.len != pieces.len || memcmp(whole.data, pieces.data, whole.len) != 0)
		abort();
	for (size_t i = 0; i < words.n; i++)
		if (!strchr(words.v[i], '*') &&
		    memmem(whole.data, whole.len, words.v[i], strlen(words.v[i])))
			abort();
	strlist_clear(&words);
	buf_clear(&whole);
	buf_clear(&pieces);
	free(list);
	return 0;
}
