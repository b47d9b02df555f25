/* index.c - open the index, whatever state its file is in. */
#define _GNU_SOURCE
#include "lib/index/index.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/index/database.h"
#include "lib/index/schema.h"
#include "lib/index/statement.h"

enum { BUSY_MS = 60000 };

int database_fail(sqlite3 *db, int rc, const char *what)
{
	int code = ERR_FAIL;

	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		code = ERR_BUSY;
		break;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		code = ERR_CORRUPT;
		break;
	case SQLITE_FULL:
	case SQLITE_IOERR:
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
		code = ERR_IO;
		break;
	case SQLITE_ERROR:
	case SQLITE_AUTH:
	case SQLITE_RANGE:
		code = ERR_INPUT;
	}
	errno = (rc & 0xff) == SQLITE_FULL ? ENOSPC : db ? sqlite3_system_errno(db) : 0;
	if (code == ERR_IO && errno) /* SQLite says "disk I/O error", the system says why */
		return error_errno("%s", what);
	return error_set(code, "%s: %s", what, db ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
}

int index_exec(struct index *x, const char *sql)
{
	int rc = sqlite3_exec(x->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : database_fail(x->db, rc, "index");
}

int index_begin(struct index *x)
{
	int rc = x->depth ? 0 : index_exec(x, "BEGIN IMMEDIATE");

	if (!rc)
		x->depth++;
	return rc;
}

int index_commit(struct index *x)
{
	int rc = --x->depth ? 0 : index_exec(x, "COMMIT");

	if (rc < 0)
		index_rollback(x);
	return rc;
}

void index_rollback(struct index *x)
{
	x->depth = 0;
	sqlite3_exec(x->db, "ROLLBACK", NULL, NULL, NULL);
}

bool index_in_memory(const struct index *x)
{
	return x->memory;
}

int index_reset(struct index *x)
{
	int rc = index_begin(x);

	if (!rc && !(rc = index_exec(x, schema_drop)) && !(rc = index_exec(x, schema_git)))
		rc = index_exec(x, schema_local);
	if (rc < 0)
		index_rollback(x);
	else
		rc = index_commit(x);
	return rc;
}

/* WAL needs shared memory, which file systems of a network do not give between machines. */
static bool is_network(const char *path)
{
	char *dir = xstrndup(path, (size_t)(path_base(path) - path));
	struct statfs st;
	bool network = false;

	if (statfs(dir, &st) == 0)
		switch ((unsigned long)st.f_type) {
		case NFS_SUPER_MAGIC:
		case SMB_SUPER_MAGIC:
		case 0xff534d42ul: /* CIFS */
		case 0xfe534d42ul: /* SMB2 */
		case CEPH_SUPER_MAGIC:
		case 0x0bd00bd0ul: /* Lustre */
		case 0x47504653ul: /* GPFS */
		case V9FS_MAGIC:
			network = true;
		}
	free(dir);
	return network;
}

static int database_open(const char *path, int flags, struct index *x)
{
	int rc = sqlite3_open_v2(path, &x->db, flags | SQLITE_OPEN_NOMUTEX, NULL);

	if (rc != SQLITE_OK) {
		rc = database_fail(x->db, rc, path);
		sqlite3_close(x->db);
		x->db = NULL;
		return rc;
	}
	sqlite3_busy_timeout(x->db, BUSY_MS);
	sqlite3_extended_result_codes(x->db, 1);
	return index_exec(x, "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;");
}

/* 1: of our schema, 0: of another or empty, <0: no database. */
static int schema_held(struct index *x)
{
	struct statement *st;
	int rc, held = 0;

	rc = statement_open(x, "SELECT value FROM meta WHERE key = 'schema'", &st);
	if (rc == ERR_CORRUPT || rc == ERR_IO || rc == ERR_BUSY)
		return rc;
	if (rc < 0)
		return 0;
	if ((rc = statement_step(st)) == 1)
		held = statement_int(st, 0) == INDEX_SCHEMA;
	statement_close(st);
	return rc < 0 ? rc : held;
}

static void remove_files(const char *path)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		char *p = xasprintf("%s%s", path, ends[i]);

		unlink(p);
		free(p);
	}
}

static int open_writable(const char *path, struct index *x, bool *empty_out)
{
	int rc = database_open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, x);

	if (!rc)
		rc = index_exec(x,
				is_network(path)
					? "PRAGMA journal_mode = DELETE"
					: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
	if (!rc)
		rc = schema_held(x);
	*empty_out = rc == 0;
	return rc == 0 ? index_reset(x) : rc < 0 ? rc : 0;
}

static int open_memory(struct index *x, bool *empty_out)
{
	int rc = database_open(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, x);

	x->memory = true;
	*empty_out = true;
	return rc < 0 ? rc : index_reset(x);
}

/* The file as it lies, when nothing is waiting in a write-ahead log beside it. */
static int open_frozen(const char *path, struct index *x)
{
	char *wal = xasprintf("%s-wal", path);
	char *uri = xasprintf("file:%s?mode=ro&immutable=1", path);
	struct stat st;
	int rc = ERR_NOT_FOUND;

	if (stat(path, &st) == 0 && st.st_size && (stat(wal, &st) < 0 || !st.st_size) &&
	    !strpbrk(path, "?#%"))
		rc = database_open(uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, x);
	if (!rc && schema_held(x) != 1)
		rc = ERR_NOT_FOUND;
	if (rc < 0 && x->db) {
		sqlite3_close(x->db);
		x->db = NULL;
	}
	free(wal);
	free(uri);
	return rc;
}

int index_open(const char *path, bool writable, struct index **out, bool *empty_out)
{
	struct index *x = xcalloc(1, sizeof(*x));
	int rc;

	*empty_out = false;
	if (writable) {
		rc = open_writable(path, x, empty_out);
		if (rc == ERR_CORRUPT) {
			sqlite3_close(x->db);
			x->db = NULL;
			x->depth = 0;
			remove_files(path);
			rc = open_writable(path, x, empty_out);
		}
	} else {
		rc = path ? open_frozen(path, x) : ERR_NOT_FOUND;
		if (rc < 0)
			rc = open_memory(x, empty_out);
	}
	if (rc < 0) {
		index_close(x);
		x = NULL;
	}
	*out = x;
	return rc;
}

void index_close(struct index *x)
{
	if (!x)
		return;
	sqlite3_close_v2(x->db); /* it goes with its last statement */
	free(x);
}

const char *index_library(void)
{
	return sqlite3_libversion();
}
