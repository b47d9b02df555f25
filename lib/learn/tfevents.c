/* tfevents.c - protobuf by hand: five fields are all that a scalar needs. */
#include "lib/learn/tfevents.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/crc32c.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"

/* Fields of Event, Summary and Summary.Value, each with its wire type. */
enum {
	EVENT_WALL_TIME = 1 << 3 | 1,
	EVENT_STEP = 2 << 3 | 0,
	EVENT_FILE_VERSION = 3 << 3 | 2,
	EVENT_SUMMARY = 5 << 3 | 2,
	SUMMARY_VALUE = 1 << 3 | 2,
	VALUE_TAG = 1 << 3 | 2,
	VALUE_SIMPLE = 2 << 3 | 5,
};

enum { DEPTH = 4 };

static void add_varint(struct buf *out, uint64_t v)
{
	for (; v > 127; v >>= 7)
		buf_addch(out, (char)(v | 128));
	buf_addch(out, (char)v);
}

/* The machines that mich runs on are little-endian, as the format is. */
static void add_bytes(struct buf *out, int field, const void *data, size_t n)
{
	add_varint(out, (uint64_t)field);
	add_varint(out, n);
	buf_add(out, data, n);
}

static uint32_t masked(const void *data, size_t n)
{
	uint32_t c = crc32c(0, data, n);

	return (c >> 15 | c << 17) + 0xa282ead8u;
}

static int write_record(struct tfevents *t, const struct buf *event)
{
	uint64_t n = event->len;
	uint32_t check = masked(&n, sizeof n);
	struct buf b = BUF_INIT;
	int rc;

	buf_add(&b, &n, sizeof n);
	buf_add(&b, &check, sizeof check);
	buf_add(&b, event->data, event->len);
	check = masked(event->data, event->len);
	buf_add(&b, &check, sizeof check);
	rc = file_write_fd(t->fd, b.data, b.len);
	buf_clear(&b);
	return rc ? error_wrap(rc, "cannot append to '%s'", t->path) : 0;
}

static void begin_event(struct buf *out, int64_t ms)
{
	double seconds = (double)ms / 1e3;

	buf_addch(out, EVENT_WALL_TIME);
	buf_add(out, &seconds, sizeof seconds);
}

int tfevents_create(const char *dir, int64_t started_ms, struct tfevents *t)
{
	static const char version[] = "brain.Event:2";
	struct buf event = BUF_INIT;
	int rc = file_make_dirs(dir);

	*t = (struct tfevents)TFEVENTS_INIT;
	if (rc)
		return rc;
	t->path = xasprintf("%s/events.out.tfevents.%010lld.mich", dir,
			    (long long)(started_ms / 1000));
	t->fd = open(t->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (t->fd < 0) {
		rc = error_errno("cannot write '%s'", t->path);
		tfevents_close(t);
		return rc;
	}
	begin_event(&event, started_ms);
	add_bytes(&event, EVENT_FILE_VERSION, version, sizeof version - 1);
	rc = write_record(t, &event);
	buf_clear(&event);
	return rc;
}

static void add_scalar(struct buf *summary, const char *tag, float v)
{
	struct buf b = BUF_INIT;

	add_bytes(&b, VALUE_TAG, tag, strlen(tag));
	buf_addch(&b, VALUE_SIMPLE);
	buf_add(&b, &v, sizeof v);
	add_bytes(summary, SUMMARY_VALUE, b.data, b.len);
	buf_clear(&b);
}

static void add_values(struct buf *summary, const char *group, const json_t *values, int depth)
{
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)values, name, v) {
		char *tag = group ? xasprintf("%s/%s", group, name) : xstrdup(name);

		for (char *s = tag; (s = strchr(s, '.'));)
			*s = '/';
		if (json_is_object(v) && depth < DEPTH)
			add_values(summary, tag, v, depth + 1);
		else if (json_is_number(v) && strcmp(tag, "step") && strcmp(tag, "steps") &&
			 strcmp(tag, "time_s"))
			add_scalar(summary, tag, (float)json_number_value(v));
		free(tag);
	}
}

int tfevents_add(struct tfevents *t, int64_t ms, int64_t step, const json_t *values)
{
	struct buf event = BUF_INIT, summary = BUF_INIT;
	int rc = 0;

	add_values(&summary, NULL, values, 0);
	if (summary.len) {
		begin_event(&event, ms);
		buf_addch(&event, EVENT_STEP);
		add_varint(&event, (uint64_t)step);
		add_bytes(&event, EVENT_SUMMARY, summary.data, summary.len);
		rc = write_record(t, &event);
	}
	buf_clear(&summary);
	buf_clear(&event);
	return rc;
}

static int convert_event(struct tfevents *t, int64_t started_ms, const json_t *v)
{
	double seconds = json_num(v, "time_s", 0);
	int64_t step = json_int(v, "step", t->lines);

	if (step < t->step)
		return 0;
	t->step = step;
	if (!(fabs(seconds) < 1e12))
		seconds = 0;
	return tfevents_add(t, started_ms + (int64_t)(seconds * 1e3), step, v);
}

static int convert_line(struct tfevents *t, int64_t started_ms, const char *line, size_t n)
{
	json_t *v = NULL;
	int rc = 0;

	t->lines++;
	if (json_parse(line, n, "an event", &v) < 0)
		error_clear();
	else if (json_is_object(v))
		rc = convert_event(t, started_ms, v);
	json_decref(v);
	return rc;
}

int tfevents_follow(struct tfevents *t, const char *data, size_t n, int64_t started_ms)
{
	int rc = 0;

	for (const char *s = data, *end = data + n; !rc && n && s < end;) {
		const char *nl = memchr(s, '\n', (size_t)(end - s)), *to = nl ? nl : end;

		if (to > s)
			rc = convert_line(t, started_ms, s, (size_t)(to - s));
		s = nl ? nl + 1 : end;
	}
	return rc;
}

int tfevents_convert(const char *data, size_t n, int64_t started_ms, const char *dir)
{
	struct tfevents t;
	int rc = tfevents_create(dir, started_ms, &t), closed;

	if (!rc)
		rc = tfevents_follow(&t, data, n, started_ms);
	closed = t.fd >= 0 && fsync(t.fd) < 0 ? error_errno("cannot write '%s'", t.path) : 0;
	tfevents_close(&t);
	return rc ? rc : closed;
}

void tfevents_close(struct tfevents *t)
{
	if (t->fd >= 0)
		close(t->fd);
	free(t->path);
	*t = (struct tfevents)TFEVENTS_INIT;
}
