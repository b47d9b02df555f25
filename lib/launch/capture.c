/* capture.c - run a helper program for what it prints. */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/launch/running.h"

enum { CAPTURE_BYTES = 16 << 20, SAID_BYTES = 2048 };

/* Put the end of what a failed helper said on stderr behind the reason. */
static int add_said(int rc, int fd)
{
	char said[SAID_BYTES + 1];
	off_t size = lseek(fd, 0, SEEK_END);
	ssize_t n = pread(fd, said, SAID_BYTES, size > SAID_BYTES ? size - SAID_BYTES : 0);

	while (n > 0 && said[n - 1] == '\n')
		n--;
	if (n <= 0)
		return rc;
	said[n] = '\0';
	return error_set(rc, "%s: %s", error_text(), said);
}

static int capture(const char *const *argv, int input, int64_t time_limit_ms, struct buf *out)
{
	struct process_plan plan = { .argv = argv, .input = input, .time_limit_ms = time_limit_ms };
	struct process_result result;
	struct running r;
	int rc;

	running_init(&r, &plan, &result);
	r.sink.capture = out;
	r.sink.capture_max = CAPTURE_BYTES;
	r.wires.stderr_fd = memfd_create("stderr", MFD_CLOEXEC);
	rc = running_go(&r);
	if (rc == ERR_STEP && r.wires.stderr_fd >= 0)
		rc = add_said(rc, r.wires.stderr_fd);
	sink_close(&r.sink);
	if (r.wires.stderr_fd >= 0)
		close(r.wires.stderr_fd);
	return rc;
}

int process_capture(const char *const *argv, int64_t time_limit_ms, struct buf *out)
{
	return capture(argv, 0, time_limit_ms, out);
}

int process_feed(const char *const *argv, const void *data, size_t n, int64_t time_limit_ms,
		 struct buf *out)
{
	int fd = memfd_create("stdin", MFD_CLOEXEC), rc = 0;

	if (fd < 0)
		return error_errno("cannot keep what '%s' shall read", argv[0]);
	rc = file_write_fd(fd, data, n);
	if (!rc && lseek(fd, 0, SEEK_SET) < 0)
		rc = error_errno("cannot rewind what '%s' shall read", argv[0]);
	if (!rc)
		rc = capture(argv, fd, time_limit_ms, out);
	close(fd);
	return rc;
}
