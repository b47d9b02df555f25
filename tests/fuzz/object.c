/* object.c - any bytes as a git commit, a git tree and a git-lfs pointer. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/store/object.h"
#include "lib/store/pointer.h"
#include "lib/store/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int entry(unsigned mode, const char *name, const struct oid *id, void *payload)
{
	(void)mode;
	(void)id;
	*(size_t *)payload += strlen(name);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *text = (const char *)data;
	struct commit c;
	struct pointer p;
	size_t names = 0;

	if (commit_parse(text, n, &c) == 0) {
		free(commit_trailer(&c, "Mich-Id"));
		commit_clear(&c);
	}
	if (tree_parse(text, n, entry, &names) == 0 && names > n)
		abort();
	if (pointer_parse(text, n, &p)) {
		struct buf b = BUF_INIT;
		struct pointer again;

		pointer_write(p.sha256, p.size, &b);
		if (!pointer_parse(b.data, b.len, &again) || again.size != p.size)
			abort();
		buf_clear(&b);
	}
	return 0;
}
