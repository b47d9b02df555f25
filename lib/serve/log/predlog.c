/* predlog.c - rows of answers as lines, and the files they go to. */
#define _GNU_SOURCE
#include "lib/serve/log/predlog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/model/rows/jsonrows.h"
#include "lib/serve/fleet.h"
#include "lib/serve/log/share.h"
#include "lib/serve/log/spool.h"

enum {
	WAITING_BYTES = 32 << 20,
	FILE_BYTES = 64 << 20,
	FILES_OPEN = 32,
	META = 7,	/* columns before the inputs */
	FOLDER_ID = 12, /* hex digits of the id in a folder's name */
};

/* The file that a model's rows go to now. */
struct log_file {
	char *folder; /* "eta/2.1-0123456789ab" */
	int fd;
	int64_t bytes;
	uint64_t used; /* when, by the counter */
};

struct predlog {
	char *dir;
	struct spool *spool;
	struct share share;
	uint64_t salt;
	_Atomic uint64_t ids;
	/* of the spool's thread */
	struct log_file files[FILES_OPEN];
	uint64_t used, made;
};

/* What the spool carries: this, the folder, the lines. */
struct parcel {
	uint32_t folder_bytes, line_bytes;
};

static void file_close(struct log_file *f)
{
	if (f->folder)
		close(f->fd);
	free(f->folder);
	*f = (struct log_file){ 0 };
}

static int file_open(struct predlog *p, const char *folder, struct log_file *out)
{
	char *path = xasprintf("%s/%s", p->dir, folder), *file, stamp[32];
	time_t now = (time_t)(clock_now_ms() / 1000);
	struct tm tm;
	int rc = file_make_dirs(path);

	gmtime_r(&now, &tm);
	strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &tm);
	file = xasprintf("%s/%s-%d-%llu.jsonl", path, stamp, (int)getpid(),
			 (unsigned long long)++p->made);
	if (!rc) {
		out->fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
		rc = out->fd < 0 ? ERR_IO : 0;
	}
	if (!rc) {
		out->folder = xstrdup(folder);
		out->bytes = 0;
	}
	free(file);
	free(path);
	return rc;
}

/* The open file of a folder; the one that was used least lately gives way. NULL: it cannot be. */
static struct log_file *file_of(struct predlog *p, const char *folder)
{
	struct log_file *oldest = &p->files[0];

	for (size_t i = 0; i < FILES_OPEN; i++) {
		struct log_file *f = &p->files[i];

		if (f->folder && !strcmp(f->folder, folder) && f->bytes < FILE_BYTES) {
			f->used = ++p->used;
			return f;
		}
		if (f->folder && !strcmp(f->folder, folder))
			file_close(f);
		if (f->used < oldest->used)
			oldest = f;
	}
	file_close(oldest);
	if (file_open(p, folder, oldest))
		return NULL;
	oldest->used = ++p->used;
	return oldest;
}

/* A line that was cut by a full disk is taken back, so that the file stays one of whole lines. */
static bool file_add(struct log_file *f, const char *data, size_t n)
{
	off_t end = lseek(f->fd, 0, SEEK_END);

	if (file_write_fd(f->fd, data, n) == 0) {
		f->bytes += (int64_t)n;
		return true;
	}
	if (end >= 0 && ftruncate(f->fd, end) == 0)
		error_clear();
	return false;
}

/* Who removes a file does not want its space held, and wants what comes: it goes to a new one. */
static void close_removed(struct predlog *p)
{
	struct stat st;

	for (size_t i = 0; i < FILES_OPEN; i++)
		if (p->files[i].folder && (fstat(p->files[i].fd, &st) < 0 || !st.st_nlink))
			file_close(&p->files[i]);
}

static bool write_out(void *payload, const char *data, size_t n)
{
	struct predlog *p = payload;
	bool all = true;

	close_removed(p);
	while (n) {
		struct parcel head;
		struct log_file *f;
		char *folder;

		memcpy(&head, data, sizeof head);
		folder = xstrndup(data + sizeof head, head.folder_bytes);
		f = file_of(p, folder);
		data += sizeof head + head.folder_bytes;
		all &= f && file_add(f, data, head.line_bytes);
		data += head.line_bytes;
		n -= sizeof head + head.folder_bytes + head.line_bytes;
		free(folder);
	}
	return all;
}

int predlog_open(const char *dir, double share, struct predlog **out)
{
	struct predlog *p = xcalloc(1, sizeof *p);
	int rc = file_make_dirs(dir);

	p->dir = xstrdup(dir);
	share_init(&p->share, share);
	if (!rc && access(dir, W_OK) < 0)
		rc = error_errno("cannot write the prediction log '%s'", dir);
	if (!rc && getrandom(&p->salt, sizeof p->salt, 0) != sizeof p->salt)
		rc = error_errno("cannot get random bytes");
	if (!rc)
		rc = spool_new(WAITING_BYTES, write_out, p, &p->spool);
	if (rc) {
		predlog_close(p);
		p = NULL;
	}
	*out = p;
	return rc;
}

