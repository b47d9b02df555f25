/*
 * replay.c - the main of a fuzz target that only reads its corpus, tests/fuzz/corpus/NAME/, as TAP.
 * Started from the source tree; a crash is what fails it.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int replay(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL;
	size_t n = 0, got;

	if (!f)
		return -1;
	do { /* grown exactly, so that reading past the end is seen */
		uint8_t *more = realloc(data, n + 65536);

		if (!more)
			abort();
		data = more;
		got = fread(data + n, 1, 65536, f);
		n += got;
	} while (got);
	fclose(f);
	if (n && (data = realloc(data, n)) == NULL)
		abort();
	LLVMFuzzerTestOneInput(data, n);
	free(data);
	return 0;
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/'), *name = slash ? slash + 1 : argv[0];
	char dir[512], path[1024];
	struct dirent **found;
	int n, done = 0;

	(void)argc;
	snprintf(dir, sizeof dir, "tests/fuzz/corpus/%s", name);
	n = scandir(dir, &found, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		if (found[i]->d_name[0] != '.') {
			snprintf(path, sizeof path, "%s/%s", dir, found[i]->d_name);
			printf("# %s\n", path);
			fflush(stdout);
			printf("%s %d - %s\n", replay(path) == 0 ? "ok" : "not ok", ++done,
			       found[i]->d_name);
		}
		free(found[i]);
	}
	if (n >= 0)
		free(found);
	printf("1..%d%s\n", done, done ? "" : " # SKIP no corpus");
	return 0;
}
