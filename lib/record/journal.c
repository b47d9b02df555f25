/* journal.c - the life of one artifact as a chain of commits. */
#define _GNU_SOURCE
#include "lib/record/journal.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/record/name.h"

char *journal_ref(const char *kind, const char *name)
{
	return xasprintf(JOURNAL_PREFIX "%s/%s", kind, name);
}

bool journal_split(const char *ref, char **kind, char **name)
{
	size_t prefix = strlen(JOURNAL_PREFIX);
	const char *slash;

	if (strncmp(ref, JOURNAL_PREFIX, prefix))
		return false;
	ref += prefix;
	slash = strchr(ref, '/');
	if (!slash || strchr(slash + 1, '/') || !strncmp(ref, "stage/", 6) ||
	    !strncmp(ref, "release/", 8))
		return false;
	*kind = xstrndup(ref, (size_t)(slash - ref));
	*name = xstrdup(slash + 1);
	if (name_check("kind", *kind) == 0 && name_check("name", *name) == 0)
		return true;
	error_clear();
	free(*kind);
	free(*name);
	return false;
}

int journal_lock(struct repo *r, const char *kind, const char *name, int *fd_out)
{
	char *path = xasprintf("%s/locks/%s/%s", r->mich_dir, kind, name);
	char *what = xasprintf("%s/%s", kind, name);
	struct lock_wait wait = r->wait;
	int rc;

	if (r->sweeping)
		wait.deadline_ms = 0;
	rc = lock_take(path, what, &wait, fd_out);
	free(path);
	free(what);
	return rc;
}

int entry_read(struct repo *r, const struct oid *commit, struct entry *out)
{
	struct commit c;
	int rc = commit_read(r->store, commit, &c);

	memset(out, 0, sizeof(*out));
	if (rc < 0)
		return rc;
	out->commit = *commit;
	out->tree = c.tree;
	if (c.n_parents)
		out->before = c.parents[0];
	out->type = commit_trailer(&c, "Mich-Event");
	out->id = commit_trailer(&c, "Mich-Id");
	out->author = xstrdup(c.author);
	out->time_s = c.time_s;
	if (!out->type || (strcmp(out->type, "begin") && (!out->id || !c.n_parents))) {
		char hex[OID_HEX + 1];

		oid_hex(commit, hex);
		rc = error_set(ERR_CORRUPT, "the commit %s is no entry of a journal", hex);
		entry_clear(out);
	}
	commit_clear(&c);
	return rc;
}

void entry_clear(struct entry *e)
{
	free(e->type);
	free(e->id);
	free(e->author);
	memset(e, 0, sizeof(*e));
}

static int add_root(struct repo *r, struct pack *p, const struct entry_plan *e, const char *author,
		    const char *committer, struct oid *out)
{
	char *message =
		xasprintf("%s %s: the journal begins\n\nMich-Event: begin\n", e->kind, e->name);
	struct commit_plan c = { .author = author, .committer = committer, .message = message };
	int rc = pack_add(p, OBJECT_TREE, "", 0, &c.tree);

	(void)r;
	if (!rc)
		rc = pack_add_commit(p, &c, out);
	free(message);
	return rc;
}

static int add_entry(struct pack *p, const struct entry_plan *e, const struct oid *tip,
		     const char *author, const char *committer, struct oid *out)
{
	struct oid *parents = xcalloc(e->n_parents + 1, sizeof(*parents));
	struct commit_plan c = { .author = author, .committer = committer, .parents = parents };
	struct buf message = BUF_INIT;
	int rc;

	parents[c.n_parents++] = *tip;
	for (size_t i = 0; i < e->n_parents; i++) {
		size_t j = 0;

		while (j < c.n_parents && !oid_equal(&parents[j], &e->parents[i]))
			j++;
		if (j == c.n_parents)
			parents[c.n_parents++] = e->parents[i];
	}
	buf_addf(&message, "%s\n\n", e->subject);
	if (e->body && *e->body)
		buf_addf(&message, "%s\n\n", e->body);
	buf_addf(&message, "Mich-Id: %s\nMich-Event: %s\n", e->id, e->type);
	c.message = message.data;
	rc = tree_write(e->tree, p, &c.tree);
	if (!rc)
		rc = pack_add_commit(p, &c, out);
	buf_clear(&message);
	free(parents);
	return rc;
}

int journal_append(struct repo *r, struct pack *p, const struct entry_plan *e)
{
	char *ref = journal_ref(e->kind, e->name);
	char *author = ident_line(r, IDENT_AUTHOR), *committer = ident_line(r, IDENT_COMMITTER);
	struct oid tip, before, commit;
	int rc = ref_read(r->store, ref, &tip), known = rc;

	before = tip;
	if (rc == 0)
		rc = add_root(r, p, e, author, committer, &before);
	if (rc >= 0)
		rc = add_entry(p, e, &before, author, committer, &commit);
	if (!rc)
		rc = pack_finish(p);
	if (!rc)
		rc = ref_move(r->store, ref, known ? &tip : NULL, &commit, e->subject);
	free(ref);
	free(author);
	free(committer);
	return rc;
}
