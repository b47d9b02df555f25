/* curve.c - MICH_EVENTS lines. */
#include "lib/learn/curve.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"

int curve_open(const char *path, struct curve *c)
{
	*c = (struct curve)CURVE_INIT;
	c->started_us = clock_mono_us();
	if (!path)
		return 0;
	c->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (c->fd < 0)
		return error_errno("cannot append to '%s'", path);
	c->path = xstrdup(path);
	return 0;
}

int curve_add(struct curve *c, int64_t step, const json_t *values)
{
	double seconds = (double)(clock_mono_us() - c->started_us) / 1e6;
	struct buf line = BUF_INIT;
	json_t *v;
	int rc;

	if (c->fd < 0)
		return 0;
	v = json_copy((json_t *)values);
	json_object_set_new(v, "step", json_integer(step));
	json_object_set_new(v, "time_s", json_number(round(seconds * 1e3) / 1e3));
	json_canonical(v, &line);
	buf_addch(&line, '\n');
	rc = file_write_fd(c->fd, line.data, line.len);
	if (rc)
		error_wrap(rc, "cannot append to '%s'", c->path);
	buf_clear(&line);
	json_decref(v);
	return rc;
}

int64_t curve_bytes(const struct curve *c)
{
	off_t end = c->fd < 0 ? 0 : lseek(c->fd, 0, SEEK_END);

	return end < 0 ? 0 : (int64_t)end;
}

int curve_resume(struct curve *c, int64_t bytes, double seconds)
{
	c->started_us -= (int64_t)(seconds * 1e6);
	if (c->fd < 0 || curve_bytes(c) <= bytes)
		return 0;
	if (ftruncate(c->fd, bytes) < 0)
		return error_errno("cannot cut '%s'", c->path);
	return 0;
}

void curve_close(struct curve *c)
{
	if (c->fd >= 0)
		close(c->fd);
	free(c->path);
	*c = (struct curve)CURVE_INIT;
}
