/* ctl.c - a rank's side of the talk with its launcher. */
#define _GNU_SOURCE
#include "lib/base/ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"

int ctl_open(struct ctl *c)
{
	const char *s = getenv("MICH_CTL_FD");
	char *end;
	long fd;

	*c = (struct ctl){ .fd = -1 };
	if (!s || !*s)
		return 0;
	errno = 0;
	fd = strtol(s, &end, 10);
	if (errno || *end || fd < 0 || fd > 1 << 20 || fcntl((int)fd, F_GETFD) < 0)
		return error_set(ERR_INPUT, "MICH_CTL_FD is '%s', which is no open descriptor", s);
	fcntl((int)fd, F_SETFD, FD_CLOEXEC);
	c->fd = (int)fd;
	return 0;
}

void ctl_close(struct ctl *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

static void say(struct ctl *c, enum ctl_kind kind, const void *data, size_t n)
{
	char packet[1 + sizeof(int64_t)] = { (char)kind };

	if (c->fd < 0)
		return;
	if (n)
		memcpy(packet + 1, data, n);
	send(c->fd, packet, 1 + n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void ctl_ready(struct ctl *c)
{
	say(c, CTL_READY, NULL, 0);
}

void ctl_step(struct ctl *c, int64_t step)
{
	say(c, CTL_STEP, &step, sizeof step);
}

void ctl_beat(struct ctl *c)
{
	say(c, CTL_BEAT, NULL, 0);
}

/* One packet, if there is one: its bytes, 0 when the launcher is gone, negative when none waits. */
static ssize_t hear(struct ctl *c, char *packet, size_t size)
{
	ssize_t n;

	do
		n = recv(c->fd, packet, size, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n == 0 || (n > 0 && packet[0] == CTL_ABORT) || (n < 0 && errno != EAGAIN))
		c->aborted = true;
	return n;
}

bool ctl_aborted(struct ctl *c)
{
	char kind = 0;

	if (c->fd >= 0 && !c->aborted && recv(c->fd, &kind, 1, MSG_DONTWAIT | MSG_PEEK) >= 0 &&
	    kind != CTL_ID)
		hear(c, &kind, 1);
	return c->aborted;
}

static int receive_id(struct ctl *c, void *id, size_t n, int64_t timeout_ms)
{
	int64_t end_ms = clock_mono_us() / 1000 + timeout_ms;
	char packet[1 + CTL_ID_BYTES];

	while (!c->aborted) {
		struct pollfd p = { .fd = c->fd, .events = POLLIN };
		int64_t left = end_ms - clock_mono_us() / 1000;
		ssize_t got;

		if (left <= 0)
			return error_set(ERR_TIMEOUT, "rank 0 told nothing within %lld s",
					 (long long)timeout_ms / 1000);
		if (poll(&p, 1, left > 1000 ? 1000 : (int)left) <= 0)
			continue;
		got = hear(c, packet, sizeof packet);
		if (got <= 0 || packet[0] != CTL_ID)
			continue;
		if ((size_t)got != n + 1)
			return error_set(ERR_FAIL, "rank 0 told %zd bytes, want %zu", got - 1, n);
		memcpy(id, packet + 1, n);
		return 0;
	}
	return error_set(ERR_FAIL, "the run was stopped: another rank has failed");
}

int ctl_share_id(struct ctl *c, int rank, void *id, size_t n, int64_t timeout_ms)
{
	char packet[1 + CTL_ID_BYTES] = { CTL_ID };

	if (c->fd < 0)
		return 0;
	if (!n || n > CTL_ID_BYTES)
		return error_set(ERR_INPUT, "%zu bytes are too many to tell every rank", n);
	if (rank != 0)
		return receive_id(c, id, n, timeout_ms);
	memcpy(packet + 1, id, n);
	if (send(c->fd, packet, n + 1, MSG_NOSIGNAL) < 0)
		return error_errno("cannot tell the launcher what the ranks must know");
	return 0;
}
