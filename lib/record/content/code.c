/* code.c - the code that a step reads, as recorded. */
#define _GNU_SOURCE
#include "lib/record/content/code.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/record/content/contents.h"
#include "lib/record/content/snapshot.h"
#include "lib/record/content/stat_cache.h"
#include "lib/record/inside.h"
#include "lib/store/worktree.h"

/* "./lib/" to "lib"; NULL when it leaves the work tree. Caller frees. */
static char *inside_path(struct repo *r, const char *word)
{
	const char *top = repo_workdir(r);
	size_t n = strlen(top);
	char *path;

	if (*word == '/') {
		if (strncmp(word, top, n) || word[n] != '/')
			return NULL;
		word += n + 1;
	}
	while (!strncmp(word, "./", 2))
		word += 2 + strspn(word + 2, "/");
	path = xstrdup(word);
	for (n = strlen(path); n && path[n - 1] == '/'; n--)
		path[n - 1] = '\0';
	if (path_is_inside(path) && strncmp(path, ".git/", 5) && strcmp(path, ".git"))
		return path;
	free(path);
	return NULL;
}

static json_t *entry_json(unsigned mode, const struct oid *id)
{
	char hex[OID_HEX + 1];

	oid_hex(id, hex);
	return json_sprintf("%06o %s", mode, hex);
}

static bool entry_parse(const char *text, unsigned *mode, struct oid *id)
{
	char *end;

	if (!text)
		return false;
	*mode = (unsigned)strtoul(text, &end, 8);
	return *end == ' ' && strlen(end + 1) == OID_HEX && oid_parse(end + 1, id);
}

static int head_tree(struct repo *r, struct oid *commit, struct oid *tree)
{
	struct commit c;
	int rc = store_head(r->store, commit);

	if (rc <= 0)
		return rc;
	if ((rc = commit_read(r->store, commit, &c)) < 0)
		return rc;
	*tree = c.tree;
	commit_clear(&c);
	return 1;
}

/* Does the tree hold exactly these? */
static int tree_holds(struct repo *r, const struct oid *tree, const json_t *trees)
{
	const char *path;
	json_t *v;
	int same = 1;

	json_object_foreach((json_t *)(uintptr_t)trees, path, v) {
		struct oid want, have;
		unsigned want_mode, mode;
		int rc;

		if (same <= 0)
			break;
		if (!entry_parse(json_string_value(v), &want_mode, &want))
			return error_set(ERR_CORRUPT, "malformed code entry '%s'", path);
		rc = tree_lookup(r->store, tree, path, &mode, &have);
		same = rc < 0 ? rc : rc == 1 && mode == want_mode && oid_equal(&have, &want);
	}
	return same;
}

/*
 * A commit that no branch points to: HEAD's tree with the paths as they lie in the work tree. Its
 * times are HEAD's, so that the same files give the same commit. Kept until the repository is
 * closed.
 */
static int make_commit(struct repo *r, struct pack *p, const struct oid *head,
		       const struct oid *base, const json_t *trees, struct oid *out)
{
	struct tree *t = tree_new(r->store, base);
	struct commit_plan plan = { .parents = head, .n_parents = head ? 1 : 0 };
	char *who = ident_name(r, IDENT_AUTHOR), *line;
	struct commit before = { 0 };
	const char *path;
	json_t *v;
	int rc = head ? commit_read(r->store, head, &before) : 0;

	json_object_foreach((json_t *)(uintptr_t)trees, path, v) {
		unsigned mode;
		struct oid id;

		if (rc < 0 || !entry_parse(json_string_value(v), &mode, &id))
			break;
		rc = tree_put(t, path, mode, &id);
	}
	line = xasprintf("%s %lld +0000", who, (long long)before.time_s);
	plan.author = plan.committer = line;
	plan.message = "mich: the code of a run, as it lay in the work tree\n";
	if (!rc)
		rc = tree_write(t, p, &plan.tree);
	if (!rc)
		rc = pack_add_commit(p, &plan, out);
	tree_free(t);
	commit_clear(&before);
	free(who);
	free(line);
	return rc;
}

/* A path below another one is recorded, and placed, with that one. */
static void drop_covered(struct code *c)
{
	struct strlist kept = STRLIST_INIT;

	for (size_t i = 0; i < c->paths.n; i++) {
		bool covered = false;

		for (size_t k = 0; !covered && k < c->paths.n; k++) {
			size_t n = strlen(c->paths.v[k]);

			covered = !strncmp(c->paths.v[i], c->paths.v[k], n) &&
				  c->paths.v[i][n] == '/';
		}
		if (covered)
			json_object_del(c->trees, c->paths.v[i]);
		else
			strlist_add(&kept, c->paths.v[i]);
	}
	strlist_clear(&c->paths);
	c->paths = kept;
}

