/* binding.c - divide cores. */
#define _GNU_SOURCE
#include "lib/launch/binding.h"

#include <ctype.h>
#include <stdlib.h>

#include "lib/base/deal.h"

int binding_threads(int threads, int ranks)
{
	int all = threads > 0 ? threads : deal_cores();

	return all > ranks ? all / ranks : 1;
}

bool binding_cores(const cpu_set_t *all, int local, int ranks, cpu_set_t *out)
{
	int n = CPU_COUNT(all), from, to, seen = 0;

	CPU_ZERO(out);
	if (ranks < 2 || n < ranks)
		return false;
	from = (int)((long long)n * local / ranks);
	to = (int)((long long)n * (local + 1) / ranks);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, all))
			continue;
		if (seen >= from && seen < to)
			CPU_SET(cpu, out);
		seen++;
	}
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
