/*
 * sink_file.c - frames into a Parquet, CSV or JSON lines file.
 *
 * DuckDB pulls rows and we are given them, so COPY runs in a thread of its own: a frame is handed
 * over, and the giver waits until its last row is taken. At most one frame is held.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/strlist.h"
#include "lib/table/duckdb/feed.h"
#include "lib/table/duckdb/sql.h"
#include "lib/table/rows/sink_part.h"

struct sink_file {
	struct session *s;
	char *path, *partial; /* real path; the file that is being written beside it */
	char *sql;
	struct strlist names;
	void **types;
	struct feed feed;

	pthread_t thread;
	bool started;
	pthread_mutex_t lock;
	pthread_cond_t turned;
	const struct frame *rows; /* what is being taken; NULL: none */
	int64_t at;		  /* rows of it that are taken */
	bool ended;		  /* no more will come */
	bool failed, done;	  /* of the thread */
	int rc;
	char *why;
};

static const int duck_types[] = { [FRAME_BOOL] = DUCK_BOOLEAN,
				  [FRAME_INT] = DUCK_BIGINT,
				  [FRAME_DOUBLE] = DUCK_DOUBLE,
				  [FRAME_STRING] = DUCK_VARCHAR,
				  [FRAME_TIME] = DUCK_TIMESTAMP };

/* n values of a column, from row on, into the vector's places from at on. */
static int fill(const struct frame_column *c, int64_t row, uint64_t n, void *vector, uint64_t at)
{
	void *data = duck.vector_get_data(vector);
	uint64_t *valid = NULL;

	for (uint64_t i = at; i < at + n; i++, row++) {

		if (!frame_valid(c, row) || (c->type == FRAME_STRING && !c->s[row])) {
			if (!valid) {
				duck.vector_ensure_validity_writable(vector);
				valid = duck.vector_get_validity(vector);
			}
			valid[i >> 6] &= ~(UINT64_C(1) << (i & 63));
		} else if (c->type == FRAME_BOOL) {
			((uint8_t *)data)[i] = c->b[row] != 0;
		} else if (c->type == FRAME_DOUBLE) {
			((double *)data)[i] = c->d[row];
		} else if (c->type == FRAME_STRING) {
			size_t len = strlen(c->s[row]);

			if (!duck_is_utf8(c->s[row], len))
				return error_set(ERR_INPUT,
						 "column '%s' holds text that is not UTF-8",
						 c->name);
			duck.vector_assign_string_element_len(vector, i, c->s[row], len);
		} else {
			((int64_t *)data)[i] = c->i[row];
		}
	}
	return 0;
}

/* Some rows of the frame that is there, into the chunk behind the rows it has. */
static int take_some(struct sink_file *f, void *chunk, uint64_t have, uint64_t *n)
{
	int rc = 0;

	*n = (uint64_t)(f->rows->rows - f->at);
	if (*n > duck.vector_size() - have)
		*n = duck.vector_size() - have;
	for (size_t c = 0; c < f->rows->n && !rc; c++)
		rc = fill(&f->rows->cols[c], f->at, *n, duck.data_chunk_get_vector(chunk, c), have);
	f->at += (int64_t)*n;
	if (f->at == f->rows->rows)
		f->rows = NULL;
	pthread_cond_broadcast(&f->turned);
	return rc;
}

/*
 * Called by DuckDB in the thread: wait for rows until the chunk is full, since the writer ends a
 * row group where a chunk ends, and that must not depend on the sizes of the frames.
 */
static int take(struct feed *feed, void *chunk)
{
	struct sink_file *f = feed->payload;
	uint64_t have = 0, n;
	int rc = 0;

	pthread_mutex_lock(&f->lock);
	while (!rc && have < duck.vector_size()) {
		while (!f->rows && !f->ended)
			pthread_cond_wait(&f->turned, &f->lock);
		if (f->failed)
			rc = error_set(ERR_FAIL, "given up");
		if (rc || !f->rows)
			break;
		rc = take_some(f, chunk, have, &n);
		have += n;
	}
	pthread_mutex_unlock(&f->lock);
	duck.data_chunk_set_size(chunk, rc ? 0 : have);
	return rc;
}

static void *copy(void *payload)
{
	struct sink_file *f = payload;
	char *what = xasprintf("write '%s'", f->path);
	int rc = session_exec(f->s, f->sql, what);

	pthread_mutex_lock(&f->lock);
	f->rc = rc;
	f->why = rc ? xstrdup(error_text()) : NULL;
	f->done = true;
	pthread_cond_broadcast(&f->turned);
	pthread_mutex_unlock(&f->lock);
	free(what);
	return NULL;
}

/* The folder's real path, so that what DuckDB may write is named as it will be opened. */
static int resolve(struct sink_file *f, const char *path)
{
	const char *base = path_base(path);
	char *dir = base == path ? xstrdup(".") : xstrndup(path, (size_t)(base - path));
	char *real = realpath(dir, NULL);
	int rc = 0;

	if (!real)
		rc = error_errno("cannot write '%s'", path);
	else if (file_is_dir(path))
		rc = error_set(ERR_INPUT, "cannot write '%s': it is a folder", path);
	else {
		f->path = path_join(real, base);
		f->partial = xasprintf("%s/.%s.%ld.partial", real, base, (long)getpid());
	}
	free(real);
	free(dir);
	return rc;
}

