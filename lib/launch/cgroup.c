/* cgroup.c - find where a memory group may be made, and make it. */
#define _GNU_SOURCE
#include "lib/launch/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NAME "mich-" /* and the number of the process that made it */

enum { PATH_BYTES = 512, CLIMB = 8 };

static int read_text(const char *dir, const char *name, char *out, size_t n)
{
	char path[PATH_BYTES + 64];
	ssize_t got;
	int fd;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	got = read(fd, out, n - 1);
	close(fd);
	if (got < 0)
		return -1;
	out[got] = '\0';
	return 0;
}

static int write_text(const char *dir, const char *name, const char *text)
{
	char path[PATH_BYTES + 64];
	ssize_t put;
	int fd;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	put = write(fd, text, strlen(text));
	close(fd);
	return put == (ssize_t)strlen(text) ? 0 : -1;
}

static int write_number(const char *dir, const char *name, int64_t value)
{
	char text[32];

	snprintf(text, sizeof text, "%" PRId64, value);
	return write_text(dir, name, text);
}

/* The value after a word at the start of a line, -1 when there is none. */
static int64_t read_field(const char *dir, const char *name, const char *word)
{
	char text[4096];
	size_t n = strlen(word);

	if (read_text(dir, name, text, sizeof text) < 0)
		return -1;
	for (char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, word, n) == 0 && line[n] == ' ')
			return strtoll(line + n, NULL, 10);
	}
	return -1;
}

/* Where the hierarchy is mounted: the first of that type (and with that option) in our mounts. */
static int find_mount(const char *type, const char *option, char out[PATH_BYTES])
{
	FILE *f = fopen("/proc/self/mounts", "re");
	char line[2048], dir[1024], kind[64], options[1024], probe[1100];
	int rc = -1;

	while (f && rc < 0 && fgets(line, sizeof line, f)) {
		if (sscanf(line, "%*s %1023s %63s %1023s", dir, kind, options) != 3)
			continue;
		snprintf(probe, sizeof probe, ",%s,", options);
		if (strcmp(kind, type) != 0 || (option && !strstr(probe, option)))
			continue;
		rc = snprintf(out, PATH_BYTES, "%s", dir) < PATH_BYTES ? 0 : -1;
	}
	if (f)
		fclose(f);
	return rc;
}

/* Our own group in the hierarchy whose line in /proc/self/cgroup has this controller. */
static int find_group(const char *controller, char out[PATH_BYTES])
{
	FILE *f = fopen("/proc/self/cgroup", "re");
	char line[2048], probe[300];
	int rc = -1;

	while (f && rc < 0 && fgets(line, sizeof line, f)) {
		char *list = strchr(line, ':'), *group = list ? strchr(list + 1, ':') : NULL;

		if (!group)
			continue;
		*group++ = '\0';
		group[strcspn(group, "\n")] = '\0';
		snprintf(probe, sizeof probe, ",%s,", list + 1);
		if (controller[0] ? strstr(probe, controller) == NULL : list[1] != '\0')
			continue;
		rc = snprintf(out, PATH_BYTES, "%s", group) < PATH_BYTES ? 0 : -1;
	}
	if (f)
		fclose(f);
	return rc;
}

static bool limit(const char *dir, bool v1, int64_t bytes)
{
	if (v1) {
		if (write_number(dir, "memory.limit_in_bytes", bytes) < 0)
			return false;
		write_number(dir, "memory.memsw.limit_in_bytes", bytes);
		return true;
	}
	if (write_number(dir, "memory.max", bytes) < 0)
		return false;
	write_text(dir, "memory.swap.max", "0");
	write_text(dir, "memory.oom.group", "1");
	return true;
}

/* Empty for long: nobody has just made it and is about to join it, in a PID namespace of his own. */
static bool is_left(int dir, const char *name)
{
	enum { SECONDS = 60 };
	struct stat st;
	int pid, end = 0;

	return sscanf(name, NAME "%d%n", &pid, &end) == 1 && pid > 0 && !name[end] &&
	       kill(pid, 0) < 0 && errno == ESRCH && fstatat(dir, name, &st, 0) == 0 &&
	       time(NULL) - st.st_mtime > SECONDS;
}

/* Remove what was left in dir by a mich that was killed with its guard; one that still holds processes stays. */
static void remove_left(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (is_left(dirfd(d), e->d_name))
			unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR);
	if (d)
		closedir(d);
}

/*
 * Below our own group first; a group of version 2 that holds processes cannot give its children a
 * controller, so then beside us, and so on up, as far as this user may write.
 */
static int open_at(struct cgroup *g, const char *mount, const char *group, int64_t bytes)
{
	char dir[PATH_BYTES];

	if (snprintf(dir, sizeof dir, "%s%s", mount, group) >= (int)sizeof dir - 40)
		return -1;
	if (access(dir, F_OK) < 0) /* the path is told from outside a container */
		snprintf(dir, sizeof dir, "%s", mount);
	for (int i = 0; i < CLIMB && strlen(dir) >= strlen(mount); i++) {
		snprintf(g->dir, sizeof g->dir, "%.460s/" NAME "%d", dir, (int)getpid());
		if (mkdir(g->dir, 0755) == 0) {
			remove_left(dir);
			if (limit(g->dir, g->v1, bytes))
				return 0;
			rmdir(g->dir);
		}
		*strrchr(dir, '/') = '\0';
	}
	g->dir[0] = '\0';
	return -1;
}

int cgroup_open(struct cgroup *g, int64_t memory_bytes)
{
	char mount[PATH_BYTES], group[PATH_BYTES];

	memset(g, 0, sizeof *g);
	if (find_mount("cgroup2", NULL, mount) == 0 && find_group("", group) == 0 &&
	    open_at(g, mount, group, memory_bytes) == 0)
		return 0;
	g->v1 = true;
	if (find_mount("cgroup", ",memory,", mount) == 0 && find_group(",memory,", group) == 0)
		return open_at(g, mount, group, memory_bytes);
	return -1;
}

int cgroup_join(const struct cgroup *g, pid_t pid)
{
	return write_number(g->dir, "cgroup.procs", pid);
}

bool cgroup_hit_limit(const struct cgroup *g)
{
	if (!g->dir[0])
		return false;
	return read_field(g->dir, g->v1 ? "memory.oom_control" : "memory.events", "oom_kill") > 0;
}

int64_t cgroup_peak_bytes(const struct cgroup *g)
{
	char text[64];

	if (!g->dir[0] || read_text(g->dir, g->v1 ? "memory.max_usage_in_bytes" : "memory.peak",
				    text, sizeof text) < 0)
		return 0;
	return strtoll(text, NULL, 10);
}

void cgroup_close(struct cgroup *g)
{
	struct timespec pause = { 0, 1000000 };

	for (int i = 0; g->dir[0] && i < 100 && rmdir(g->dir) < 0 && errno == EBUSY; i++)
		nanosleep(&pause, NULL);
	g->dir[0] = '\0';
}
