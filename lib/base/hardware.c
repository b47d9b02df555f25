/* hardware.c - from /proc and the scheduler. */
#define _GNU_SOURCE
#include "lib/base/hardware.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

/* What stands behind "key : " in a file such as /proc/cpuinfo, the first time; caller frees. NULL. */
static char *value_of(const char *path, const char *key)
{
	FILE *f = fopen(path, "re");
	char line[512], *found = NULL;

	while (f && !found && fgets(line, sizeof line, f)) {
		char *colon = strchr(line, ':');
		size_t n = strlen(key);

		if (!colon || strncmp(line, key, n) || line[n + strspn(line + n, " \t")] != ':')
			continue;
		colon += 1 + strspn(colon + 1, " \t");
		colon[strcspn(colon, "\n")] = '\0';
		found = xstrdup(colon);
	}
	if (f)
		fclose(f);
	return found;
}

/* "AMD EPYC 9654", or on processors without a name what they have instead. */
static char *cpu_name(const char *arch)
{
	static const char *const keys[] = { "model name", "Model", "cpu model", "cpu", "CPU part" };
	char *name = NULL;

	for (size_t i = 0; i < ARRAY_LEN(keys) && !name; i++)
		name = value_of("/proc/cpuinfo", keys[i]);
	return name ? name : xstrdup(arch);
}

static int cores(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

/* The kernel keeps some for itself, more or less of it by version: hence whole GiB. */
static int64_t memory_gib(void)
{
	double bytes = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);

	return (int64_t)(bytes / (1 << 30) + 0.5);
}

/* hash: room for 65 bytes. */
static void identify(const json_t *o, char *hash)
{
	json_hash(o, hash);
	hash[HARDWARE_ID_HEX] = '\0';
}

json_t *hardware_json(void)
{
	struct utsname u = { 0 };
	char *cpu, hash[65];
	json_t *o;

	uname(&u);
	cpu = cpu_name(u.machine);
	o = json_pack("{s:o,s:s,s:i,s:I}", "cpu", json_bytes(cpu), "arch", u.machine, "cores",
		      cores(), "memory_gib", (json_int_t)memory_gib());
	identify(o, hash);
	json_object_set_new(o, "id", json_string(hash));
	json_object_set_new(o, "kernel", json_string(u.release));
	free(cpu);
	return o;
}

bool hardware_is_plain(const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i], next = (unsigned char)text[i + 1];

		if (c < ' ' || c == 0x7f || (c == 0xc2 && next < 0xa0))
			return false;
	}
	return n > 0 && n <= 256;
}

/* The name of a processor, which may be no text: json_bytes. */
static bool is_cpu(const json_t *v)
{
	const char *text = json_string_value(v);

	if (!text && json_object_size(v) == 1)
		text = json_str(v, "bytes", NULL);
	return text && hardware_is_plain(text);
}

int hardware_check(const json_t *v)
{
	const char *arch, *id, *kernel;
	json_t *cpu, *rest;
	json_int_t n_cores, gib;
	json_error_t e;
	char hash[65];

	if (json_unpack_ex((json_t *)v, &e, JSON_STRICT, "{s:o,s:s,s:I,s:I,s:s,s:s}", "cpu", &cpu,
			   "arch", &arch, "cores", &n_cores, "memory_gib", &gib, "id", &id,
			   "kernel", &kernel) < 0 ||
	    !is_cpu(cpu) || !hardware_is_plain(arch) || !hardware_is_plain(kernel) || n_cores < 1 ||
	    gib < 0)
		return error_set(ERR_INPUT, "it describes no hardware");
	rest = json_pack("{s:O,s:s,s:I,s:I}", "cpu", cpu, "arch", arch, "cores", n_cores,
			 "memory_gib", gib);
	identify(rest, hash);
	json_decref(rest);
	return strcmp(hash, id) ? error_set(ERR_INPUT, "its hardware has another id") : 0;
}