static int prepare(struct sink_file *f, const char *format, const struct frame *head)
{
	struct session_opts opts = { .threads = 1 };
	struct buf b = BUF_INIT;
	int rc;

	strlist_add(&opts.paths, f->partial);
	rc = session_open(&opts, &f->s);
	strlist_clear(&opts.paths);
	if (rc)
		return rc;
	f->types = xcalloc(head->n + 1, sizeof *f->types);
	for (size_t i = 0; i < head->n; i++) {
		strlist_add(&f->names, head->cols[i].name);
		f->types[i] = duck.create_logical_type(duck_types[head->cols[i].type]);
	}
	f->feed = (struct feed){ .n = head->n,
				 .names = (const char *const *)f->names.v,
				 .types = f->types,
				 .next = take,
				 .payload = f };
	buf_addstr(&b, "COPY (SELECT * FROM ");
	rc = feed_sql(f->s, &f->feed, &b);
	buf_addstr(&b, ") TO ");
	sql_text(&b, f->partial);
	if (strcmp(format, "parquet") == 0)
		buf_addf(
			&b,
			" (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE %d, USE_TMP_FILE false)",
			TABLE_ROW_GROUP);
	else
		buf_addf(&b, " (FORMAT %s, USE_TMP_FILE false)",
			 strcmp(format, "csv") == 0 ? "csv, HEADER true" : "json");
	f->sql = buf_take(&b);
	return rc ? rc : session_lock(f->s);
}

static void sink_file_free(struct sink_file *f)
{
	for (size_t i = 0; f->types && i < f->names.n; i++)
		duck.destroy_logical_type(&f->types[i]);
	session_close(f->s);
	if (f->partial)
		unlink(f->partial);
	strlist_clear(&f->names);
	free(f->types);
	free(f->path);
	free(f->partial);
	free(f->sql);
	free(f->why);
	pthread_mutex_destroy(&f->lock);
	pthread_cond_destroy(&f->turned);
	free(f);
}

int sink_file_open(const char *path, const char *format, const struct frame *head,
		   struct sink_file **out)
{
	struct sink_file *f = xcalloc(1, sizeof *f);
	int rc;

	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->turned, NULL);
	if (!head->n)
		rc = error_set(ERR_INPUT, "cannot write '%s': there are no columns", path);
	else if (!(rc = resolve(f, path)) && !(rc = prepare(f, format, head))) {
		f->started = !pthread_create(&f->thread, NULL, copy, f);
		if (!f->started)
			rc = error_set(ERR_FAIL, "cannot start a thread");
	}
	if (rc)
		sink_file_free(f);
	else
		*out = f;
	return rc;
}

int sink_file_add(struct sink_file *f, const struct frame *rows)
{
	int rc;

	if (!rows->rows)
		return 0;
	if (rows->n != f->names.n)
		return error_set(ERR_INPUT, "cannot write '%s': %zu columns came, want %zu",
				 f->path, rows->n, f->names.n);
	pthread_mutex_lock(&f->lock);
	f->at = 0;
	f->rows = rows;
	pthread_cond_broadcast(&f->turned);
	while (f->rows && !f->done)
		pthread_cond_wait(&f->turned, &f->lock);
	f->rows = NULL;
	rc = f->done ? error_set(f->rc ? f->rc : ERR_FAIL, "%s",
				 f->why ? f->why : "cannot write: it ended early")
		     : 0;
	pthread_mutex_unlock(&f->lock);
	return rc;
}

/* Let COPY come to its end, or fail when giving up. */
static int join(struct sink_file *f, bool give_up)
{
	pthread_mutex_lock(&f->lock);
	f->ended = true;
	f->failed = give_up;
	pthread_cond_broadcast(&f->turned);
	pthread_mutex_unlock(&f->lock);
	if (f->started)
		pthread_join(f->thread, NULL);
	f->started = false;
	return f->rc ? error_set(f->rc, "%s", f->why) : 0;
}

/* The bytes on the disk, then the name. */
static int publish(struct sink_file *f)
{
	int fd = open(f->partial, O_RDONLY | O_CLOEXEC);
	int rc = fd < 0 || fsync(fd) < 0 ? error_errno("cannot write '%s'", f->path) : 0;

	if (fd >= 0)
		close(fd);
	if (!rc && rename(f->partial, f->path) < 0)
		rc = error_errno("cannot write '%s'", f->path);
	return rc;
}

int sink_file_finish(struct sink_file *f)
{
	int rc = join(f, false);

	if (!rc)
		rc = publish(f);
	sink_file_free(f);
	return rc;
}

void sink_file_abort(struct sink_file *f)
{
	if (!f)
		return;
	join(f, true);
	error_clear();
	sink_file_free(f);
}
