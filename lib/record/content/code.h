/* code.h - the code that a step reads, as recorded: HEAD where it equals HEAD, else a snapshot. */
#ifndef MICH_RECORD_CONTENT_CODE_H
#define MICH_RECORD_CONTENT_CODE_H

#include <stdbool.h>

#include "lib/base/json.h"
#include "lib/base/strlist.h"

struct repo;

struct code {
	char commit[41]; /* HEAD, or a commit that no branch points to; "" when HEAD is unborn and
			    nothing is read */
	struct strlist paths; /* relative to the work tree, sorted; files or folders */
	json_t *trees;	      /* {path: "100644 <blob oid>" | "040000 <tree oid>"} */
	bool dirty;	      /* differs from HEAD (or is not tracked) */
};

#define CODE_INIT             \
	{                     \
		.trees = NULL \
	}

/*
 * Snapshot paths as they lie in the work tree: hashed by git's rules (a file that LFS holds equals
 * its pointer), objects written, stat-cached so that unchanged files cost a stat. The user's index
 * is not touched. A path that does not exist: ERR_NOT_FOUND naming it.
 */
int code_snapshot(struct repo *r, const struct strlist *paths, struct code *out);

/* Only which of the words name tracked (or present, not ignored) files of the work tree. */
int code_words(struct repo *r, const struct strlist *words, struct strlist *paths_out);

/* Write the code as recorded below dir. */
int code_place(struct repo *r, const struct code *c, const char *dir);

/* The recorded code of a version's manifest member "code". */
int code_load(const json_t *member, struct code *out);

/* True when HEAD holds exactly these trees: what lifts the dirty mark. */
bool code_in_head(struct repo *r, const struct code *c);

/* The bytes of a file of HEAD's tree, appended to out. ERR_NOT_FOUND: no HEAD, or not in it. */
struct buf;
int code_head_file(struct repo *r, const char *path, struct buf *out);

json_t *code_json(const struct code *c); /* {commit, paths, trees, dirty}; new reference */
void code_clear(struct code *c);

#endif
