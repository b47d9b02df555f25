/* database.h - what the files of lib/index share of SQLite; included by them alone. */
#ifndef MICH_INDEX_DATABASE_H
#define MICH_INDEX_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>

struct index {
	sqlite3 *db;
	bool memory;
	int depth;    /* of nested transactions */
	bool guarded; /* a statement of the user's is being prepared */
};

/* SQLite's reason as ours. */
int database_fail(sqlite3 *db, int rc, const char *what);

#endif
