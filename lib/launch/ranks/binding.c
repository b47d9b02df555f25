/* binding.c - divide cores. */
#define _GNU_SOURCE
#include "lib/launch/ranks/binding.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/deal.h"

int binding_threads(int threads, int ranks)
{
	int all = threads > 0 ? threads : deal_cores();

	return all > ranks ? all / ranks : 1;
}

/* Part `local` of `ranks` of them, of which there are no fewer. */
static void cut(const cpu_set_t *all, int local, int ranks, cpu_set_t *out)
{
	int n = CPU_COUNT(all), seen = 0;
	int from = (int)((long long)n * local / ranks);
	int to = (int)((long long)n * (local + 1) / ranks);

	CPU_ZERO(out);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, all))
			continue;
		if (seen >= from && seen < to)
			CPU_SET(cpu, out);
		seen++;
	}
}

bool binding_cores(const cpu_set_t *all, int local, int ranks, cpu_set_t *out)
{
	CPU_ZERO(out);
	if (ranks < 2 || CPU_COUNT(all) < ranks)
		return false;
	cut(all, local, ranks, out);
	return true;
}

bool binding_near(const cpu_set_t *all, const char *const *near, int local, int ranks,
		  cpu_set_t *out)
{
	int peers = 0, place = 0;
	cpu_set_t mine;

	if (!near || !binding_parse(near[local], &mine))
		return binding_cores(all, local, ranks, out);
	CPU_AND(&mine, &mine, all);
	if (!CPU_COUNT(&mine))
		return binding_cores(all, local, ranks, out);
	for (int i = 0; i < ranks; i++) {
		bool same = !strcmp(near[i], near[local]);

		peers += same;
		place += same && i < local;
	}
	if (CPU_COUNT(&mine) >= peers)
		cut(&mine, place, peers, out);
	else
		*out = mine;
	return true;
}

bool binding_parse(const char *text, cpu_set_t *out)
{
	CPU_ZERO(out);
	while (isdigit((unsigned char)*text)) {
		char *end;
		long first = strtol(text, &end, 10), last = first;

		if (*end == '-' && isdigit((unsigned char)end[1]))
			last = strtol(end + 1, &end, 10);
		if (last < first)
			return false;
		for (long cpu = first; cpu <= last && cpu < CPU_SETSIZE; cpu++)
			CPU_SET((int)cpu, out);
		text = *end == ',' ? end + 1 : end;
		if (*end == '\n' || !*end)
			return true;
	}
	return false;
}
