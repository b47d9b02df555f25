/*
 * session.h - one DuckDB in memory, locked in: it sees the files it was given and nothing else.
 *
 * No extension is fetched or loaded, no other file can be read or written, the time zone is UTC,
 * and after session_lock() no setting can change.
 */
#ifndef MICH_TABLE_DUCKDB_SESSION_H
#define MICH_TABLE_DUCKDB_SESSION_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/strlist.h"
#include "lib/table/duckdb/duckdb.h"

struct feed;

struct session {
	void *db, *conn;
	struct feed *feeds[16]; /* borrowed; what feed_sql() names by index */
	size_t n_feeds;
};

struct session_opts {
	int threads;		 /* 0: all cores */
	int64_t memory_bytes;	 /* 0: DuckDB's own default */
	const char *scratch_dir; /* for what does not fit in memory; NULL: it must fit */
	struct strlist paths;	 /* absolute paths of files that can be read or written */
};

int session_open(const struct session_opts *o, struct session **out);
void session_close(struct session *s);
int session_threads(struct session *s, int threads); /* before session_lock() only */
int session_lock(struct session *s);

/* Run a statement for its effect. what names it in the error: "cannot <what>: <reason>". */
int session_exec(struct session *s, const char *sql, const char *what);

/* The same sentence from DuckDB's message: without its class, its position and its advice. */
int session_error(const char *message, const char *what);

/* Rows of an answer as they come, in chunks of at most duck.vector_size() rows. */
struct cursor {
	void *stmt;
	struct duck_result result;
	bool open;
	void *chunk;   /* the current one */
	uint64_t rows; /* in it */
	const char *what;
};

/* conn: a connection of the session, usually s->conn. */
int cursor_open(struct cursor *c, void *conn, const char *sql, const char *what);
int cursor_next(struct cursor *c); /* 1: a chunk is there; 0: the end; negative: an error */
void cursor_close(struct cursor *c);

/* A small answer as text; a NULL cell is a missing value. */
struct answer {
	size_t rows, cols;
	char **cell; /* (rows, cols) */
};

int answer_query(struct session *s, const char *sql, const char *what, struct answer *out);
const char *answer_at(const struct answer *g, size_t row, size_t col); /* NULL: missing */
void answer_clear(struct answer *g);

#endif
