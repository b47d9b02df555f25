/* accesslog.c - a request as a line. */
#define _GNU_SOURCE
#include "lib/serve/log/accesslog.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/frame.h"
#include "lib/base/mem.h"
#include "lib/base/utf8.h"
#include "lib/model/rows/jsonrows.h"
#include "lib/serve/fleet.h"
#include "lib/serve/log/share.h"
#include "lib/serve/log/spool.h"

enum {
	WAITING_BYTES = 4 << 20,
	PATH_BYTES = 256, /* of a path that is logged */
};

struct accesslog {
	struct spool *spool;
	struct share share;
	char *path; /* NULL: stderr */
	int fd;
};

static int open_file(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
}

/* A file that was removed gives way to a new one of its name. */
static void follow_path(struct accesslog *l)
{
	struct stat st;
	int fd;

	if (!l->path || (fstat(l->fd, &st) == 0 && st.st_nlink))
		return;
	fd = open_file(l->path);
	if (fd < 0)
		return; /* until there is a folder for it */
	close(l->fd);
	l->fd = fd;
}

static bool write_out(void *payload, const char *data, size_t n)
{
	struct accesslog *l = payload;

	follow_path(l);
	return file_write_fd(l->fd, data, n) == 0;
}

int accesslog_open(const char *path, double share, struct accesslog **out)
{
	struct accesslog *l = xcalloc(1, sizeof *l);
	int rc = 0;

	share_init(&l->share, share);
	l->path = strcmp(path, "-") ? xstrdup(path) : NULL;
	l->fd = l->path ? open_file(path) : STDERR_FILENO;
	if (l->fd < 0)
		rc = error_errno("cannot write the access log '%s'", path);
	if (!rc)
		rc = spool_new(WAITING_BYTES, write_out, l, &l->spool);
	if (rc) {
		accesslog_close(l);
		l = NULL;
	}
	*out = l;
	return rc;
}

void accesslog_close(struct accesslog *l)
{
	if (!l)
		return;
	spool_free(l->spool);
	if (l->fd > STDERR_FILENO)
		close(l->fd);
	free(l->path);
	free(l);
}

/* The row being written: a column after the other. */
struct line {
	struct frame_column cols[16];
	int64_t ints[16];
	const char *texts[16];
	size_t n;
};

static void text(struct line *w, const char *name, const char *s)
{
	w->texts[w->n] = s;
	w->cols[w->n] =
		(struct frame_column){ .name = name, .type = FRAME_STRING, .s = &w->texts[w->n] };
	w->n++;
}

static void number(struct line *w, const char *name, enum frame_type type, int64_t v)
{
	w->ints[w->n] = v;
	w->cols[w->n] = (struct frame_column){ .name = name, .type = type, .i = &w->ints[w->n] };
	w->n++;
}

/* What a client sent, as text that ends. */
static const char *cut(char *out, size_t size, const char *s, size_t n)
{
	n = n < size - 1 ? n : size - 1;
	memcpy(out, s, n);
	out[n] = '\0';
	utf8_clean(out);
	return out;
}

void accesslog_put(struct accesslog *l, const struct ask *q, const struct answer *a,
		   int64_t took_us)
{
	char method[16], path[PATH_BYTES], id[ANSWER_VALUE_BYTES];
	struct line w = { .n = 0 };
	struct buf out = BUF_INIT;

	if (a->status < 500 && !share_next(&l->share))
		return;
	number(&w, "time", FRAME_TIME, clock_now_ms() * 1000);
	text(&w, "client", q->client);
	text(&w, "method", cut(method, sizeof method, q->method, q->method_n));
	text(&w, "path", cut(path, sizeof path, q->path, q->path_n));
	number(&w, "status", FRAME_INT, a->status);
	number(&w, "bytes_in", FRAME_INT, (int64_t)q->body_n);
	number(&w, "bytes_out", FRAME_INT, (int64_t)a->body.len);
	number(&w, "us", FRAME_INT, took_us);
	text(&w, "model", a->served ? a->served->name : NULL);
	text(&w, "version", a->served ? a->served->version : NULL);
	number(&w, "rows", FRAME_INT, a->rows);
	text(&w, "error", a->error_kind);
	text(&w, "id", a->id ? cut(id, sizeof id, a->id, strlen(a->id)) : NULL);
	jsonrows_put(&(struct frame){ .rows = 1, .n = w.n, .cols = w.cols }, w.n, &out);
	spool_put(l->spool, out.data, out.len, 1);
	buf_clear(&out);
}

int64_t accesslog_dropped(const struct accesslog *l)
{
	return spool_dropped(l->spool);
}
