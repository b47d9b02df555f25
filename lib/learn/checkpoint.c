/* checkpoint.c - "michckp1", the length of the head, the head, the parts, CRC32C; little-endian. */
#include "lib/learn/checkpoint.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/crc32c.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"

enum {
	KEEP_US = 10 * 1000 * 1000,
	COST = 50, /* keeping takes a fiftieth of the time at most */
};

static const char MAGIC[8] = "michckp1";

void checkpoint_add(struct checkpoint *c, const char *name, const void *data, size_t bytes)
{
	if (c->n < CHECKPOINT_PARTS)
		c->parts[c->n++] = (struct checkpoint_part){ name, data, bytes };
}

void checkpoint_add_curve(struct checkpoint *c, const struct curve *curve)
{
	double seconds = (double)(clock_mono_us() - curve->started_us) / 1e6;

	json_object_set_new(c->state, "events", json_integer(curve_bytes(curve)));
	json_object_set_new(c->state, "seconds", json_number(seconds));
}

static json_t *head_of(const struct checkpoint *c)
{
	json_t *parts = json_array();

	for (size_t i = 0; i < c->n; i++)
		json_array_append_new(parts, json_pack("{s:s,s:I}", "name", c->parts[i].name,
						       "bytes", (json_int_t)c->parts[i].bytes));
	return json_pack("{s:O,s:o}", "state", c->state, "parts", parts);
}

static int put(int fd, const void *data, size_t n, uint32_t *check)
{
	*check = crc32c(*check, data, n);
	return file_write_fd(fd, data, n);
}

static int write_all(int fd, const struct checkpoint *c)
{
	json_t *head = head_of(c);
	struct buf text = BUF_INIT;
	uint32_t check = 0;
	uint64_t n;
	int rc;

	json_canonical(head, &text);
	n = text.len;
	rc = put(fd, MAGIC, sizeof MAGIC, &check);
	if (!rc)
		rc = put(fd, &n, sizeof n, &check);
	if (!rc)
		rc = put(fd, text.data, text.len, &check);
	for (size_t i = 0; i < c->n && !rc; i++)
		rc = put(fd, c->parts[i].data, c->parts[i].bytes, &check);
	if (!rc)
		rc = file_write_fd(fd, &check, sizeof check);
	buf_clear(&text);
	json_decref(head);
	return rc;
}

int checkpoint_write(const char *dir, const struct checkpoint *c)
{
	char *path = path_join(dir, "checkpoint");
	struct file_whole w;
	int rc = file_make_dirs(dir);

	if (!rc)
		rc = file_whole_open(path, &w);
	if (!rc)
		rc = file_whole_end(&w, write_all(w.fd, c));
	if (!rc)
		rc = file_sync_dir(dir);
	free(path);
	return rc ? error_wrap(rc, "cannot keep a checkpoint") : 0;
}

static int corrupt(const char *why)
{
	return error_set(ERR_CORRUPT, "the checkpoint cannot be used: %s", why);
}

static int parse_parts(const json_t *head, const char *data, size_t left, struct checkpoint *out)
{
	const json_t *list = json_object_get(head, "parts"), *part;
	size_t i;

	if (!json_is_object(json_object_get(head, "state")) || !json_is_array(list) ||
	    json_array_size(list) > CHECKPOINT_PARTS)
		return corrupt("its head is not one");
	out->head = json_incref((json_t *)head); /* names live in it */
	out->state = json_incref(json_object_get(head, "state"));
	json_array_foreach((json_t *)list, i, part) {
		const char *name = json_str(part, "name", NULL);
		int64_t bytes = json_int(part, "bytes", -1);

		if (!name || bytes < 0 || (uint64_t)bytes > left)
			return corrupt("its parts are not whole");
		checkpoint_add(out, name, data, (size_t)bytes);
		data += bytes;
		left -= (size_t)bytes;
	}
	return left ? corrupt("bytes are left over") : 0;
}

