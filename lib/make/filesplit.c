/* filesplit.c - split files of any kind by the hash of their path. */
#define _GNU_SOURCE
#include "lib/make/filesplit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/spec/spec.h"
#include "lib/step/attempt.h"
#include "lib/table/split/split.h"

struct listing {
	struct strlist rels;
	int64_t *sizes;
	size_t cap;
};

static int list_file(const char *path, const char *rel, const struct stat *st, void *payload)
{
	struct listing *l = payload;

	(void)path;
	if (!S_ISREG(st->st_mode))
		return 0;
	ARRAY_GROW(l->sizes, l->rels.n, l->cap);
	l->sizes[l->rels.n] = st->st_size;
	strlist_add(&l->rels, rel);
	return 0;
}

/* What reads columns means nothing for files. */
static int refuse_columns(const struct spec_node *node)
{
	const char *key = node->query	  ? "query"
			  : node->label	  ? "label"
			  : node->check.n ? "check"
			  : node->order.n ? "order"
					  : NULL;

	if (!key)
		return 0;
	return error_set(ERR_INPUT,
			 "%s:%d: a data set of files has no columns, so '%s' means nothing",
			 node->file, spec_line(node, key), key);
}

static int place(const char *dir, const char *rel, const char *out, const char *split)
{
	char *from = path_join(dir, rel), *to = xasprintf("%s/%s/%s", out, split, rel);
	struct stat st;
	int rc = file_make_parents(to);

	if (!rc && stat(from, &st) < 0)
		rc = error_errno("cannot read '%s'", from);
	if (!rc)
		rc = file_copy(from, to, st.st_mode & 0111 ? 0755 : 0644);
	free(from);
	free(to);
	return rc;
}

static void report(struct attempt *a, const int64_t files[SPLITS], const int64_t bytes[SPLITS])
{
	a->metrics = json_object();
	a->profile = json_pack("{s:s,s:{},s:{}}", "what", "files", "rows", "bytes");
	for (int i = 0; i < SPLITS; i++) {
		json_object_set_new(a->metrics, split_names[i],
				    json_pack("{s:I,s:I}", "rows", (json_int_t)files[i], "bytes",
					      (json_int_t)bytes[i]));
		json_object_set_new(json_object_get(a->profile, "rows"), split_names[i],
				    json_integer(files[i]));
		json_object_set_new(json_object_get(a->profile, "bytes"), split_names[i],
				    json_integer(bytes[i]));
	}
}

int filesplit_run(struct attempt *a, const struct spec_node *node, const char *dir)
{
	struct listing l = { .rels = STRLIST_INIT };
	int64_t files[SPLITS] = { 0 }, bytes[SPLITS] = { 0 };
	struct table_split split;
	uint8_t *to = NULL;
	int rc = refuse_columns(node);

	if (rc)
		return rc;
	rc = table_split_parse(node->split.text, &split);
	split.seed = node->seed;
	if (!rc)
		rc = file_walk(dir, list_file, &l);
	if (!rc && !l.rels.n)
		rc = error_set(ERR_INPUT, "there is no file in it");
	if (!rc)
		rc = mem_alloc(l.rels.n, 1, &to);
	if (!rc)
		rc = table_split_paths(&split, (const char *const *)l.rels.v, l.rels.n, to);
	for (size_t i = 0; !rc && i < l.rels.n; i++) {
		rc = place(dir, l.rels.v[i], a->out, split_names[to[i]]);
		files[to[i]]++;
		bytes[to[i]] += l.sizes[i];
	}
	if (!rc)
		report(a, files, bytes);
	table_split_clear(&split);
	strlist_clear(&l.rels);
	free(l.sizes);
	free(to);
	return rc;
}
