/* silence.c - compare the ranks' last signs of life. */
#define _GNU_SOURCE
#include "lib/launch/ranks/silence.h"

#include <stdio.h>
#include <string.h>

static bool is_stopped(pid_t pid)
{
	char path[32], text[512];
	const char *end;
	FILE *f;
	size_t n;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	n = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	text[n] = '\0';
	end = strrchr(text, ')');
	return end && end[1] && (end[2] == 'T' || end[2] == 't');
}

static bool hangs_before(const struct rank *a, const struct rank *b)
{
	bool stopped;

	if (a->step != b->step)
		return a->step < b->step;
	stopped = is_stopped(a->pid);
	if (stopped != is_stopped(b->pid))
		return stopped;
	return a->alive_ms < b->alive_ms;
}

int silence_find(const struct rank *ranks, int n, int64_t silence_ms, int64_t now_ms)
{
	bool speaker = false, all = true;
	int found = -1;

	for (int i = 0; i < n; i++) {
		const struct rank *r = &ranks[i];
		bool silent = now_ms - r->alive_ms >= silence_ms;

		all = all && silent; /* the end of a rank is a sign of life too */
		if (r->ended || !silent)
			continue;
		speaker = speaker || r->speaks;
		if (found < 0 || hangs_before(r, &ranks[found]))
			found = i;
	}
	return all || speaker ? found : -1;
}

int silence_not_begun(const struct rank *ranks, int n, int64_t begin_ms, int64_t since_ms)
{
	int found = -1;

	for (int i = 0; i < n && since_ms >= begin_ms; i++)
		if (!ranks[i].ended && !ranks[i].ready &&
		    (found < 0 || (ranks[found].waits && !ranks[i].waits)))
			found = i;
	return found;
}
