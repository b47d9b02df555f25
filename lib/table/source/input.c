/* input.c - a source found on disk and unpacked. */
#define _GNU_SOURCE
#include "lib/table/source/input.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/engine.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/table/duckdb/sql.h"
#include "lib/table/split/split.h"

extern char **environ;

static const struct {
	const char *ending, *format;
} endings[] = {
	{ ".csv", "csv" },
	{ ".tsv", "tsv" },
	{ ".parquet", "parquet" },
	{ ".jsonl", "jsonl" },
	{ ".ndjson", "ndjson" },
	{ ".json", "json" },
	{ ".sqlite", "sqlite" },
	{ ".sqlite3", "sqlite" },
	{ ".db", "sqlite" },
	{ ".csv.gz", "csv.gz" },
	{ ".csv.zst", "csv.zst" },
	{ ".csv.zip", "csv.zip" },
	{ ".tsv.gz", "tsv.gz" },
	{ ".tsv.zst", "tsv.zst" },
	{ ".tsv.zip", "tsv.zip" },
	{ ".json.gz", "json.gz" },
	{ ".json.zst", "json.zst" },
	{ ".json.zip", "json.zip" },
	{ ".jsonl.gz", "jsonl.gz" },
	{ ".jsonl.zst", "jsonl.zst" },
	{ ".jsonl.zip", "jsonl.zip" },
	{ ".ndjson.gz", "ndjson.gz" },
	{ ".ndjson.zst", "ndjson.zst" },
	{ ".parquet.zip", "parquet.zip" },
	{ ".sqlite.zip", "sqlite.zip" },
	{ ".zip", "zip" },
};

const char *table_format_of(const char *path)
{
	const char *best = NULL;
	size_t n = strlen(path), longest = 0;

	for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
		size_t m = strlen(endings[i].ending);

		if (m > longest && m < n && strcasecmp(path + n - m, endings[i].ending) == 0) {
			best = endings[i].format;
			longest = m;
		}
	}
	return best;
}

/* "csv.gz" into its two halves. */
static int set_format(struct input *in, const char *text, bool *zip)
{
	static const char *const known[] = { "csv",   "tsv",	"parquet", "json",
					     "jsonl", "ndjson", "sqlite" };
	size_t n = strcspn(text, ".:");
	const char *packed = text[n] == '.' ? text + n + 1 : "";

	*zip = strcmp(packed, "zip") == 0 || strcmp(text, "zip") == 0;
	snprintf(in->compression, sizeof in->compression, "%s",
		 strcmp(packed, "gz") == 0    ? "gzip"
		 : strcmp(packed, "zst") == 0 ? "zstd"
					      : "none");
	if (strcmp(text, "zip") == 0)
		return 0;
	if (text[n] == ':' && text[n + 1]) {
		free(in->member);
		in->member = xstrdup(text + n + 1);
	}
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (strlen(known[i]) != n || strncmp(known[i], text, n) != 0)
			continue;
		snprintf(in->format, sizeof in->format, "%s", known[i]);
		return 0;
	}
	return error_set(
		ERR_INPUT,
		"cannot read '%s': '%s' is no format; use csv, tsv, parquet, jsonl, json or "
		"sqlite",
		in->shown, text);
}

/* A pointer of git-lfs instead of the bytes, or nothing at all. */
static int check_bytes(const struct input *in, const char *path)
{
	static const char pointer[] = "version https://git-lfs.github.com/spec/";
	char head[sizeof pointer - 1];
	struct stat st;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return error_errno("cannot read '%s'", in->shown);
	n = read(fd, head, sizeof head);
	if (n < 0 || fstat(fd, &st) < 0) {
		error_errno("cannot read '%s'", in->shown);
		close(fd);
		return ERR_IO;
	}
	close(fd);
	if (!S_ISREG(st.st_mode))
		return error_set(ERR_INPUT, "cannot read '%s': it is no regular file", in->shown);
	if (n == 0)
		return error_set(ERR_INPUT, "cannot read '%s': it is empty", in->shown);
	if (n == (ssize_t)sizeof head && memcmp(head, pointer, sizeof head) == 0 &&
	    st.st_size < 1024) {
		error_set(ERR_INPUT, "cannot read '%s': it is a git-lfs pointer, not the data",
			  in->shown);
		return error_hint(ERR_INPUT, "git lfs pull");
	}
	return 0;
}

