/* export.c - a version's files, or its learning curve, into a folder of the user's. */
#define _GNU_SOURCE
#include "cmd/cmd.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/learn/tfevents.h"
#include "lib/make/pick.h"

struct export_args {
	const char *name, *dir;
	bool events;
};

static const struct opt opts[] = { OPT_FLAG(0, "events", struct export_args, events,
					    "its learning curve instead, as TensorBoard reads it"),
				   OPERAND("version", struct export_args, name, ONE, COMP_VERSION,
					   "whose files to write"),
				   OPERAND("dir", struct export_args, dir, ONE, COMP_DIR,
					   "a folder that is empty, or not there yet"),
				   OPT_END };

/* 1: there is something in it, 0: empty or absent. */
static int holds_files(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int held = 0;

	if (!d)
		return errno == ENOENT ? 0 : error_errno("cannot open '%s'", dir);
	while (!held && (e = readdir(d)))
		held = strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(d);
	return held;
}

static int check_dir(const char *dir)
{
	int held = holds_files(dir);

	if (held < 0)
		return held;
	if (held) {
		error_set(ERR_EXISTS, "'%s' is not empty: nothing was written", dir);
		return error_hint(ERR_EXISTS, "name a folder that is not there yet");
	}
	return 0;
}

static int check_files(const struct version *v)
{
	if (v->collected)
		return error_set(ERR_NOT_FOUND,
				 "the files of %s/%s@%lld were removed: only its entry is left",
				 v->kind, v->name, (long long)v->number);
	if (!*v->content) {
		error_set(ERR_NOT_FOUND, "%s/%s@%lld made no files: its state is %s", v->kind,
			  v->name, (long long)v->number, v->build);
		return error_hint(ERR_NOT_FOUND, "mich show %s/%s@%lld", v->kind, v->name,
				  (long long)v->number);
	}
	return 0;
}

/* Its curve, whatever program drew it. */
static int write_events(struct repo *repo, const struct version *v, const char *dir)
{
	struct buf b = BUF_INIT;
	int rc = version_cat(repo, v, "events.jsonl", &b);

	if (rc == ERR_NOT_FOUND) {
		rc = error_set(rc, "%s/%s@%lld has no learning curve", v->kind, v->name,
			       (long long)v->number);
		error_hint(rc, "a program draws one by lines in $MICH_EVENTS: mich help train");
	}
	if (rc == 0)
		rc = tfevents_convert(b.data, b.len, v->started_ms, dir);
	buf_clear(&b);
	return rc;
}

/* "a/b/" as "a/b", so that the folder beside it can be named. */
static char *trimmed(const char *dir)
{
	char *s = xstrdup(dir);
	size_t n = strlen(s);

	while (n > 1 && s[n - 1] == '/')
		s[--n] = '\0';
	return s;
}

/* Written beside and renamed, so that the folder is there whole or not at all. */
static int write_files(struct repo *repo, const struct version *v, const char *dir)
{
	char *temp = xasprintf("%s.%ld.partial", dir, (long)getpid());
	int rc = file_make_parents(dir);

	if (rc == 0)
		rc = version_place(repo, v, PLACE_COPY, temp);
	if (rc == 0 && rename(temp, dir) < 0)
		rc = error_errno("cannot write '%s'", dir);
	if (rc < 0)
		file_remove_tree(temp);
	free(temp);
	return rc;
}

static int run(struct repo *repo, const void *p)
{
	const struct export_args *args = p;
	struct version v = VERSION_INIT;
	char *dir = trimmed(args->dir);
	int rc = pick_version(repo, NULL, args->name, &v);

	if (rc == 0)
		rc = check_dir(dir);
	if (rc == 0 && args->events)
		rc = write_events(repo, &v, dir);
	else if (rc == 0 && (rc = check_files(&v)) == 0)
		rc = write_files(repo, &v, dir);
	version_clear(&v);
	free(dir);
	return rc;
}

const struct cmd cmd_export = {
	.name = "export",
	.summary = "write a version's files into a folder",
	.group = GROUP_LOOK,
	.flags = CMD_READS,
	.opts = opts,
	.args_size = sizeof(struct export_args),
	.run = run,
};
