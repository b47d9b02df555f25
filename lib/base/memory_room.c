/* memory_room.c - /proc/meminfo and the control groups. */
#include "lib/base/memory_room.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH = 4096, TEXT = 8192 };

static bool read_text(const char *path, char *text)
{
	FILE *in = fopen(path, "re");
	size_t n;

	if (!in)
		return false;
	n = fread(text, 1, TEXT - 1, in);
	fclose(in);
	text[n] = 0;
	return n > 0;
}

/* The number behind a line's first word, 0 where there is none. */
static uint64_t number_of(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, word, n))
			return strtoull(line + n, NULL, 10);
	}
	return 0;
}

static uint64_t machine_room(void)
{
	char text[TEXT];

	return read_text("/proc/meminfo", text) ? number_of(text, "MemAvailable:") * 1024 : 0;
}

/* What the group at dir leaves; all where it has no limit. */
static uint64_t group_room(const char *dir)
{
	char path[PATH + 32], text[TEXT];
	uint64_t most, used;

	snprintf(path, sizeof path, "%s/memory.max", dir);
	if (!read_text(path, text) || !strncmp(text, "max", 3))
		return UINT64_MAX;
	most = strtoull(text, NULL, 10);
	snprintf(path, sizeof path, "%s/memory.current", dir);
	used = read_text(path, text) ? strtoull(text, NULL, 10) : 0;
	snprintf(path, sizeof path, "%s/memory.stat", dir);
	if (read_text(path, text)) {
		uint64_t files =
			number_of(text, "inactive_file ") + number_of(text, "active_file ");

		used -= files < used ? files : used;
	}
	return used < most ? most - used : 0;
}

uint64_t memory_room(void)
{
	static const char top[] = "/sys/fs/cgroup";
	char text[TEXT], dir[PATH];
	uint64_t room = machine_room(), left;
	const char *at;

	if (!read_text("/proc/self/cgroup", text) || !(at = strstr(text, "0::/")))
		return room;
	snprintf(dir, sizeof dir, "%s/%.*s", top, (int)strcspn(at + 4, "\n"), at + 4);
	for (; strlen(dir) >= sizeof top - 1; *strrchr(dir, '/') = 0) {
		left = group_room(dir);
		room = left < room ? left : room;
	}
	return room;
}
