/* tree.c - git trees, read. */
#include "lib/store/tree.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/store/object.h"

enum { DEPTH_MAX = 4096 };

int tree_parse(const char *data, size_t n, tree_entry_fn fn, void *payload)
{
	const char *p = data, *end = data + n;

	while (p < end) {
		const char *nul = memchr(p, '\0', (size_t)(end - p));
		unsigned mode = 0;
		struct oid id;
		int rc;

		while (p < end && *p >= '0' && *p <= '7' && mode < 01000000)
			mode = mode << 3 | (unsigned)(*p++ - '0');
		if (!nul || *p != ' ' || nul <= p + 1 || end - nul <= OID_BYTES)
			return error_set(ERR_CORRUPT, "malformed git tree");
		memcpy(id.b, nul + 1, OID_BYTES);
		if ((rc = fn(mode, p + 1, &id, payload)) != 0)
			return rc;
		p = nul + 1 + OID_BYTES;
	}
	return 0;
}

struct walk {
	struct store *s;
	tree_entry_fn fn;
	void *payload;
	struct buf path;
	int depth;
};

static int walk_tree(struct walk *w, const struct oid *tree);

static int walk_entry(unsigned mode, const char *name, const struct oid *id, void *payload)
{
	struct walk *w = payload;
	size_t len = w->path.len;
	int rc;

	buf_addf(&w->path, "%s%s", len ? "/" : "", name);
	rc = w->fn(mode, w->path.data, id, w->payload);
	if (!rc && mode == TREE_FOLDER)
		rc = walk_tree(w, id);
	w->path.len = len;
	w->path.data[len] = '\0';
	return rc;
}

static int walk_tree(struct walk *w, const struct oid *tree)
{
	struct buf b = BUF_INIT;
	int rc;

	if (++w->depth > DEPTH_MAX)
		return error_set(ERR_CORRUPT, "git tree too deep");
	rc = object_read(w->s, tree, OBJECT_TREE, &b);
	if (!rc)
		rc = tree_parse(b.data, b.len, walk_entry, w);
	w->depth--;
	buf_clear(&b);
	return rc;
}

int tree_walk(struct store *s, const struct oid *tree, tree_entry_fn fn, void *payload)
{
	struct walk w = { s, fn, payload, BUF_INIT, 0 };
	int rc = walk_tree(&w, tree);

	buf_clear(&w.path);
	return rc;
}

struct lookup {
	const char *name;
	size_t len;
	unsigned mode;
	struct oid id;
};

static int lookup_entry(unsigned mode, const char *name, const struct oid *id, void *payload)
{
	struct lookup *l = payload;

	if (strlen(name) != l->len || memcmp(name, l->name, l->len))
		return 0;
	l->mode = mode;
	l->id = *id;
	return 1;
}

int tree_lookup(struct store *s, const struct oid *tree, const char *path, unsigned *mode_out,
		struct oid *out)
{
	struct lookup l = { .mode = TREE_FOLDER, .id = *tree };
	int rc = 1;

	while (rc == 1 && *path) {
		struct buf b = BUF_INIT;

		l.name = path;
		l.len = strcspn(path, "/");
		if (l.mode != TREE_FOLDER)
			return 0;
		rc = object_read(s, &l.id, OBJECT_TREE, &b);
		if (!rc)
			rc = tree_parse(b.data, b.len, lookup_entry, &l);
		buf_clear(&b);
		path += l.len + (path[l.len] == '/');
	}
	if (rc == 1) {
		*out = l.id;
		if (mode_out)
			*mode_out = l.mode;
	}
	return rc;
}

static int list_entry(unsigned mode, const char *path, const struct oid *id, void *payload)
{
	struct tree_list *l = payload;

	if (mode == TREE_FOLDER)
		return 0;
	ARRAY_GROW(l->v, l->n, l->cap);
	l->v[l->n++] = (struct tree_file){ xstrdup(path), mode, *id };
	return 0;
}

static int file_compare(const void *a, const void *b)
{
	return strcmp(((const struct tree_file *)a)->path, ((const struct tree_file *)b)->path);
}

int tree_list_read(struct store *s, const struct oid *tree, struct tree_list *out)
{
	int rc;

	*out = (struct tree_list){ 0 };
	rc = tree_walk(s, tree, list_entry, out);
	if (rc < 0)
		tree_list_clear(out);
	else if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), file_compare);
	return rc;
}

const struct tree_file *tree_list_find(const struct tree_list *l, const char *path)
{
	struct tree_file key = { .path = (char *)(uintptr_t)path };

	return l->n ? bsearch(&key, l->v, l->n, sizeof(*l->v), file_compare) : NULL;
}

void tree_list_clear(struct tree_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].path);
	free(l->v);
	*l = (struct tree_list){ 0 };
}