int checkpoint_parse(const char *data, size_t n, struct checkpoint *out)
{
	enum { FRONT = sizeof MAGIC + sizeof(uint64_t) };
	json_t *head = NULL;
	uint64_t len;
	uint32_t check;
	int rc;

	if (n < FRONT + sizeof check || memcmp(data, MAGIC, sizeof MAGIC))
		return corrupt("it is none");
	memcpy(&len, data + sizeof MAGIC, sizeof len);
	n -= sizeof check;
	memcpy(&check, data + n, sizeof check);
	if (len > n - FRONT || check != crc32c(0, data, n))
		return corrupt("its bytes are not what was written");
	rc = json_parse(data + FRONT, len, "the head of the checkpoint", &head);
	if (!rc)
		rc = parse_parts(head, data + FRONT + len, n - FRONT - len, out);
	json_decref(head);
	return rc;
}

int checkpoint_read(const char *dir, struct checkpoint *out)
{
	char *path = path_join(dir, "checkpoint");
	int rc = file_read(path, &out->bytes);

	if (!rc)
		rc = checkpoint_parse(out->bytes.data, out->bytes.len, out);
	if (rc)
		checkpoint_clear(out);
	free(path);
	return rc;
}

int checkpoint_take(const struct checkpoint *c, const char *name, void *to, size_t bytes)
{
	for (size_t i = 0; i < c->n; i++) {
		if (strcmp(c->parts[i].name, name))
			continue;
		if (c->parts[i].bytes != bytes)
			break;
		if (bytes)
			memcpy(to, c->parts[i].data, bytes);
		return 0;
	}
	return error_set(ERR_CORRUPT,
			 "the checkpoint cannot be used: its '%s' is missing or another", name);
}

void checkpoint_clear(struct checkpoint *c)
{
	json_decref(c->state);
	json_decref(c->head);
	buf_clear(&c->bytes);
	*c = (struct checkpoint)CHECKPOINT_INIT;
}

static void pass_over(const struct checkpoint_search *s, const char *text)
{
	if (s->on_warning)
		s->on_warning(s->warning_payload, text);
}

static int read_own(const struct checkpoint_search *s, struct checkpoint *out)
{
	int rc = checkpoint_read(s->dir, out);

	if (rc == ERR_NOT_FOUND || rc == ERR_CORRUPT) {
		if (rc == ERR_CORRUPT)
			pass_over(s, error_text());
		error_clear();
		return 0;
	}
	if (rc || !strcmp(json_str(out->state, "of", ""), s->of))
		return rc;
	pass_over(s, "the checkpoint is of another training: this one starts from the beginning");
	checkpoint_clear(out);
	return 0;
}

/* The same one in all ranks, or in none: out->state is NULL then. */
static int find(const struct checkpoint_search *s, struct checkpoint *out)
{
	struct buf bytes = BUF_INIT;
	uint64_t n;
	int rc = s->first ? read_own(s, out) : 0;

	n = out->bytes.len;
	if (rc || (rc = s->share(s->run, &n, sizeof n)) || !n)
		return rc;
	if (s->first)
		return s->share(s->run, out->bytes.data, n);
	buf_grow(&bytes, n);
	bytes.len = n;
	if (!(rc = s->share(s->run, bytes.data, n)))
		rc = checkpoint_parse(bytes.data, bytes.len, out);
	out->bytes = bytes; /* which its parts point into */
	return rc;
}

int checkpoint_take_up(const struct checkpoint_search *s)
{
	struct checkpoint c = CHECKPOINT_INIT;
	int rc = find(s, &c);

	if (!rc && c.state)
		rc = s->take(s->run, &c);
	if (!rc && c.state)
		rc = curve_resume(s->curve, json_int(c.state, "events", 0),
				  json_num(c.state, "seconds", 0));
	else if (!rc && s->again) /* what was told before is told again */
		rc = curve_resume(s->curve, 0, 0);
	checkpoint_clear(&c);
	return rc;
}

void checkpoint_pace_begin(struct checkpoint_pace *p, int64_t steps)
{
	*p = (struct checkpoint_pace){ .steps = steps,
				       .kept_us = clock_mono_us(),
				       .after_us = KEEP_US };
}

bool checkpoint_pace_due(const struct checkpoint_pace *p, int64_t step)
{
	if (p->steps)
		return step % p->steps == 0;
	return clock_mono_us() - p->kept_us >= p->after_us;
}

void checkpoint_pace_kept(struct checkpoint_pace *p, int64_t began_us)
{
	int64_t took;

	p->kept_us = clock_mono_us();
	took = p->kept_us - began_us;
	p->after_us = took * COST > KEEP_US ? took * COST : KEEP_US;
}
