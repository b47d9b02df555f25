/* deliver.c - recorded predictions to files and tables, once. */
#define _GNU_SOURCE
#include "lib/make/score/deliver.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/make/score/textrows.h"
#include "lib/record/repo.h"
#include "lib/record/run/scratch.h"
#include "lib/record/version.h"
#include "lib/table/rows/scan.h"
#include "lib/table/rows/table_sink.h"

/* Where the last write to a target is remembered: by the hash of its absolute name. */
static char *memo_path(struct repo *r, const char *target)
{
	char *real, sha[HASH_HEX + 1], *dir = xstrdup(target), *slash = strrchr(dir, '/'), *path;

	if (slash)
		*slash = '\0';
	real = realpath(slash ? (*dir ? dir : "/") : ".", NULL);
	path = xasprintf("%s/%s", real ? real : "", slash ? slash + 1 : target);
	hash_data(path, strlen(path), sha);
	free(path);
	free(real);
	free(dir);
	return xasprintf("%s/sinks/%s.json", repo_mich_dir(r), sha);
}

/* What the file at a target looks like now; for a SQLite table, whether its database is there. */
static json_t *state_of(const char *target)
{
	char *path = xstrdup(target), *colon = strrchr(path, ':');
	struct stat st;
	json_t *state;

	if (stat(path, &st) < 0 && colon)
		*colon = '\0';
	if (stat(path, &st) < 0)
		state = json_null();
	else if (!strcmp(path, target))
		state = json_pack("{s:I,s:I,s:I}", "size", (json_int_t)st.st_size, "inode",
				  (json_int_t)st.st_ino, "mtime",
				  (json_int_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec);
	else
		state = json_pack("{s:I}", "inode", (json_int_t)st.st_ino);
	free(path);
	return state;
}

static bool is_written(const char *memo, const struct version *v, const char *target)
{
	json_t *known = NULL, *state = state_of(target);
	bool same = false;

	if (file_exists(memo) && json_read(memo, &known) == 0)
		same = !strcmp(json_str(known, "id", ""), v->id) && !json_is_null(state) &&
		       json_equal(json_object_get(known, "state"), state);
	json_decref(known);
	json_decref(state);
	return same;
}

static int copy_whole(const char *from, const char *target)
{
	char *temp = xasprintf("%s.tmp-%d", target, (int)getpid());
	int rc = file_copy(from, temp, 0666);

	if (!rc && rename(temp, target) < 0)
		rc = error_errno("cannot replace '%s'", target);
	if (rc)
		unlink(temp);
	free(temp);
	return rc;
}

static int copy_rows(const char *from, const char *target, const char *stamp)
{
	const char *const paths[] = { from };
	struct table_scan *scan = NULL;
	struct table_sink *sink = NULL;
	struct frame rows;
	int rc = table_scan_open(paths, 1, NULL, 0, 0, &scan);

	if (!rc)
		rc = table_sink_open(target, table_scan_head(scan), stamp, &sink);
	while (!rc && (rc = table_scan_next(scan, &rows)) > 0)
		rc = table_sink_add(sink, &rows);
	table_scan_close(scan);
	if (rc) {
		table_sink_abort(sink);
		return rc;
	}
	return table_sink_finish(sink);
}

static int write_from(const char *from, const char *target, const char *stamp)
{
	if (path_ends_with(target, ".parquet"))
		return copy_whole(from, target);
	if (textrows_fits(target))
		return textrows_write(from, target);
	return copy_rows(from, target, stamp);
}

/* The recorded file under its own name, since a reader goes by its ending. */
static int write_target(struct repo *r, const struct version *v, const char *target)
{
	char *dir, *from, *stamp;
	int rc = scratch_make(r, "sink", &dir), removed;

	if (rc)
		return rc;
	from = path_join(dir, "predictions.parquet");
	stamp = version_ref(v);
	rc = version_place(r, v, PLACE_LINK, dir);
	if (!rc)
		rc = write_from(from, target, stamp);
	removed = file_remove_tree(dir);
	free(dir);
	free(from);
	free(stamp);
	return rc ? rc : removed;
}

int deliver_prediction(struct repo *r, const struct version *v, const char *target, bool *written)
{
	char *memo = memo_path(r, target);
	json_t *state;
	int rc = 0;

	*written = !is_written(memo, v, target);
	error_clear();
	if (*written)
		rc = write_target(r, v, target);
	if (!rc && *written)
		rc = file_make_parents(memo);
	if (!rc && *written) {
		state = json_pack("{s:s,s:o}", "id", v->id, "state", state_of(target));
		rc = json_write(memo, state);
		json_decref(state);
	}
	free(memo);
	return rc;
}
