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

enum { DEPTH_MAX = 4096 };

struct proc {
	pid_t pid, parent;
	pid_t branch; /* the child of the root that it is, or is below; 0: it is not below the root */
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

static int by_pid(const void *a, const void *b)
{
	const struct proc *p = a, *q = b;

	return (p->pid > q->pid) - (p->pid < q->pid);
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
	if (t->n)
		qsort(t->v, t->n, sizeof *t->v, by_pid);
	return 0;
}

/* Climb from p to the root. A number that came again while we read may have closed a circle. */
static pid_t branch_of(const struct table *t, const struct proc *p, pid_t root)
{
	for (int depth = 0; p && depth < DEPTH_MAX; depth++) {
		if (p->parent == root)
			return p->pid;
		p = bsearch(&(struct proc){ .pid = p->parent }, t->v, t->n, sizeof *t->v, by_pid);
	}
	return 0;
}

static void table_mark(struct table *t, pid_t root)
{
	for (size_t i = 0; i < t->n; i++)
		t->v[i].branch = branch_of(t, &t->v[i], root);
}

static bool is_below(pid_t pid, pid_t root)
{
	for (int depth = 0; pid > 1 && depth < DEPTH_MAX; depth++) {
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
		if (t.v[i].branch)
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

/* The kernel tells the children of each thread, where it was built to. */
static bool list_told(struct children *out, size_t *cap)
{
	DIR *d = opendir("/proc/self/task");
	struct dirent *e;
	bool told = false;

	while (d && (e = readdir(d))) {
		char path[64];
		FILE *f;
		int pid;

		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		snprintf(path, sizeof path, "/proc/self/task/%.20s/children", e->d_name);
		f = fopen(path, "re");
		told |= f != NULL;
		while (f && fscanf(f, "%d", &pid) == 1) {
			ARRAY_GROW(out->v, out->n, *cap);
			out->v[out->n++] = pid;
		}
		if (f)
			fclose(f);
	}
	if (d)
		closedir(d);
	return told;
}

void children_list(struct children *out)
{
	struct table t = { 0 };
	size_t cap = 0;

	*out = (struct children){ 0 };
	if (list_told(out, &cap) || table_read(&t) < 0)
		return;
	for (size_t i = 0; i < t.n; i++) {
		if (t.v[i].parent != getpid())
			continue;
		ARRAY_GROW(out->v, out->n, cap);
		out->v[out->n++] = t.v[i].pid;
	}
	free(t.v);
}

void children_clear(struct children *c)
{
	free(c->v);
	*c = (struct children){ 0 };
}

static bool children_have(const struct children *c, pid_t pid)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i] == pid)
			return true;
	return false;
}

/* One pass: how many were there still. */
static int kill_pass(const struct children *before)
{
	struct table t = { 0 };
	int found = 0;

	if (table_read(&t) < 0)
		return 0;
	table_mark(&t, getpid());
	for (size_t i = 0; i < t.n; i++) {
		if (!t.v[i].branch || children_have(before, t.v[i].branch))
			continue;
		found++;
		signal_one(t.v[i].pid, getpid(), SIGKILL);
		if (t.v[i].parent == getpid())
			waitpid(t.v[i].pid, NULL, WNOHANG);
	}
	free(t.v);
	return found;
}

void family_kill_since(const struct children *before)
{
	struct timespec pause = { 0, 500000 };

	while (kill_pass(before)) {
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < 50000000)
			pause.tv_nsec *= 2;
	}
}
