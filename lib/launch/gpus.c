/* gpus.c - read what the driver shows in /proc, or have it asked. */
#include "lib/launch/gpus.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
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

void gpus_list(const char *root, const char *visible, struct gpus *out)
{
	char *dir = xasprintf("%s/proc/driver/nvidia/gpus", root ? root : "");
	struct strlist words = STRLIST_INIT;
	struct gpus all = { 0 };

	*out = (struct gpus){ 0 };
	list_all(dir, &all);
	free(dir);
	if (!root && !all.uuid.n) {
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
		const char *word = words.v[i] + strspn(words.v[i], " ");
		bool part = !strncmp(word, "MIG-", 4);
		long at = part ? -1 : find(&all, word);

		if (at < 0 && !part)
			break;
		strlist_add(&out->bus, part ? "" : all.bus.v[at]);
		/* a number counts those that a cgroup leaves, where the driver's folder shows all */
		strlist_add(&out->uuid,
			    part || isdigit((unsigned char)*word) ? word : all.uuid.v[at]);
	}
	strlist_clear(&words);
	gpus_clear(&all);
}

static char *join(const struct strlist *l, size_t from, size_t to)
{
	struct buf b = BUF_INIT;

	for (size_t i = from; i < to; i++)
		buf_addf(&b, "%s%s", i > from ? "," : "", l->v[i]);
	return buf_take(&b);
}

/* A rank's of all GPUs: from the first up to, not with, the last. */
struct share {
	size_t first, last;
};

static struct share own_of(int want, int ranks, int rank)
{
	size_t first = (size_t)(rank % want);

	if (want <= ranks)
		return (struct share){ first, first + 1 };
	return (struct share){ (size_t)want * (size_t)rank / (size_t)ranks,
			       (size_t)want * (size_t)(rank + 1) / (size_t)ranks };
}

/* A driver writes 00000000:B7:00.0 where the kernel's folder is 0000:b7:00.0. Caller frees. */
static char *kernel_name(const char *bus)
{
	size_t domain = strcspn(bus, ":");
	char *name = xstrdup(domain > 4 ? bus + domain - 4 : bus);

	for (char *c = name; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return name;
}

/* The cores that the kernel counts as near a device, as it lists them; "" where it does not say. Caller frees. */
static char *read_cores(const char *root, const char *bus)
{
	char *name = kernel_name(bus);
	char *path = xasprintf("%s/sys/bus/pci/devices/%s/local_cpulist", root ? root : "", name);
	struct buf b = BUF_INIT;
	char *cores = NULL;

	if (file_read(path, &b) == 0)
		cores = xstrndup(b.data, strcspn(b.data, "\n"));
	error_clear();
	buf_clear(&b);
	free(path);
	free(name);
	return cores ? cores : xstrdup("");
}

/* Of several GPUs together. Caller frees. */
static char *cores_near(const char *root, const struct gpus *g, struct share own)
{
	struct strlist lists = STRLIST_INIT;
	char *all;

	for (size_t i = own.first; i < own.last; i++) {
		char *cores = read_cores(root, g->bus.v[i]);

		if (*cores && !strlist_has(&lists, cores))
			strlist_add(&lists, cores);
		free(cores);
	}
	all = join(&lists, 0, lists.n);
	strlist_clear(&lists);
	return all;
}

int gpus_deal(const char *root, int want, int ranks, bool all, struct gpus *g)
{
	if (g->uuid.n < (size_t)want) {
		int rc = error_set(ERR_ENGINE, "it asks for %d GPU%s, and this machine shows %zu",
				   want, want == 1 ? "" : "s", g->uuid.n);

		return error_hint(rc, "mich doctor says what was found; --set gpus=0 uses the CPU");
	}
	for (int i = 0; i < ranks; i++) {
		struct share own = own_of(want, ranks, i);

		strlist_take(&g->seen, all ? join(&g->uuid, 0, (size_t)want)
					   : join(&g->uuid, own.first, own.last));
		strlist_take(&g->near, cores_near(root, g, own));
	}
	return 0;
}

int gpus_choose(int want, int ranks, bool all, struct gpus *out)
{
	gpus_list(NULL, getenv("CUDA_VISIBLE_DEVICES"), out);
	return gpus_deal(NULL, want, ranks, all, out);
}

void gpus_clear(struct gpus *g)
{
	strlist_clear(&g->bus);
	strlist_clear(&g->uuid);
	strlist_clear(&g->seen);
	strlist_clear(&g->near);
}