void predlog_close(struct predlog *p)
{
	if (!p)
		return;
	spool_free(p->spool);
	for (size_t i = 0; i < FILES_OPEN; i++)
		file_close(&p->files[i]);
	free(p->dir);
	free(p);
}

bool predlog_wants(struct predlog *p)
{
	return share_next(&p->share);
}

void predlog_new_id(struct predlog *p, char out[PREDLOG_ID_BYTES])
{
	snprintf(out, PREDLOG_ID_BYTES, "%016llx-%llx", (unsigned long long)p->salt,
		 (unsigned long long)atomic_fetch_add_explicit(&p->ids, 1, memory_order_relaxed));
}

/* Columns of the same value in every row. */
struct meta {
	struct frame_column cols[META];
	const char **texts; /* (META, rows) */
	int64_t *ints;	    /* (2, rows): row, time */
};

static void meta_text(struct meta *m, size_t i, const char *name, const char *s, int64_t rows)
{
	const char **v = m->texts + i * (size_t)rows;

	for (int64_t r = 0; r < rows; r++)
		v[r] = s;
	m->cols[i] = (struct frame_column){ .name = name, .type = FRAME_STRING, .s = v };
}

static void meta_fill(struct meta *m, const struct ask *q, const struct answer *a, int64_t rows)
{
	const struct served *s = a->served;
	int64_t now_us = clock_now_ms() * 1000;

	m->texts = xcalloc(META * (size_t)rows, sizeof *m->texts);
	m->ints = xcalloc(2 * (size_t)rows, sizeof *m->ints);
	for (int64_t r = 0; r < rows; r++) {
		m->ints[r] = r;
		m->ints[rows + r] = now_us;
	}
	meta_text(m, 0, "mich_id", a->id, rows);
	m->cols[1] = (struct frame_column){ .name = "mich_row", .type = FRAME_INT, .i = m->ints };
	m->cols[2] = (struct frame_column){ .name = "mich_time",
					    .type = FRAME_TIME,
					    .i = m->ints + rows };
	meta_text(m, 3, "mich_model", s->name, rows);
	meta_text(m, 4, "mich_version", s->version, rows);
	meta_text(m, 5, "mich_model_id", s->id, rows);
	meta_text(m, 6, "mich_client", q->client, rows);
}

/* Meta, inputs and outputs as one frame; *names: those that were made, (outputs), the caller's. */
static struct frame join(const struct meta *m, const struct answer *a, char ***names)
{
	const struct frame *in = a->rows_in, *out = a->rows_out;
	struct frame_column *cols = xcalloc(META + in->n + out->n, sizeof *cols);

	*names = xcalloc(out->n, sizeof **names);
	memcpy(cols, m->cols, sizeof m->cols);
	memcpy(cols + META, in->cols, in->n * sizeof *cols);
	memcpy(cols + META + in->n, out->cols, out->n * sizeof *cols);
	for (size_t i = 0; i < out->n; i++)
		if (frame_find(in, out->cols[i].name)) {
			(*names)[i] = xasprintf("mich_%s", out->cols[i].name);
			cols[META + in->n + i].name = (*names)[i];
		}
	return (struct frame){ .rows = in->rows, .n = META + in->n + out->n, .cols = cols };
}

void predlog_put(struct predlog *p, const struct ask *q, const struct answer *a)
{
	const struct served *s = a->served;
	struct parcel head = { 0 };
	struct meta m = { 0 };
	struct buf out = BUF_INIT;
	struct frame all;
	char **names;

	if (!s || !a->rows_in || !a->rows_out || !a->rows_in->rows)
		return;
	meta_fill(&m, q, a, a->rows_in->rows);
	all = join(&m, a, &names);
	buf_add(&out, &head, sizeof head);
	buf_addf(&out, "%s/%s-%.*s", s->name, s->version, FOLDER_ID, s->id);
	head.folder_bytes = (uint32_t)(out.len - sizeof head);
	jsonrows_put(&all, META + a->rows_in->n + a->floats, &out);
	if (out.len < UINT32_MAX) {
		head.line_bytes = (uint32_t)(out.len - sizeof head - head.folder_bytes);
		memcpy(out.data, &head, sizeof head);
		spool_put(p->spool, out.data, out.len, all.rows);
	}
	for (size_t i = 0; i < a->rows_out->n; i++)
		free(names[i]);
	free(names);
	free((void *)all.cols);
	free(m.texts);
	free(m.ints);
	buf_clear(&out);
}

int64_t predlog_dropped(const struct predlog *p)
{
	return spool_dropped(p->spool);
}
