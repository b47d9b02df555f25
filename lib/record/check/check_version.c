/* check_version.c - is one version whole: manifest, contents, files. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/record/check/checking.h"
#include "lib/record/content/contents.h"

static int read_member(struct checking *c, const struct tree_list *tree, const char *path,
		       struct buf *out)
{
	const struct tree_file *f = tree_list_find(tree, path);
	struct pointer p;
	int rc;

	if (!f)
		return error_set(ERR_NOT_FOUND, "no %s", path);
	rc = object_read(c->r->store, &f->id, OBJECT_BLOB, out);
	if (!rc && pointer_parse(out->data, out->len, &p)) {
		char *blob = blob_path(c->r->blobs, p.sha256);

		buf_reset(out);
		rc = file_read(blob, out);
		free(blob);
	}
	return rc;
}

static json_t *check_manifest(struct checking *c, const struct entry *e,
			      const struct tree_list *tree, const char *where)
{
	const struct tree_file *f = tree_list_find(tree, "manifest.json");
	struct buf b = BUF_INIT;
	json_t *m = NULL;
	char hex[OID_HEX + 1] = "";

	if (f)
		oid_hex(&f->id, hex);
	if (!f)
		check_problem(c, where, "no manifest.json");
	else if (strcmp(hex, e->id))
		check_problem(c, where, "its id is %s, its manifest is %s", e->id, hex);
	else if (object_read(c->r->store, &f->id, OBJECT_BLOB, &b) < 0 ||
		 json_parse(b.data, b.len, "manifest.json", &m) < 0)
		check_problem(c, where, "%s", error_text());
	else if (strcmp(json_str(m, "kind", ""), c->kind) ||
		 strcmp(json_str(m, "name", ""), c->name))
		check_problem(c, where, "its manifest is of %s/%s", json_str(m, "kind", "?"),
			      json_str(m, "name", "?"));
	buf_clear(&b);
	return m;
}

static void check_number(struct checking *c, const struct tree_list *tree, const char *where)
{
	struct buf b = BUF_INIT;
	char *end, *text;
	long long n;

	if (read_member(c, tree, "version", &b) < 0) {
		check_problem(c, where, "no number");
	} else {
		n = strtoll(b.data, &end, 10);
		text = xasprintf("%lld", n);
		if (n < 1 || strcmp(end, "\n"))
			check_problem(c, where, "malformed number");
		else if (strlist_has(&c->numbers, text))
			check_problem(c, where, "a second version of this number");
		strlist_take(&c->numbers, text);
	}
	buf_clear(&b);
}

/* The bytes of a small file against its line; only with --full are they hashed. */
static void check_small(struct checking *c, const char *where, const struct contents_line *l,
			const struct buf *b)
{
	char sha256[HASH_HEX + 1];

	if ((int64_t)b->len != l->size) {
		check_problem(c, where, "'%s' has %zu bytes, want %lld", l->path, b->len,
			      (long long)l->size);
	} else if (c->plan->full) {
		hash_data(b->data, b->len, sha256);
		if (strcmp(sha256, l->sha256))
			check_problem(c, where, "'%s' has other bytes than its line says", l->path);
	}
}

static void check_line(struct checking *c, const struct tree_list *tree, const char *where,
		       const char *prefix, const struct contents_line *l)
{
	char *path = path_join(prefix, l->path);
	const struct tree_file *f = tree_list_find(tree, path);
	struct buf b = BUF_INIT;
	struct pointer p;

	if (!f && tree_list_find(tree, "places"))
		; /* in a shard, which its own pointer answers for */
	else if (!f)
		check_problem(c, where, "'%s' is listed and not there", path);
	else if ((f->mode == TREE_LINK) != (l->mode == CONTENTS_LINK) ||
		 (f->mode == TREE_PROGRAM) != (l->mode == CONTENTS_PROGRAM))
		check_problem(c, where, "'%s' has another mode than its line says", path);
	else if (object_read(c->r->store, &f->id, OBJECT_BLOB, &b) < 0)
		check_problem(c, where, "%s", error_text());
	else if (pointer_parse(b.data, b.len, &p) && !strcmp(p.sha256, l->sha256) &&
		 p.size == l->size)
		check_blob(c, where, path, &p);
	else
		check_small(c, where, l, &b);
	free(path);
	buf_clear(&b);
}

static size_t count_below(const struct tree_list *tree, const char *prefix)
{
	size_t n = 0, len = strlen(prefix);

	for (size_t i = 0; i < tree->n; i++)
		n += !strncmp(tree->v[i].path, prefix, len);
	return n;
}

