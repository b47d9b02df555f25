/* tree.h - git trees: read their entries, and build or change nested ones. */
#ifndef MICH_STORE_TREE_H
#define MICH_STORE_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/store/oid.h"

struct store;
struct pack;

enum tree_mode {
	TREE_FILE = 0100644,
	TREE_PROGRAM = 0100755,
	TREE_LINK = 0120000,
	TREE_FOLDER = 0040000,
	TREE_MODULE = 0160000,
};

/* Call fn for each entry of the raw tree; its non-zero answer ends the walk. ERR_CORRUPT. */
typedef int (*tree_entry_fn)(unsigned mode, const char *name, const struct oid *id, void *payload);
int tree_parse(const char *data, size_t n, tree_entry_fn fn, void *payload);

/* Every entry below, folders first, path relative to the tree; folders themselves too. */
int tree_walk(struct store *s, const struct oid *tree, tree_entry_fn fn, void *payload);

/* What lies at path ("files/a/b"). 1 found, 0 not, <0. mode_out may be NULL. */
int tree_lookup(struct store *s, const struct oid *tree, const char *path, unsigned *mode_out,
		struct oid *out);

/* Every file of a tree, sorted by path, to look up many. */
struct tree_file {
	char *path;
	unsigned mode;
	struct oid id;
};

struct tree_list {
	struct tree_file *v;
	size_t n, cap;
};

int tree_list_read(struct store *s, const struct oid *tree, struct tree_list *out);
const struct tree_file *tree_list_find(const struct tree_list *l,
				       const char *path); /* NULL: none */
void tree_list_clear(struct tree_list *l);

/* A tree in memory, read from git only where it is changed. */
struct tree;
struct tree *tree_new(struct store *s, const struct oid *base); /* base NULL: empty */
void tree_free(struct tree *t);
bool tree_is_empty(const struct tree *t); /* of one that was made new */
int tree_put(struct tree *t, const char *path, unsigned mode, const struct oid *id);
int tree_remove(struct tree *t, const char *path); /* fine when it is not there */

/* Write what changed into p; an unchanged tree keeps its name. */
int tree_write(struct tree *t, struct pack *p, struct oid *out);

#endif
