/*
 * refresh.c - keep the index true to git. The index remembers inode and modification time of
 * packed-refs and of every folder below refs/mich (a ref is written by a rename in its folder); as
 * long as they are the same, no ref has moved. Else the refs are listed and the journals whose tip
 * is another one are read from there down to the tip that is known.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/record/content/stat_cache.h"
#include "lib/record/filler.h"
#include "lib/record/release/release_rows.h"

/* A time this young may hide a second change within the same tick of the file system's clock. */
enum { GRAIN_NS = 100 * 1000 * 1000, COARSE_GRAIN_S = 2 };

static int64_t mtime_ns(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

static void stat_place(struct repo *r, const char *path, struct stat *st)
{
	char *full = path_join(store_common_dir(r->store), path);

	if (stat(full, st) < 0)
		memset(st, 0, sizeof(*st));
	free(full);
}

/* 1: no ref below refs/mich has moved since the index was filled. */
static int is_fresh(struct repo *r)
{
	struct statement *st;
	int rc = statement_open(r->index, "SELECT path, inode, mtime_ns FROM folder", &st), n = 0;

	if (rc < 0)
		return rc;
	while ((rc = statement_step(st)) == 1) {
		struct stat now;

		n++;
		stat_place(r, statement_text(st, 0), &now);
		if ((int64_t)now.st_ino != statement_int(st, 1) ||
		    mtime_ns(&now) != statement_int(st, 2))
			break;
	}
	statement_close(st);
	return rc < 0 ? rc : rc == 0 && n > 0;
}

static bool is_young(const struct stat *st)
{
	struct timespec now;
	int64_t age;

	clock_gettime(CLOCK_REALTIME, &now);
	age = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec - mtime_ns(st);
	if (st->st_mtim.tv_nsec == 0)
		return age < COARSE_GRAIN_S * (int64_t)1000000000;
	return age < GRAIN_NS;
}

static int note_folder(struct repo *r, struct statement *insert, const char *path)
{
	struct stat st;

	stat_place(r, path, &st);
	statement_bind_text(insert, 1, path);
	statement_bind_int(insert, 2, (int64_t)st.st_ino);
	statement_bind_int(insert, 3, st.st_ino && is_young(&st) ? -1 : mtime_ns(&st));
	return statement_run(insert);
}

static bool is_folder(struct repo *r, const char *path)
{
	struct stat st;

	stat_place(r, path, &st);
	return S_ISDIR(st.st_mode);
}

static int note_below(struct repo *r, struct statement *insert, const char *path)
{
	char *full = path_join(store_common_dir(r->store), path);
	int rc = note_folder(r, insert, path);
	DIR *d = rc < 0 ? NULL : opendir(full);
	struct dirent *e;

	while (d && !rc && (e = readdir(d))) {
		char *sub;

		if (e->d_name[0] == '.' || (e->d_type != DT_DIR && e->d_type != DT_UNKNOWN))
			continue;
		sub = path_join(path, e->d_name);
		if (e->d_type == DT_DIR || is_folder(r, sub))
			rc = note_below(r, insert, sub);
		free(sub);
	}
	if (d)
		closedir(d);
	free(full);
	return rc;
}

/* Before the refs are listed: what changes after this is seen the next time. */
static int note_folders(struct repo *r)
{
	struct statement *insert;
	int rc = index_exec(r->index, "DELETE FROM folder");

	if (!rc)
		rc = statement_open(r->index, "INSERT INTO folder VALUES(?1, ?2, ?3)", &insert);
	if (rc < 0)
		return rc;
	rc = note_folder(r, insert, "packed-refs");
	if (!rc)
		rc = note_below(r, insert, "refs/mich");
	statement_close(insert);
	return rc;
}

static char *known_tip(struct repo *r, const char *kind, const char *name)
{
	struct statement *st;
	char *tip = NULL;

	if (statement_open(r->index, "SELECT tip FROM artifact WHERE kind = ?1 AND name = ?2",
			   &st) < 0)
		return NULL;
	statement_bind_text(st, 1, kind);
	statement_bind_text(st, 2, name);
	if (statement_step(st) == 1)
		tip = xstrdup(statement_text(st, 0));
	statement_close(st);
	return tip;
}

struct chain {
	struct entry *v; /* newest first */
	size_t n, cap;
	bool cut; /* fetched with a depth: what came before v[n - 1] is not here */
};

static void chain_clear(struct chain *c)
{
	for (size_t i = 0; i < c->n; i++)
		entry_clear(&c->v[i]);
	free(c->v);
}

/* Entries from tip down to stop (not itself). 1: stop was met, 0: the journal's beginning was. */
static int chain_read(struct repo *r, const struct oid *tip, const struct oid *stop,
		      struct chain *c)
{
	struct oid at = *tip;

	while (!oid_equal(&at, stop) && !oid_is_zero(&at)) {
		int rc;

		ARRAY_GROW(c->v, c->n, c->cap);
		rc = entry_read(r, &at, &c->v[c->n]);
		if (rc == ERR_NOT_FOUND && c->n && store_is_shallow(r->store)) {
			c->cut = true;
			return 0;
		}
		if (rc < 0)
			return rc;
		at = c->v[c->n++].before;
	}
	return oid_equal(&at, stop) && !oid_is_zero(&at);
}

static int read_journal(struct repo *r, struct filler *f, const char *kind, const char *name,
			const struct oid *tip, const char *known)
{
	struct chain c = { 0 };
	struct oid stop = { { 0 } };
	char hex[OID_HEX + 1];
	int rc;

	if (known && strlen(known) == OID_HEX)
		oid_parse(known, &stop);
	rc = chain_read(r, tip, &stop, &c);
	if (rc == 0 && known)
		rc = filler_forget(f, kind, name);
	if (rc == 0 && c.cut)
		rc = filler_add_cut(f, kind, name, &c.v[c.n - 1]);
	for (size_t i = c.n; rc >= 0 && i-- > 0;)
		rc = filler_add(f, kind, name, &c.v[i]);
	oid_hex(tip, hex);
	if (rc >= 0)
		rc = filler_tip(f, kind, name, hex);
	chain_clear(&c);
	return rc < 0 ? rc : 0;
}

/* One that cannot be read is left out, to be tried again, and does not stop the others. */
static int read_guarded(struct repo *r, struct filler *f, const char *kind, const char *name,
			const struct oid *tip, const char *known)
{
	int rc = index_exec(r->index, "SAVEPOINT journal");

	if (rc < 0)
		return rc;
	rc = read_journal(r, f, kind, name, tip, known);
	if (rc < 0) {
		if (index_exec(r->index, "ROLLBACK TO journal") < 0)
			return ERR_FAIL;
		rc = rc == ERR_IO || rc == ERR_BUSY ? rc : filler_forget(f, kind, name);
		if (!rc)
			rc = filler_tip(f, kind, name, "");
		error_clear();
	}
	if (!rc)
		rc = index_exec(r->index, "RELEASE journal");
	return rc;
}

struct listing {
	struct repo *r;
	struct filler *f;
	struct strlist seen; /* kind/name of every journal */
	struct strlist refs; /* of releases and stages */
};

static int take_ref(const char *ref, const struct oid *id, void *payload)
{
	struct listing *l = payload;
	char *kind, *name, *known, hex[OID_HEX + 1];
	int rc = 0;

	if (!journal_split(ref, &kind, &name)) {
		if ((rc = release_rows_take(l->r, ref, id)) == 1)
			strlist_add(&l->refs, ref);
		return rc < 0 ? rc : 0;
	}
	strlist_addf(&l->seen, "%s/%s", kind, name);
	known = known_tip(l->r, kind, name);
	oid_hex(id, hex);
	if (!known || strcmp(known, hex))
		rc = read_guarded(l->r, l->f, kind, name, id, known);
	free(known);
	free(kind);
	free(name);
	return rc;
}

static int string_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Journals whose ref is gone. */
static int forget_missing(struct listing *l)
{
	struct strlist gone = STRLIST_INIT;
	struct statement *st;
	int rc = statement_open(l->r->index, "SELECT kind || '/' || name FROM artifact", &st);

	if (rc < 0)
		return rc;
	strlist_sort(&l->seen);
	while ((rc = statement_step(st)) == 1) {
		const char *text = statement_text(st, 0);

		if (!l->seen.n ||
		    !bsearch(&text, l->seen.v, l->seen.n, sizeof(*l->seen.v), string_compare))
			strlist_add(&gone, text);
	}
	statement_close(st);
	for (size_t i = 0; !rc && i < gone.n; i++) {
		char *slash = strchr(gone.v[i], '/');

		*slash = '\0';
		rc = filler_forget(l->f, gone.v[i], slash + 1);
		if (!rc)
			rc = statement_open(l->r->index,
					    "DELETE FROM artifact WHERE kind = ?1 AND name = ?2",
					    &st);
		if (!rc) {
			statement_bind_text(st, 1, gone.v[i]);
			statement_bind_text(st, 2, slash + 1);
			rc = statement_run(st);
			statement_close(st);
		}
	}
	strlist_clear(&gone);
	return rc;
}

int refresh_fill(struct repo *r)
{
	struct listing l = { .r = r };
	int rc = index_begin(r->index);

	if (rc < 0)
		return rc;
	l.f = filler_new(r);
	rc = note_folders(r);
	if (!rc)
		rc = ref_list(r->store, JOURNAL_PREFIX, take_ref, &l);
	if (!rc)
		rc = forget_missing(&l);
	if (!rc) {
		strlist_sort(&l.refs);
		rc = release_rows_forget(r, &l.refs);
	}
	filler_free(l.f);
	strlist_clear(&l.seen);
	strlist_clear(&l.refs);
	if (rc < 0)
		index_rollback(r->index);
	else
		rc = index_commit(r->index);
	return rc;
}

/* What git says is read anew, into an index that lasts as long as this process. */
static int fill_memory(struct repo *r)
{
	bool empty;
	int rc;

	stat_cache_close(r);
	index_close(r->index);
	r->index = NULL;
	rc = index_open(NULL, false, &r->index, &empty);
	return rc < 0 ? rc : refresh_fill(r);
}

int refresh_index(struct repo *r)
{
	int rc = is_fresh(r);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	if (!r->writable && !index_in_memory(r->index))
		return fill_memory(r);
	rc = refresh_fill(r);
	if (rc != ERR_IO || index_in_memory(r->index))
		return rc;
	error_clear(); /* a full disk stops neither reading nor telling what was just recorded */
	return fill_memory(r);
}
