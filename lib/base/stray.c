/* stray.c - read /proc/PID/environ and /proc/PID/fd, signal, look again. */
#define _GNU_SOURCE
#include "lib/base/stray.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/mem.h"

enum { READ_BYTES = 1 << 16, ENVIRON_MOST = 4 << 20, PAUSE_MS = 20, DOUBTS = 10 };

struct mark {
	const char *name, *tail;
};

/* One variable, NAME=VALUE, of n bytes. */
static bool is_marked(const struct mark *m, const char *text, size_t n)
{
	size_t name = strlen(m->name), tail = strlen(m->tail);

	return n > name + tail && !memcmp(text, m->name, name) && text[name] == '=' &&
	       !memcmp(text + n - tail, m->tail, tail);
}

static void read_file(const char *pid, const char *name, struct buf *out)
{
	char *path = xasprintf("/proc/%s/%s", pid, name), block[READ_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	while (fd >= 0 && out->len < ENVIRON_MOST && (n = read(fd, block, sizeof block)) > 0)
		buf_add(out, block, (size_t)n);
	if (fd >= 0)
		close(fd);
	free(path);
}

/* Between two programs, in execve: it has neither environment nor words yet, and is neither dead nor the kernel's. */
static bool is_between(const char *pid)
{
	char *exe = xasprintf("/proc/%s/exe", pid), target[2];
	struct buf words = BUF_INIT;
	bool between;

	read_file(pid, "cmdline", &words);
	between = !words.len && readlink(exe, target, sizeof target) > 0;
	buf_clear(&words);
	free(exe);
	return between;
}

/* doubt: set where that cannot be told yet. */
static bool belongs(const struct mark *m, const char *pid, bool *doubt)
{
	struct buf b = BUF_INIT;
	bool found = false;

	read_file(pid, "environ", &b);
	if (!b.len && is_between(pid))
		*doubt = true;
	for (size_t at = 0, n; at < b.len && !found; at += n + 1) {
		n = strnlen(b.data + at, b.len - at);
		found = is_marked(m, b.data + at, n);
	}
	buf_clear(&b);
	return found;
}

/* The number may have become another's meanwhile: it is looked at again once it is held. */
static bool kill_one(const struct mark *m, const char *pid, bool *doubt)
{
	int fd = (int)syscall(SYS_pidfd_open, (pid_t)strtol(pid, NULL, 10), 0);
	bool sent = fd >= 0 && belongs(m, pid, doubt) &&
		    syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0) == 0;

	if (fd >= 0)
		close(fd);
	return sent;
}

/* One pass: how many there were. doubt: set where there may be others. */
static int pass(const struct mark *m, bool *doubt)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	int found = 0;

	while (d && (e = readdir(d)))
		if (isdigit((unsigned char)e->d_name[0]) &&
		    strtol(e->d_name, NULL, 10) != getpid() && belongs(m, e->d_name, doubt))
			found += kill_one(m, e->d_name, doubt);
	if (d)
		closedir(d);
	return found;
}

int stray_kill(const char *name, const char *tail, int64_t wait_ms)
{
	const struct mark m = { name, tail };
	int64_t end = clock_mono_us() + wait_ms * 1000;
	int most = 0, now, doubts = 0;
	bool doubt = false;

	while ((now = pass(&m, &doubt)) > 0 || (doubt && doubts++ < DOUBTS)) {
		most = now > most ? now : most;
		if (now && clock_mono_us() >= end)
			return -1;
		doubt = false;
		poll(NULL, 0, PAUSE_MS);
	}
	return most;
}

bool stray_opens(const char *pid, const struct stat *file)
{
	char *dir = xasprintf("/proc/%s/fd", pid);
	DIR *d = opendir(dir);
	struct dirent *e;
	struct stat st;
	bool found = false;

	while (d && !found && (e = readdir(d)))
		found = fstatat(dirfd(d), e->d_name, &st, 0) == 0 && st.st_dev == file->st_dev &&
			st.st_ino == file->st_ino;
	if (d)
		closedir(d);
	free(dir);
	return found;
}

int stray_wake(const char *path)
{
	struct stat file;
	DIR *d = stat(path, &file) == 0 ? opendir("/proc") : NULL;
	struct dirent *e;
	int woken = 0;

	while (d && (e = readdir(d)))
		if (isdigit((unsigned char)e->d_name[0]) && stray_opens(e->d_name, &file))
			woken += kill((pid_t)strtol(e->d_name, NULL, 10), SIGCONT) == 0;
	if (d)
		closedir(d);
	return woken;
}