static int snapshot_paths(struct repo *r, const struct strlist *paths, struct pack *p,
			  struct code *out)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < paths->n; i++) {
		char *path = inside_path(r, paths->v[i]);
		struct oid id;
		unsigned mode;

		if (!path)
			return error_hint(
				error_set(
					ERR_INPUT,
					"the code '%s' is no file or folder inside the work tree '%s'",
					paths->v[i], repo_workdir(r)),
				"name what the step runs: code = train.py, lib/");
		rc = snapshot_path(r, p, path, &mode, &id);
		if (!rc && !strlist_has(&out->paths, path)) {
			strlist_add(&out->paths, path);
			json_object_set_new(out->trees, path, entry_json(mode, &id));
		}
		free(path);
	}
	strlist_sort(&out->paths);
	drop_covered(out);
	return rc;
}

/* HEAD where it holds just these, else a commit of our own. */
static int settle_commit(struct repo *r, struct pack **p, struct code *out)
{
	struct oid head, tree, commit;
	int known = head_tree(r, &head, &tree), rc = known;

	if (rc > 0)
		rc = tree_holds(r, &tree, out->trees);
	if (rc > 0) {
		oid_hex(&head, out->commit);
		return 0;
	}
	if (rc < 0 || !out->paths.n)
		return rc;
	out->dirty = true;
	rc = make_commit(r, *p, known ? &head : NULL, known ? &tree : NULL, out->trees, &commit);
	if (!rc)
		rc = pack_finish(*p);
	if (rc < 0)
		return rc;
	oid_hex(&commit, out->commit);
	repo_hold(r, *p);
	*p = NULL;
	return 0;
}

int code_snapshot(struct repo *r, const struct strlist *paths, struct code *out)
{
	struct pack *p = NULL;
	int rc;

	*out = (struct code){ .trees = json_object() };
	if (!repo_workdir(r))
		return error_set(ERR_INPUT, "a bare repository has no work tree to take code from");
	rc = pack_begin(r->store, r->scratch_dir, &p);
	if (!rc)
		rc = snapshot_paths(r, paths, p, out);
	if (!rc)
		rc = settle_commit(r, &p, out);
	stat_cache_flush(r);
	pack_release(p);
	if (rc < 0)
		code_clear(out);
	return rc;
}

int code_words(struct repo *r, const struct strlist *words, struct strlist *paths_out)
{
	if (!repo_workdir(r))
		return 0;
	for (size_t i = 0; i < words->n; i++) {
		char *path = inside_path(r, words->v[i]), *full;
		struct stat st;
		struct oid id;
		unsigned mode;
		bool fresh, take = false;

		if (!path)
			continue;
		full = path_join(repo_workdir(r), path);
		if (lstat(full, &st) == 0 && S_ISREG(st.st_mode))
			take = worktree_tracked(r->store, path, &st, &mode, &id, &fresh) == 1 ||
			       !worktree_ignored(r->store, path);
		if (take && !strlist_has(paths_out, path))
			strlist_add(paths_out, path);
		free(path);
		free(full);
	}
	return 0;
}

bool code_in_head(struct repo *r, const struct code *c)
{
	struct oid head, tree;
	int rc = head_tree(r, &head, &tree);

	if (rc > 0)
		rc = tree_holds(r, &tree, c->trees);
	if (rc < 0)
		error_clear();
	return rc == 1;
}

int code_head_file(struct repo *r, const char *path, struct buf *out)
{
	struct oid head, tree;
	int rc = head_tree(r, &head, &tree);

	if (rc == 0)
		return error_set(ERR_NOT_FOUND, "there is no commit yet, so no '%s' in it", path);
	return rc < 0 ? rc : repo_read_blob(r, &tree, path, out);
}

int code_place(struct repo *r, const struct code *c, const char *dir)
{
	const char *path;
	json_t *v;
	int rc = file_make_dirs(dir);

	json_object_foreach(c->trees, path, v) {
		struct oid id;
		unsigned mode;

		if (rc < 0)
			break;
		if (!entry_parse(json_string_value(v), &mode, &id) || !path_is_inside(path))
			return error_set(ERR_CORRUPT, "malformed code entry '%s'", path);
		rc = snapshot_place(r, path, mode, &id, dir);
	}
	return rc;
}

int code_load(const json_t *member, struct code *out)
{
	const json_t *paths = json_object_get(member, "paths");
	json_t *trees = json_object_get(member, "trees");

	*out = (struct code){ .trees = json_is_object(trees) ? json_deep_copy(trees)
							     : json_object() };
	snprintf(out->commit, sizeof out->commit, "%s", json_str(member, "commit", ""));
	out->dirty = json_bool(member, "dirty", false);
	for (size_t i = 0; i < json_array_size(paths); i++)
		if (json_is_string(json_array_get(paths, i)))
			strlist_add(&out->paths, json_string_value(json_array_get(paths, i)));
	return 0;
}

json_t *code_json(const struct code *c)
{
	json_t *paths = json_array();

	for (size_t i = 0; i < c->paths.n; i++)
		json_array_append_new(paths, json_string(c->paths.v[i]));
	return json_pack("{s:s, s:o, s:O, s:b}", "commit", c->commit, "paths", paths, "trees",
			 c->trees ? c->trees : json_object(), "dirty", c->dirty);
}

void code_clear(struct code *c)
{
	strlist_clear(&c->paths);
	json_decref(c->trees);
	*c = (struct code)CODE_INIT;
}
