/* duckdb.c - finding and opening libduckdb.so. */
#include "lib/table/duckdb/duckdb.h"

#include <pthread.h>

#include "lib/base/engine.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"

struct duck_api duck;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool loaded;

static const struct engine_symbol symbols[] = {
#define X(ret, name, args) { "duckdb_" #name, &duck.name },
	DUCK_FUNCTIONS(X)
#undef X
};

int duck_load(void)
{
	void *handle;
	int rc = 0;

	pthread_mutex_lock(&lock);
	if (!loaded) {
		rc = engine_open("DuckDB", "MICH_DUCKDB", "libduckdb.so", "libduckdb.so", &handle);
		if (!rc)
			rc = engine_symbols("DuckDB", handle, symbols, ARRAY_LEN(symbols));
		loaded = !rc;
	}
	pthread_mutex_unlock(&lock);
	return rc;
}

bool duck_is_utf8(const char *s, size_t n)
{
	void *why;
	bool valid;

	for (size_t i = 0; i < n; i++) {
		if (!((unsigned char)s[i] & 0x80))
			continue;
		why = duck.valid_utf8_check(s, n);
		valid = !why;
		if (why)
			duck.destroy_error_data(&why);
		return valid;
	}
	return true;
}
