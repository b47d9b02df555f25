/* family.c - walk /proc from one process down. */
#define _GNU_SOURCE
#include "lib/launch/family.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/mem.h"

struct proc {
	pid_t pid, parent;
	bool below;
};

struct table {
	struct proc *v;
	size_t n, cap;
};

/* The parent of pid; 0 when there is no such process. */
static pid_t parent_of(pid_t pid)
{
	char path[32], text[512];
	const char *end;
	ssize_t n;
	int fd, parent;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof text - 1);
	close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	end = strrchr(text, ')'); /* a name may hold anything, parentheses too */
	if (!end || sscanf(end + 1, " %*c %d", &parent) != 1)
		return 0;
	return parent;
}

static int table_read(struct table *t)
{
	DIR *d = opendir("/proc");
	struct dirent *e;

	if (!d)
		return -1;
	while ((e = readdir(d))) {
		struct proc p = { 0 };

		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		p.pid = (pid_t)strtol(e->d_name, NULL, 10);
		p.parent = parent_of(p.pid);
		if (!p.parent)
			continue;
		ARRAY_GROW(t->v, t->n, t->cap);
		t->v[t->n++] = p;
	}
	closedir(d);
	return 0;
}

/* Mark what is below root: as often as the tree is deep, at most. */
static void table_mark(struct table *t, pid_t root)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < t->n; i++) {
			bool below = t->v[i].parent == root;

			if (t->v[i].below)
				continue;
			for (size_t j = 0; j < t->n && !below; j++)
				below = t->v[j].below && t->v[j].pid == t->v[i].parent;
			t->v[i].below = below;
			more |= below;
		}
	}
}

static bool is_below(pid_t pid, pid_t root)
{
	for (int depth = 0; pid > 1 && depth < 4096; depth++) {
		pid = parent_of(pid);
		if (pid == root)
			return true;
	}
	return false;
}

static bool signal_one(pid_t pid, pid_t root, int sig)
{
	bool sent = false;
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd < 0)
		return errno == ENOSYS && is_below(pid, root) && kill(pid, sig) == 0;
	if (is_below(pid, root))
		sent = syscall(SYS_pidfd_send_signal, fd, sig, NULL, 0) == 0;
	close(fd);
	return sent;
}

int family_signal(pid_t root, int sig)
{
	struct table t = { 0 };
	int sent = 0;

	if (table_read(&t) < 0)
		return -1;
	table_mark(&t, root);
	for (size_t i = 0; i < t.n; i++)
		if (t.v[i].below)
			sent += signal_one(t.v[i].pid, root, sig);
	free(t.v);
	return sent;
}

/* Reap what has ended; false when no child is left at all. */
static bool reap(pid_t child, int *status_out)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == child)
			*status_out = status;
	return pid == 0 || errno != ECHILD;
}

void family_kill(pid_t child, int *status_out)
{
	struct timespec pause = { 0, 500000 };

	while (reap(child, status_out)) {
		family_signal(getpid(), SIGKILL);
		if (!reap(child, status_out))
			return;
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < 50000000)
			pause.tv_nsec *= 2;
	}
}
