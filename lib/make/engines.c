/* engines.c - versions of outside libraries, remembered by the file they came from. */
#include "lib/make/engines.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/engine.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/learn/xgboost/xgboost.h"
#include "lib/record/repo.h"
#include "lib/step/step.h"
#include "lib/table/duckdb/duckdb.h"

static int duckdb_version(char out[32])
{
	const char *v;
	int rc = duck_load();

	if (rc)
		return rc;
	v = duck.library_version();
	snprintf(out, 32, "%s", *v == 'v' ? v + 1 : v);
	return 0;
}

static const struct {
	const char *name, *title, *var, *file, *soname;
	const char *pinned; /* what make deps installs */
	int (*version)(char out[32]);
} engines[] = {
	[ENGINE_DUCKDB] = { "duckdb", "DuckDB", "MICH_DUCKDB", "libduckdb.so", "libduckdb.so",
			    "1.5", duckdb_version },
	[ENGINE_XGBOOST] = { "xgboost", "XGBoost", "MICH_XGBOOST", "xgboost/lib/libxgboost.so",
			     "libxgboost.so", "3.2", xgboost_version },
};

/* "path size mtime": what says that it is the same file as before. */
static char *identity(const char *path)
{
	struct stat st = { 0 };

	stat(path, &st);
	return xasprintf("%s %lld %lld.%09ld", path, (long long)st.st_size,
			 (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

static void put(struct step *s, enum engine e, const char *version)
{
	const char *dot = strchr(version, '.'), *second = dot ? strchr(dot + 1, '.') : NULL;
	size_t n = second ? (size_t)(second - version) : strlen(version);

	json_object_set_new(s->engines, engines[e].name, json_stringn(version, n));
}

/*
 * Without the engine nothing can be made, but what was made is still what the recipe means: the step
 * is described as the pinned engine would shape it, and says what it lacks.
 */
static int describe_absent(enum engine e, int rc, struct step *s)
{
	if (rc != ERR_ENGINE)
		return rc;
	s->lacks = xstrdup(error_text());
	s->lacks_hint = xstrdup(error_hint_text());
	error_clear();
	put(s, e, engines[e].pinned);
	return 0;
}

int engines_version(struct repo *r, enum engine e, char **out)
{
	char *path = NULL, *memo = path_join(repo_mich_dir(r), "engines.json"), *key = NULL;
	json_t *known = NULL;
	char version[32];
	int rc;

	*out = NULL;
	if ((rc = engine_find(engines[e].title, engines[e].var, engines[e].file, engines[e].soname,
			      &path)))
		goto out;
	key = identity(path);
	if (file_exists(memo))
		json_read(memo, &known);
	if (!json_is_object(known)) {
		json_decref(known);
		known = json_object();
	}
	if (json_str(known, key, NULL)) {
		*out = xstrdup(json_str(known, key, ""));
		goto out;
	}
	if ((rc = engines[e].version(version)))
		goto out;
	*out = xstrdup(version);
	json_object_set_new(known, key, json_string(version));
	if (json_write(memo, known)) /* asked again next time: a read-only record still answers */
		error_clear();
out:
	json_decref(known);
	free(path);
	free(memo);
	free(key);
	return rc;
}

int engines_describe(struct repo *r, enum engine e, struct step *s)
{
	char *version = NULL;
	int rc = engines_version(r, e, &version);

	if (rc)
		return describe_absent(e, rc, s);
	put(s, e, version);
	free(version);
	return 0;
}
