/* isolate.c - unshare, bind, bring up lo, drop capabilities. */
#define _GNU_SOURCE
#include "lib/launch/isolate.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"

static int write_proc(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	close(fd);
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

/* A user namespace in which we are who we were. */
static int enter_user(int flags)
{
	char uids[64], gids[64];

	snprintf(uids, sizeof uids, "%u %u 1", geteuid(), geteuid());
	snprintf(gids, sizeof gids, "%u %u 1", getegid(), getegid());
	if (unshare(CLONE_NEWUSER | flags) < 0)
		return -1;
	write_proc("/proc/self/setgroups", "deny");
	if (write_proc("/proc/self/uid_map", uids) < 0 ||
	    write_proc("/proc/self/gid_map", gids) < 0)
		return -1;
	return 0;
}

static int lo_up(void)
{
	struct ifreq req = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int rc = -1;

	if (fd < 0)
		return error_errno("cannot open a socket to bring up lo");
	if (ioctl(fd, SIOCGIFFLAGS, &req) == 0) {
		req.ifr_flags |= IFF_UP | IFF_RUNNING;
		rc = ioctl(fd, SIOCSIFFLAGS, &req);
	}
	if (rc < 0)
		rc = error_errno("cannot bring up lo");
	close(fd);
	return rc;
}

/* What a remount must repeat, or it would ask to take it away. */
static unsigned long kept_flags(const char *path)
{
	static const struct {
		unsigned long of_fs, of_mount;
	} pairs[] = { { ST_NOSUID, MS_NOSUID },		{ ST_NODEV, MS_NODEV },
		      { ST_NOEXEC, MS_NOEXEC },		{ ST_NOATIME, MS_NOATIME },
		      { ST_NODIRATIME, MS_NODIRATIME }, { ST_RELATIME, MS_RELATIME } };
	struct statvfs st;
	unsigned long flags = 0;

	if (statvfs(path, &st) < 0)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		if (st.f_flag & pairs[i].of_fs)
			flags |= pairs[i].of_mount;
	return flags;
}

static int set_access(const char *path, bool writable)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	unsigned long flags = MS_REMOUNT | MS_BIND | (writable ? 0 : MS_RDONLY);

	if (writable)
		attr = (struct mount_attr){ .attr_clr = MOUNT_ATTR_RDONLY };
	if (syscall(SYS_mount_setattr, AT_FDCWD, path, AT_RECURSIVE, &attr, sizeof attr) == 0)
		return 0;
	if (errno != ENOSYS)
		return -1;
	return mount(NULL, path, NULL, flags | kept_flags(path), NULL);
}

static int bind_one(const struct process_bind *b)
{
	if (mount(b->from, b->to, NULL, MS_BIND | MS_REC, NULL) < 0)
		return error_errno("cannot bind '%s' to '%s'", b->from, b->to);
	if (set_access(b->to, b->writable) < 0)
		return error_errno("cannot make '%s' %s", b->to,
				   b->writable ? "writable" : "read-only");
	return 0;
}

/*
 * Whoever may mount could make the binds writable again, and whoever may trace a process outside
 * could go through its /proc/PID/root. Both end here, in the bounding set too, so no program of
 * root's gets them back by exec.
 */
static int drop_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2];
	static const int gone[] = { CAP_SYS_ADMIN, CAP_SYS_PTRACE };

	if (syscall(SYS_capget, &head, caps) < 0)
		return error_errno("cannot read capabilities");
	for (size_t i = 0; i < ARRAY_LEN(gone); i++) {
		__u32 bit = ~(1u << gone[i]);

		if (prctl(PR_CAPBSET_DROP, gone[i], 0, 0, 0) < 0)
			return error_errno("cannot drop a capability");
		caps[0].effective &= bit;
		caps[0].permitted &= bit;
		caps[0].inheritable &= bit;
	}
	if (syscall(SYS_capset, &head, caps) < 0)
		return error_errno("cannot drop capabilities");
	return 0;
}

static int refuse(bool no_network)
{
	int rc = error_set(ERR_INPUT, "cannot give the program %s: %s",
			   no_network ? "a network of its own" : "read-only inputs",
			   strerror(errno));

	return error_hint(
		rc, no_network ? "run as root or allow user namespaces, or drop 'network = no'"
			       : "run as root or allow user namespaces");
}

int isolate_self(const struct process_bind *binds, size_t n_binds, bool no_network)
{
	int flags = (n_binds ? CLONE_NEWNS : 0) | (no_network ? CLONE_NEWNET : 0);
	int rc;

	if (!flags)
		return 0;
	if (unshare(flags) < 0 && enter_user(flags) < 0)
		return refuse(no_network);
	if (n_binds && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return refuse(false);
	for (size_t i = 0; i < n_binds; i++)
		if ((rc = bind_one(&binds[i])) < 0)
			return rc;
	if (no_network && (rc = lo_up()) < 0)
		return rc;
	return drop_capabilities();
}

static bool try_bind(void)
{
	static const struct process_bind null = { .from = "/dev/null", .to = "/dev/null" };
	pid_t pid = fork();
	int status = -1;

	if (pid == 0)
		_exit(isolate_self(&null, 1, false) < 0);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid > 0 && status == 0;
}

bool process_can_bind(void)
{
	static int known; /* 0: not tried; 1: yes; -1: no */

	if (!known)
		known = try_bind() ? 1 : -1;
	return known > 0;
}