static void check_contents(struct checking *c, const struct tree_list *tree, const json_t *manifest,
			   const char *where)
{
	const char *content = json_str(manifest, "content", NULL);
	struct contents list = CONTENTS_INIT;
	struct buf b = BUF_INIT;
	char sha256[HASH_HEX + 1];

	if (!content && !count_below(tree, "files/"))
		return;
	if (read_member(c, tree, "contents", &b) < 0) {
		check_problem(c, where, "%s", error_text());
		goto out;
	}
	hash_data(b.data, b.len, sha256);
	if (!content || strcmp(sha256, content))
		check_problem(c, where, "its contents hash to %.12s, its manifest says %.12s",
			      sha256, content ? content : "nothing");
	if (contents_parse(b.data, b.len, &list) < 0) {
		check_problem(c, where, "%s", error_text());
		goto out;
	}
	for (size_t i = 0; i < list.n; i++)
		check_line(c, tree, where, "files", &list.v[i]);
	if (count_below(tree, "files/") != list.n && !tree_list_find(tree, "places"))
		check_problem(c, where, "files/ holds %zu files, its contents list %zu",
			      count_below(tree, "files/"), list.n);
out:
	contents_clear(&list);
	buf_clear(&b);
}

static bool is_kept(const json_t *sources, const char *path)
{
	size_t len = strcspn(path, "/"), i;
	const json_t *s;

	json_array_foreach(sources, i, s) {
		const char *role = json_str(s, "role", "");

		if (strlen(role) == len && !strncmp(role, path, len))
			return json_bool(s, "keep", true);
	}
	return true;
}

static void check_sources(struct checking *c, const struct tree_list *tree, const json_t *manifest,
			  const char *where)
{
	const json_t *sources = json_object_get(manifest, "sources");
	struct contents list = CONTENTS_INIT;
	struct buf b = BUF_INIT;

	if (json_array_size(sources) && (read_member(c, tree, "sources.list", &b) < 0 ||
					 contents_parse(b.data, b.len, &list) < 0))
		check_problem(c, where, "%s", error_text());
	for (size_t i = 0; i < list.n; i++)
		if (is_kept(sources, list.v[i].path))
			check_line(c, tree, where, "sources", &list.v[i]);
	contents_clear(&list);
	buf_clear(&b);
}

/* metrics.json, log and the like may be pointers too; what lies below shards/ is nothing else. */
static void check_members(struct checking *c, const struct tree_list *tree, const char *where)
{
	for (size_t i = 0; i < tree->n; i++) {
		const struct tree_file *f = &tree->v[i];
		struct buf b = BUF_INIT;
		struct pointer p;
		size_t size = 0;

		if (strchr(f->path, '/') && strncmp(f->path, "shards/", 7))
			continue;
		if (object_header(c->r->store, &f->id, NULL, &size) != 1)
			check_problem(c, where, "'%s' is missing in git", f->path);
		else if (size < POINTER_MAX_BYTES &&
			 object_read(c->r->store, &f->id, OBJECT_BLOB, &b) == 0 &&
			 pointer_parse(b.data, b.len, &p))
			check_blob(c, where, f->path, &p);
		buf_clear(&b);
	}
}

static bool is_collected(struct checking *c, const char *id)
{
	struct statement *st;
	bool collected = false;

	if (statement_open(c->r->index, "SELECT collected FROM version WHERE id = ?1", &st) < 0)
		return false;
	statement_bind_text(st, 1, id);
	if (statement_step(st) == 1)
		collected = statement_int(st, 0);
	statement_close(st);
	return collected;
}

void check_version(struct checking *c, const struct entry *e, const char *where)
{
	struct tree_list tree = { 0 };
	json_t *manifest;

	c->out->versions++;
	if (strlist_has(&c->ids, e->id))
		check_problem(c, where, "its id %.12s is there twice", e->id);
	strlist_add(&c->ids, e->id);
	if (tree_list_read(c->r->store, &e->tree, &tree) < 0) {
		check_problem(c, where, "%s", error_text());
		return;
	}
	check_number(c, &tree, where);
	manifest = check_manifest(c, e, &tree, where);
	if (manifest && !is_collected(c, e->id)) {
		check_contents(c, &tree, manifest, where);
		check_sources(c, &tree, manifest, where);
		check_members(c, &tree, where);
	}
	json_decref(manifest);
	tree_list_clear(&tree);
}
