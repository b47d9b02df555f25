/* sid.c - walk /proc for one session. */
#define _GNU_SOURCE
#include "lib/launch/sid.h"

#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Its set of caught signals, bit n - 1 for signal n; 0 where it is gone. */
static uint64_t caught_by(pid_t pid)
{
	char path[32], line[256];
	uint64_t set = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof line, f))
		if (!strncmp(line, "SigCgt:", 7))
			set = strtoull(line + 7, NULL, 16);
	if (f)
		fclose(f);
	return set;
}

int sid_signal(pid_t leader, int sig)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	int sent = 0;

	while (d && (e = readdir(d))) {
		pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);

		if (!isdigit((unsigned char)e->d_name[0]) || getsid(pid) != leader)
			continue;
		if (caught_by(pid) >> (sig - 1) & 1)
			sent += kill(pid, sig) == 0;
	}
	if (d)
		closedir(d);
	return sent;
}
