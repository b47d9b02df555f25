/* hardware.c - from /proc and the scheduler. */
#define _GNU_SOURCE
#include "lib/base/hardware.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

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

json_t *hardware_json(void)
{
	struct utsname u = { 0 };
	char *cpu, hash[65];
	json_t *o;

	uname(&u);
	cpu = cpu_name(u.machine);
	o = json_pack("{s:o,s:s,s:i,s:I}", "cpu", json_bytes(cpu), "arch", u.machine, "cores",
		      cores(), "memory_gib", (json_int_t)memory_gib());
	json_hash(o, hash);
	hash[HARDWARE_ID_HEX] = '\0';
	json_object_set_new(o, "id", json_string(hash));
	json_object_set_new(o, "kernel", json_string(u.release));
	free(cpu);
	return o;
}