static int run_bundle(const struct input *in, const char *path, const char *dir)
{
	char *program = engine_libexec("mich-bundle");
	char *const argv[] = { program, (char *)"unpack", (char *)path, (char *)dir, NULL };
	struct buf why = BUF_INIT;
	posix_spawn_file_actions_t fa;
	char block[512];
	int pipes[2], status = 0, rc;
	ssize_t n;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC) < 0) {
		free(program);
		return error_errno("cannot make a pipe");
	}
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, pipes[1], 2);
	rc = posix_spawn(&pid, program, &fa, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	close(pipes[1]);
	if (rc) {
		close(pipes[0]);
		errno = rc;
		rc = error_errno("cannot start '%s'", program);
		free(program);
		return rc;
	}
	while ((n = read(pipes[0], block, sizeof block)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			buf_add(&why, block, (size_t)n);
	close(pipes[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		const char *text =
			strncmp(why.data, "mich-bundle: ", 13) == 0 ? why.data + 13 : why.data;

		rc = error_set(ERR_INPUT, "cannot unpack '%s': %.*s", in->shown,
			       (int)strcspn(text, "\n"), *text ? text : "mich-bundle died");
	}
	buf_clear(&why);
	free(program);
	return rc;
}

/* What unpacking found. */
struct found {
	struct strlist tables;
	size_t others;
};

static int find_table(const char *path, const char *rel, const struct stat *st, void *payload)
{
	struct found *f = payload;

	if (!S_ISREG(st->st_mode) || strncmp(rel, "__MACOSX/", 9) == 0 || path_base(rel)[0] == '.')
		return 0;
	if (table_format_of(rel) && !strstr(table_format_of(rel), "zip"))
		strlist_add(&f->tables, path);
	else
		f->others++;
	return 0;
}

/* Unpack into a folder of its own; *path_out is the one table in it. */
static int unpack(struct input *in, const char *path, const char *scratch_dir, char **path_out)
{
	struct found f = { 0 };
	char *dir;
	int rc;

	if (!scratch_dir)
		return error_set(ERR_INPUT, "cannot unpack '%s' here", in->shown);
	dir = xasprintf("%s/unpack-XXXXXX", scratch_dir);
	if (!mkdtemp(dir))
		rc = error_errno("cannot make '%s'", dir);
	else if (!(rc = run_bundle(in, path, dir)))
		rc = file_walk(dir, find_table, &f);
	if (!rc && f.tables.n != 1)
		rc = error_set(
			ERR_INPUT,
			"cannot read '%s': it holds %zu tables (and %zu other files); exactly one "
			"is wanted",
			in->shown, f.tables.n, f.others);
	if (!rc) {
		bool zip;

		*path_out = xstrdup(f.tables.v[0]);
		rc = set_format(in, table_format_of(*path_out), &zip);
	}
	strlist_clear(&f.tables);
	free(dir);
	return rc;
}

static int add_file(struct input *in, const char *path)
{
	char *real = realpath(path, NULL);
	int rc;

	if (!real && errno == ENOENT)
		return error_set(ERR_NOT_FOUND, "cannot read '%s': no such file", in->shown);
	if (!real)
		return error_errno("cannot read '%s'", in->shown);
	rc = check_bytes(in, real);
	strlist_take(&in->files, real);
	return rc;
}

/* A recorded data set: one table over all its splits. */
static int find_splits(struct input *in, const char *dir)
{
	int rc = 0;

	snprintf(in->format, sizeof in->format, "parquet");
	for (int k = 0; k < SPLITS && !rc; k++) {
		char *path = xasprintf("%s/%s.parquet", dir, split_names[k]);

		if (file_exists(path))
			rc = add_file(in, path);
		free(path);
	}
	if (rc || in->files.n)
		return rc;
	error_set(ERR_INPUT,
		  "cannot read folder '%s' as a table: it holds no train.parquet, test.parquet or "
		  "validation.parquet",
		  in->shown);
	return error_hint(ERR_INPUT, "name its tables one by one: source = FOLDER/FILE.csv");
}

static int find_file(const struct table_source *src, const char *scratch_dir, struct input *in)
{
	const char *format = src->format ? src->format : table_format_of(src->path);
	char *unpacked = NULL;
	bool zip = false;
	int rc;

	if (!format) {
		error_set(ERR_INPUT, "cannot read '%s': its name does not say what format it has",
			  in->shown);
		return error_hint(ERR_INPUT,
				  "rename it to end in .csv, .parquet, .jsonl or the like");
	}
	if ((rc = set_format(in, format, &zip)))
		return rc;
	if (!zip)
		return add_file(in, src->path);
	rc = add_file(in, src->path); /* an LFS pointer, or nothing, is no archive */
	strlist_clear(&in->files);
	if (!rc)
		rc = unpack(in, src->path, scratch_dir, &unpacked);
	if (!rc)
		rc = add_file(in, unpacked);
	free(unpacked);
	return rc;
}

int input_find(const struct table_source *src, const char *scratch_dir, struct input *out)
{
	int rc;

	memset(out, 0, sizeof *out);
	out->name = xstrdup(src->name ? src->name : "source");
	out->shown = xstrdup(src->path);
	out->member = src->member ? xstrdup(src->member) : NULL;
	snprintf(out->compression, sizeof out->compression, "none");
	rc = file_is_dir(src->path) ? find_splits(out, src->path)
				    : find_file(src, scratch_dir, out);
	if (rc)
		input_clear(out);
	return rc;
}

void input_clear(struct input *in)
{
	free(in->name);
	free(in->shown);
	free(in->member);
	free(in->sql);
	csv_head_clear(&in->head);
	strlist_clear(&in->files);
	strlist_clear(&in->names);
	strlist_clear(&in->types);
	strlist_clear(&in->odd);
	memset(in, 0, sizeof *in);
}

int input_view(struct session *s, const struct input *in)
{
	struct buf b = BUF_INIT;
	int rc;

	buf_addstr(&b, "CREATE VIEW main.");
	sql_ident(&b, in->name);
	buf_addf(&b, " AS SELECT * FROM %s", in->sql);
	rc = session_exec(s, b.data, "read the input");
	buf_clear(&b);
	return rc;
}

int input_shape(struct session *s, const struct input *in)
{
	struct buf b = BUF_INIT;
	int rc;

	buf_addstr(&b, "CREATE TABLE main.");
	sql_ident(&b, in->name);
	buf_addstr(&b, " (");
	for (size_t i = 0; i < in->names.n; i++) {
		buf_addstr(&b, i ? ", " : "");
		sql_ident(&b, in->names.v[i]);
		buf_addf(&b, " %s", in->types.v[i]);
	}
	buf_addstr(&b, ")");
	rc = session_exec(s, b.data, "name the input");
	buf_clear(&b);
	return rc;
}

int input_unshape(struct session *s, const struct input *in)
{
	struct buf b = BUF_INIT;
	int rc;

	buf_addstr(&b, "DROP TABLE main.");
	sql_ident(&b, in->name);
	rc = session_exec(s, b.data, "name the input");
	buf_clear(&b);
	return rc;
}

int input_alias(struct session *s, const struct input *in)
{
	struct buf b = BUF_INIT;
	int rc;

	buf_addstr(&b, "CREATE VIEW main.source AS SELECT * FROM main.");
	sql_ident(&b, in->name);
	rc = session_exec(s, b.data, "name the input");
	buf_clear(&b);
	return rc;
}
