/* cat.c - the bytes of one file of a version. */
#define _GNU_SOURCE
#include "cmd/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/make/pick.h"
#include "lib/record/content/contents.h"

struct cat_args {
	const char *what;
};

static const struct opt opts[] = {
	OPERAND("version:path", struct cat_args, what, ONE, COMP_VERSION,
		"a path in the version's tree, such as eta@3:metrics.json or flights:files/test.parquet"),
	OPT_END
};

enum { BLOCK_BYTES = 1 << 16 };

/* Large files lie on disk as they are; those are streamed, never read whole. */
static int copy_out(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	char *block;
	ssize_t n;

	if (fd < 0)
		return error_errno("cannot open '%s'", path);
	block = xmalloc(BLOCK_BYTES);
	while ((n = read(fd, block, BLOCK_BYTES)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			rc = error_errno("cannot read '%s'", path);
		if (n < 0 || fwrite(block, 1, (size_t)n, stdout) != (size_t)n)
			break; /* main says why stdout could not be written */
	}
	free(block);
	close(fd);
	return rc;
}

static int print_path(struct repo *repo, const struct version *v, const char *path)
{
	struct buf small = BUF_INIT;
	char *large = NULL;
	int rc = version_bytes(repo, v, path, &small, &large);

	if (!rc && large)
		rc = copy_out(large);
	else if (!rc)
		fwrite(small.data, 1, small.len, stdout);
	free(large);
	buf_clear(&small);
	return rc;
}

/* What it does have, of its files first. */
static int no_path(struct repo *repo, const struct version *v, const char *path)
{
	static const char *const members[] = { "manifest.json", "metrics.json", "profile.json",
					       "events.jsonl",	"log",		"contents" };
	struct contents files = CONTENTS_INIT;
	struct strlist known = STRLIST_INIT;
	struct buf b = BUF_INIT;
	const char *near;

	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		strlist_add(&known, members[i]);
	if (version_cat(repo, v, "contents", &b) == 0 && contents_parse(b.data, b.len, &files) == 0)
		for (size_t i = 0; i < files.n; i++)
			strlist_addf(&known, "files/%s", files.v[i].path);
	near = strlist_nearest((const char *const *)known.v, known.n, path);
	for (size_t i = 0; i < known.n; i++)
		if (!strncmp(known.v[i], "files/", 6) && !strcmp(known.v[i] + 6, path))
			near = known.v[i];
	error_set(ERR_NOT_FOUND, "%s/%s@%lld has no file '%s'", v->kind, v->name,
		  (long long)v->number, path);
	if (near)
		error_hint(ERR_NOT_FOUND, "mich cat %s/%s@%lld:%s", v->kind, v->name,
			   (long long)v->number, near);
	else
		error_hint(ERR_NOT_FOUND, "mich show %s/%s@%lld lists its files", v->kind, v->name,
			   (long long)v->number);
	contents_clear(&files);
	strlist_clear(&known);
	buf_clear(&b);
	return ERR_NOT_FOUND;
}

static int run(struct repo *repo, const void *p)
{
	const struct cat_args *args = p;
	const char *colon = strchr(args->what, ':');
	struct version v = VERSION_INIT;
	char *name;
	int rc;

	if (!colon || !colon[1]) {
		error_set(ERR_USAGE, "'%s' names no file: want VERSION:PATH", args->what);
		return error_hint(ERR_USAGE, "mich cat %.*s:metrics.json",
				  (int)strcspn(args->what, ":"), args->what);
	}
	name = xstrndup(args->what, (size_t)(colon - args->what));
	if ((rc = pick_version(repo, NULL, name, &v)) == 0 &&
	    (rc = print_path(repo, &v, colon + 1)) == ERR_NOT_FOUND &&
	    !version_has(repo, &v, colon + 1))
		rc = no_path(repo, &v, colon + 1);
	else if (rc == ERR_NOT_FOUND && v.collected)
		rc = error_set(
			rc, "'%s' was removed with the files of %s/%s@%lld: only its entry is left",
			colon + 1, v.kind, v.name, (long long)v.number);
	version_clear(&v);
	free(name);
	return rc;
}

const struct cmd cmd_cat = {
	.name = "cat",
	.summary = "print one file of a version",
	.group = GROUP_LOOK,
	.flags = CMD_READS,
	.opts = opts,
	.args_size = sizeof(struct cat_args),
	.run = run,
};
