/* gpus.c - read what the driver shows in /proc, or have it asked. */
#include "lib/launch/gpus.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/engine.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/launch/process.h"

enum { ASK_MS = 30000 };

/* The value of the line "NAME: value" in a GPU's file; caller frees, NULL: none. */
static char *read_field(const char *dir, const char *bus, const char *name)
{
	char *path = xasprintf("%s/%s/information", dir, bus), *value = NULL;
	struct buf b = BUF_INIT;
	const char *p;

	if (file_read(path, &b) == 0 && (p = strstr(b.data, name))) {
		p += strlen(name);
		p += strspn(p, ": \t");
		value = xstrndup(p, strcspn(p, "\n"));
	}
	error_clear();
	buf_clear(&b);
	free(path);
	return value;
}

static void list_all(const char *dir, struct gpus *out)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			strlist_add(&out->bus, e->d_name);
	if (d)
		closedir(d);
	strlist_sort(&out->bus);
	for (size_t i = 0; i < out->bus.n; i++) {
		char *uuid = read_field(dir, out->bus.v[i], "GPU UUID");

		strlist_take(&out->uuid, uuid ? uuid : xasprintf("%zu", i));
	}
}

/* The place of the device that a word of CUDA_VISIBLE_DEVICES means; -1: none. */
static long find(const struct gpus *g, const char *word)
{
	char *end;
	long i = strtol(word, &end, 10);

	if (*word && !*end)
		return i >= 0 && (size_t)i < g->uuid.n ? i : -1;
	for (i = 0; (size_t)i < g->uuid.n; i++)
		if (!strncmp(g->uuid.v[i], word, strlen(word)))
			return i;
	return -1;
}

/* The program sees what CUDA_VISIBLE_DEVICES leaves, and tells that alone. */
static void ask(struct gpus *out)
{
	char *program = engine_libexec("mich-net-cuda");
	const char *const argv[] = { program, "--devices", NULL };
	struct buf said = BUF_INIT;
	json_t *v = NULL, *one;
	size_t i;

	if (access(program, X_OK) == 0 && process_capture(argv, ASK_MS, &said) == 0 &&
	    json_parse(said.data, said.len, argv[0], &v) == 0)
		json_array_foreach(json_object_get(v, "devices"), i, one) {
			strlist_add(&out->bus, json_str(one, "bus", ""));
			strlist_add(&out->uuid, json_str(one, "uuid", ""));
		}
	error_clear();
	json_decref(v);
	buf_clear(&said);
	free(program);
}

void gpus_list(const char *dir, const char *visible, struct gpus *out)
{
	struct strlist words = STRLIST_INIT;
	struct gpus all = { 0 };

	*out = (struct gpus){ 0 };
	list_all(dir ? dir : "/proc/driver/nvidia/gpus", &all);
	if (!dir && !all.uuid.n) {
		if (!visible || *visible)
			ask(out);
		return;
	}
	if (!visible) {
		*out = all;
		return;
	}
	strlist_split(&words, visible, ",");
	for (size_t i = 0; i < words.n; i++) {
		long at = find(&all, words.v[i]);

		if (at < 0)
			break;
		strlist_add(&out->bus, all.bus.v[at]);
		strlist_add(&out->uuid, all.uuid.v[at]);
	}
	strlist_clear(&words);
	gpus_clear(&all);
}

static char *join(const struct strlist *l, size_t n)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%s", i ? "," : "", l->v[i]);
	return buf_take(&b);
}

int gpus_choose(int want, int ranks, bool all, struct gpus *out)
{
	gpus_list(NULL, getenv("CUDA_VISIBLE_DEVICES"), out);
	if (out->uuid.n < (size_t)want) {
		int rc = error_set(ERR_ENGINE, "it asks for %d GPU%s, and this machine shows %zu",
				   want, want == 1 ? "" : "s", out->uuid.n);

		return error_hint(rc, "mich doctor says what was found; --set gpus=0 uses the CPU");
	}
	for (int i = 0; i < ranks; i++)
		strlist_take(&out->seen,
			     all ? join(&out->uuid, (size_t)want) : xstrdup(out->uuid.v[i % want]));
	return 0;
}

void gpus_clear(struct gpus *g)
{
	strlist_clear(&g->bus);
	strlist_clear(&g->uuid);
	strlist_clear(&g->seen);
}
