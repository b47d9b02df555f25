/* live.c - follow an events file. */
#include "cmd/live.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"

enum { BLOCK_BYTES = 1 << 20 };

/* DIR/NAME/RUN for .../RUN/events.jsonl */
static int begin(struct live *l, const char *name, const char *path)
{
	const char *end = path_base(path);
	char *run = xstrndup(path, (size_t)(end - path) - 1);
	char *dir = xasprintf("%s/%s/%s", l->dir, name, path_base(run));
	int rc;

	live_close(l);
	l->of = xstrdup(path);
	l->started_ms = clock_now_ms();
	rc = tfevents_create(dir, l->started_ms, &l->file);
	free(dir);
	free(run);
	return rc;
}

/* The bytes of whole lines from read_bytes on; caller frees. */
static char *new_lines(const struct live *l, size_t *n_out)
{
	int fd = open(l->of, O_RDONLY | O_CLOEXEC);
	char *block = NULL;
	ssize_t n = 0;

	*n_out = 0;
	if (fd < 0)
		return NULL;
	block = xmalloc(BLOCK_BYTES);
	n = pread(fd, block, BLOCK_BYTES, l->read_bytes);
	close(fd);
	while (n > 0 && block[n - 1] != '\n')
		n--;
	*n_out = n > 0 ? (size_t)n : 0;
	return block;
}

/* A step that went back, after a restart, tells again what was told: tfevents_follow() passes it over. */
static int follow(struct live *l)
{
	struct stat st;
	size_t n = 1;
	int rc = 0;

	if (stat(l->of, &st) == 0 && st.st_size < l->read_bytes)
		l->read_bytes = 0;
	while (!rc && n) {
		char *block = new_lines(l, &n);

		rc = tfevents_follow(&l->file, block, n, l->started_ms);
		l->read_bytes += (int64_t)n;
		free(block);
	}
	return rc;
}

void live_look(struct live *l, const char *name, const char *path)
{
	int rc = 0;

	if (!l->dir || l->failed)
		return;
	if (!l->of || strcmp(l->of, path))
		rc = begin(l, name, path);
	if (!rc)
		rc = follow(l);
	if (rc) {
		fprintf(stderr, "%swarning: %s\n", isatty(STDERR_FILENO) ? "\r\033[K" : "",
			error_text());
		error_clear();
		l->failed = true;
	}
}

void live_close(struct live *l)
{
	tfevents_close(&l->file);
	free(l->of);
	l->of = NULL;
	l->read_bytes = 0;
}
