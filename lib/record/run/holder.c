/* holder.c - what /proc says of a process. */
#define _GNU_SOURCE
#include "lib/record/run/holder.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"

/* Of /proc/PID, whole; empty where there is no such process. */
static struct buf read_of(long pid, const char *name)
{
	char *path = xasprintf("/proc/%ld/%s", pid, name);
	struct buf b = BUF_INIT;

	if (file_read(path, &b) < 0)
		error_clear();
	free(path);
	return b;
}

/* Field 22 of its stat, behind a name that may hold blanks; a dead one that nobody has reaped is gone. */
unsigned long long holder_start(long pid)
{
	struct buf b = read_of(pid, "stat");
	const char *at = b.len ? strrchr(b.data, ')') : NULL;
	unsigned long long start = 0;

	if (at && at[1] == ' ' && at[2] != 'Z' && at[2] != 'X') {
		for (int field = 2; at && field < 22; field++)
			at = strchr(at + 1, ' ');
		start = at ? strtoull(at, NULL, 10) : 0;
	}
	buf_clear(&b);
	return start;
}

/* Was it sent a SIGKILL that it has not come to yet? */
static bool is_being_killed(long pid)
{
	static const char *const sets[] = { "\nSigPnd:", "\nShdPnd:" };
	struct buf b = read_of(pid, "status");
	bool is = false;

	for (size_t i = 0; i < 2 && b.len; i++) {
		const char *at = strstr(b.data, sets[i]);

		is |= at && strtoull(at + strlen(sets[i]), NULL, 16) >> (SIGKILL - 1) & 1;
	}
	buf_clear(&b);
	return is;
}

/* The kernel that holds the lock: locks are true between its processes only. Caller frees. */
static char *boot_id(void)
{
	struct buf b = BUF_INIT;

	if (file_read("/proc/sys/kernel/random/boot_id", &b) < 0)
		error_clear();
	b.data[strcspn(b.data, "\n")] = '\0';
	return buf_take(&b);
}

static void pid_space(char *out, size_t size)
{
	ssize_t n = readlink("/proc/self/ns/pid", out, size - 1);

	out[n > 0 ? n : 0] = '\0';
}

void holder_write(json_t *v)
{
	char *boot = boot_id(), space[64];

	pid_space(space, sizeof space);
	json_object_set_new(v, "pid", json_integer(getpid()));
	json_object_set_new(v, "start", json_integer((json_int_t)holder_start(getpid())));
	json_object_set_new(v, "boot", json_string(boot));
	json_object_set_new(v, "pids", json_string(space));
	free(boot);
}

bool holder_same_boot(const json_t *v)
{
	char *boot = boot_id();
	bool same = !strcmp(json_str(v, "boot", ""), boot);

	free(boot);
	return same;
}

bool holder_is_gone(const json_t *v)
{
	long pid = (long)json_int(v, "pid", 0);
	char space[64];

	pid_space(space, sizeof space);
	if (pid <= 0 || !*space || strcmp(json_str(v, "pids", ""), space) || !holder_same_boot(v))
		return false;
	return holder_start(pid) != (unsigned long long)json_int(v, "start", 0) ||
	       is_being_killed(pid);
}
