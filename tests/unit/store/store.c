/* store.c - tests of lib/store in a repository of its own: packs, trees, refs, blobs, locks. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/store/blob.h"
#include "lib/store/lock.h"
#include "lib/store/object.h"
#include "lib/store/pack.h"
#include "lib/store/pointer.h"
#include "lib/store/ref.h"
#include "lib/store/store.h"
#include "lib/store/tree.h"

struct place {
	char dir[64];
	char *scratch, *mich;
	struct store *s;
};

static int begin(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));

	strcpy(p->dir, "/tmp/mich-store-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	assert_int_equal(store_create(p->dir), 0);
	assert_int_equal(store_open(p->dir, &p->s), 0);
	p->mich = path_join(store_common_dir(p->s), "mich");
	p->scratch = path_join(p->mich, "tmp");
	*state = p;
	return 0;
}

static int end(void **state)
{
	struct place *p = *state;

	store_close(p->s);
	file_remove_tree(p->dir);
	free(p->scratch);
	free(p->mich);
	free(p);
	return 0;
}

static void write_text(const char *dir, const char *name, const char *text)
{
	char *path = path_join(dir, name);

	assert_int_equal(file_make_parents(path), 0);
	assert_int_equal(file_write(path, text, strlen(text)), 0);
	free(path);
}

static int git(const struct place *p, const char *args)
{
	char *line = xasprintf("git -C %s %s >%s/.git/out 2>&1", p->dir, args, p->dir);
	int rc = system(line);

	free(line);
	return rc;
}

static void test_pack(void **state)
{
	struct place *p = *state;
	struct pack *pack;
	struct buf b = BUF_INIT;
	char *big = xmalloc(300000);
	struct oid one, two, again, many;

	for (int i = 0; i < 300000; i++)
		big[i] = (char)(i * 2654435761u >> 24);
	assert_int_equal(pack_begin(p->s, p->scratch, &pack), 0);
	assert_int_equal(pack_add(pack, OBJECT_BLOB, "hello\n", 6, &one), 0);
	assert_int_equal(pack_add(pack, OBJECT_BLOB, big, 300000, &two), 0);
	assert_int_equal(pack_add(pack, OBJECT_BLOB, "hello\n", 6, &again), 0);
	assert_int_equal(pack_add(pack, OBJECT_BLOB, "", 0, &many), 0);
	for (int i = 0; i < 500; i++)
		assert_int_equal(pack_add(pack, OBJECT_BLOB, &i, sizeof i, &many), 0);
	assert_true(oid_equal(&one, &again));
	assert_false(object_exists(p->s, &one));
	assert_int_equal(pack_finish(pack), 0);
	assert_int_equal(object_read(p->s, &two, OBJECT_BLOB, &b), 0);
	assert_int_equal(b.len, 300000);
	assert_memory_equal(b.data, big, 300000);
	/* Kept: nothing reaches these objects, and git takes none of them. */
	assert_int_equal(git(p, "gc --prune=now -q"), 0);
	assert_int_equal(git(p, "repack -adq"), 0);
	assert_int_equal(git(p, "cat-file -e ce013625030ba8dba906f756967f9e9ca394464a"), 0);
	assert_int_equal(git(p, "fsck --strict"), 0);
	assert_int_equal(pack_sweep(p->s), 0);
	pack_release(pack);
	assert_int_equal(git(p, "gc --prune=now -q"), 0);
	assert_int_not_equal(git(p, "cat-file -e ce013625030ba8dba906f756967f9e9ca394464a"), 0);
	buf_clear(&b);
	free(big);
}

static void test_keep_of_the_dead(void **state)
{
	struct place *p = *state;
	struct pack *pack;
	struct oid id;
	char *keep;

	assert_int_equal(pack_begin(p->s, p->scratch, &pack), 0);
	assert_int_equal(pack_add(pack, OBJECT_BLOB, "x", 1, &id), 0);
	assert_int_equal(pack_finish(pack), 0);
	keep = xasprintf("%s/pack/%s.keep", store_objects_dir(p->s), pack_name(pack));
	assert_true(file_exists(keep));
	pack_release(pack);
	assert_false(file_exists(keep));
	assert_int_equal(file_write(keep, "mich: not yet referenced 1\n", 27), 0);
	assert_int_equal(pack_sweep(p->s), 1);
	assert_false(file_exists(keep));
	assert_int_equal(file_write(keep, "somebody else's\n", 16), 0);
	assert_int_equal(pack_sweep(p->s), 0);
	assert_true(file_exists(keep));
	free(keep);
}

static void commit_tree(struct place *p, struct pack *pack, struct tree *t, const char *ref)
{
	struct commit_plan c = { .author = "A <a@b> 1 +0000",
				 .committer = "A <a@b> 1 +0000",
				 .message = "x\n" };
	struct oid commit;

	assert_int_equal(tree_write(t, pack, &c.tree), 0);
	assert_int_equal(pack_add_commit(pack, &c, &commit), 0);
	assert_int_equal(pack_finish(pack), 0);
	assert_int_equal(ref_move(p->s, ref, NULL, &commit, "x"), 0);
}

/* Names whose order differs between bytes and git: a, a.b, a/x, a0. */
static void test_tree(void **state)
{
	static const char *const paths[] = { "a0", "a/x", "a.b", "b", "a/y/z", "a-", "a/w" };
	struct place *p = *state;
	struct tree *t = tree_new(p->s, NULL);
	struct tree_list list;
	struct pack *pack;
	struct oid blob, root, found;
	unsigned mode;

	assert_int_equal(pack_begin(p->s, p->scratch, &pack), 0);
	assert_int_equal(pack_add(pack, OBJECT_BLOB, "x", 1, &blob), 0);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		assert_int_equal(tree_put(t, paths[i], TREE_FILE, &blob), 0);
	assert_int_equal(tree_put(t, "a/../b", TREE_FILE, &blob), ERR_INPUT);
	static const char *const refused[] = { "x/.GIT/b",     ".git",	  ".git. .",
					       ".giT::$INDEX", "git~1/x", ".g\u200cit",
					       "a/.git\\b",    "" };
	static const char *const fine[] = {
		".gitignore", ".gitx", "git", "x.git", ".git-x", "git~2"
	};
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		assert_int_equal(tree_put(t, refused[i], TREE_FILE, &blob), ERR_INPUT);
	for (size_t i = 0; i < ARRAY_LEN(fine); i++)
		assert_int_equal(tree_put(t, fine[i], TREE_FILE, &blob), 0);
	tree_free(t);
	t = tree_new(p->s, NULL);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		assert_int_equal(tree_put(t, paths[i], TREE_FILE, &blob), 0);
	commit_tree(p, pack, t, "refs/heads/one");
	pack_release(pack);
	tree_free(t);
	assert_int_equal(git(p, "fsck --strict"), 0);
	assert_int_equal(git(p, "rev-parse one:a/y/z"), 0);

	assert_int_equal(git(p, "rev-parse one^{tree}"), 0);
	struct buf b = BUF_INIT;
	char *out = xasprintf("%s/.git/out", p->dir);
	assert_int_equal(file_read(out, &b), 0);
	assert_true(oid_parse(b.data, &root));
	assert_int_equal(tree_lookup(p->s, &root, "a/y/z", &mode, &found), 1);
	assert_true(oid_equal(&found, &blob));
	assert_int_equal(tree_lookup(p->s, &root, "a/y", &mode, &found), 1);
	assert_int_equal(mode, TREE_FOLDER);
	assert_int_equal(tree_lookup(p->s, &root, "a/nothing", &mode, &found), 0);
	assert_int_equal(tree_lookup(p->s, &root, "b/x", &mode, &found), 0);
	assert_int_equal(tree_list_read(p->s, &root, &list), 0);
	assert_int_equal(list.n, ARRAY_LEN(paths));
	assert_non_null(tree_list_find(&list, "a.b"));
	assert_null(tree_list_find(&list, "a"));
	tree_list_clear(&list);

	/* A change of one path leaves the others; removing the last file removes its folder. */
	t = tree_new(p->s, &root);
	assert_int_equal(pack_begin(p->s, p->scratch, &pack), 0);
	assert_int_equal(tree_write(t, pack, &found), 0);
	assert_true(oid_equal(&found, &root));
	assert_int_equal(tree_put(t, "a", TREE_LINK, &blob), 0);
	assert_int_equal(tree_remove(t, "nothing/at/all"), 0);
	assert_int_equal(tree_remove(t, "b"), 0);
	commit_tree(p, pack, t, "refs/heads/two");
	pack_release(pack);
	tree_free(t);
	assert_int_equal(git(p, "fsck --strict"), 0);
	assert_int_not_equal(git(p, "rev-parse --verify two:b"), 0);
	assert_int_not_equal(git(p, "rev-parse --verify two:a/x"), 0);
	assert_int_equal(git(p, "rev-parse --verify two:a.b"), 0);
	buf_clear(&b);
	free(out);
}

static void test_ref(void **state)
{
	struct place *p = *state;
	struct tree *t = tree_new(p->s, NULL);
	struct pack *pack;
	struct oid first, second, blob;
	struct utimbuf old = { 1, 1 };
	char *lock = xasprintf("%s/refs/mich/model/x.lock", store_common_dir(p->s));

	assert_int_equal(pack_begin(p->s, p->scratch, &pack), 0);
	assert_int_equal(pack_add(pack, OBJECT_BLOB, "x", 1, &blob), 0);
	assert_int_equal(tree_put(t, "f", TREE_FILE, &blob), 0);
	assert_int_equal(ref_read(p->s, "refs/mich/model/x", &first), 0);
	commit_tree(p, pack, t, "refs/mich/model/x");
	assert_int_equal(ref_read(p->s, "refs/mich/model/x", &first), 1);
	pack_release(pack);
	tree_free(t);
	struct commit_plan c = { .parents = &first,
				 .n_parents = 1,
				 .author = "A <a@b> 1 +0000",
				 .committer = "A <a@b> 1 +0000",
				 .message = "y\n" };
	struct commit read;
	assert_int_equal(commit_read(p->s, &first, &read), 0);
	c.tree = read.tree;
	commit_clear(&read);
	assert_int_equal(pack_begin(p->s, p->scratch, &pack), 0);
	assert_int_equal(pack_add_commit(pack, &c, &second), 0);
	assert_int_equal(pack_finish(pack), 0);
	/* It exists; it is elsewhere; it is where we think. */
	assert_int_equal(ref_move(p->s, "refs/mich/model/x", NULL, &second, "y"), ERR_EXISTS);
	assert_int_equal(ref_move(p->s, "refs/mich/model/x", &second, &first, "y"), ERR_EXISTS);
	assert_int_equal(file_write(lock, "", 0), 0);
	assert_int_equal(utime(lock, &old), 0);
	assert_int_equal(ref_move(p->s, "refs/mich/model/x", &first, &second, "y"), 0);
	assert_int_equal(ref_read(p->s, "refs/mich/model/x", &blob), 1);
	assert_true(oid_equal(&blob, &second));
	assert_int_equal(git(p, "pack-refs --all"), 0);
	assert_int_equal(ref_read(p->s, "refs/mich/model/x", &blob), 1);
	assert_int_equal(ref_move(p->s, "refs/mich/model/x", &second, &first, "z"), 0);
	assert_int_equal(ref_read(p->s, "refs/mich/model/y", &blob), 0);
	pack_release(pack);
	free(lock);
}

static void test_fold(void **state)
{
	struct place *p = *state;
	struct buf b = BUF_INIT;
	struct oid ids[40];
	char *dir = xasprintf("%s/pack", store_objects_dir(p->s));

	for (int i = 0; i < 40; i++) {
		char *ref = xasprintf("refs/mich/model/m%d", i);
		struct pack *pack;
		struct tree *t = tree_new(p->s, NULL);

		assert_int_equal(pack_begin(p->s, p->scratch, &pack), 0);
		assert_int_equal(pack_add(pack, OBJECT_BLOB, &i, sizeof i, &ids[i]), 0);
		assert_int_equal(tree_put(t, "f", TREE_FILE, &ids[i]), 0);
		commit_tree(p, pack, t, ref);
		pack_release(pack);
		tree_free(t);
		free(ref);
	}
	char *kept =
		xasprintf("cd %s && ls *.pack | wc -l | tr -d '\\n' >%s/.git/out", dir, p->dir);
	char *out = xasprintf("%s/.git/out", p->dir);
	assert_int_equal(file_make_dirs(p->mich), 0);
	assert_int_equal(pack_fold(p->s, p->scratch), 0);
	assert_int_equal(system(kept), 0);
	assert_int_equal(file_read(out, &b), 0);
	assert_string_equal(b.data, "1");
	for (int i = 0; i < 40; i++)
		assert_true(object_exists(p->s, &ids[i]));
	assert_int_equal(git(p, "fsck --strict"), 0);
	assert_int_equal(pack_fold(p->s, p->scratch), 0);
	buf_clear(&b);
	free(kept);
	free(out);
	free(dir);
}

static void test_blob(void **state)
{
	struct place *p = *state;
	char *lfs = path_join(store_common_dir(p->s), "lfs"), *from = path_join(p->dir, "data"),
	     *path;
	struct blobs *b = blobs_new(p->mich, lfs);
	struct blob_batch *batch = blob_batch_new(b);
	char one[HASH_HEX + 1], two[HASH_HEX + 1], three[HASH_HEX + 1];
	struct stat st;
	int64_t size;

	write_text(p->dir, "data", "the user's own\n");
	assert_int_equal(blob_add_copy(batch, from, one, &size), 0);
	assert_int_equal(size, 15);
	assert_int_equal(blob_add_copy(batch, from, two, &size), 0);
	write_text(p->dir, "made", "ours\n");
	path = path_join(p->dir, "made");
	assert_int_equal(blob_add_taken(batch, path, three, &size), 0);
	assert_false(blob_exists(b, one, 15));
	assert_int_equal(blob_commit(batch), 0);
	assert_false(file_exists(path));
	assert_true(file_exists(from));
	free(path);
	assert_string_equal(one, two);
	assert_true(blob_exists(b, one, 15));
	assert_false(blob_exists(b, one, 14));
	assert_true(blob_exists(b, three, 5));
	path = blob_path(b, three);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0444);
	assert_int_equal(st.st_nlink, 2);
	free(path);
	path = blob_lfs_path(b, three);
	assert_true(file_exists(path));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(blob_link_lfs(b, three), 1);
	assert_int_equal(blob_link_lfs(b, three), 0);
	free(path);
	blob_batch_free(batch);

	/* A file with another link is copied: taking it would make the other one read-only. */
	batch = blob_batch_new(b);
	write_text(p->dir, "shared", "two names\n");
	path = path_join(p->dir, "shared");
	char *other = path_join(p->dir, "other");
	assert_int_equal(link(path, other), 0);
	assert_int_equal(blob_add_taken(batch, path, two, &size), 0);
	assert_int_equal(blob_commit(batch), 0);
	assert_int_equal(stat(other, &st), 0);
	assert_true(st.st_mode & 0200);
	blob_batch_free(batch);
	free(other);
	free(path);

	/* What is not committed leaves nothing. */
	batch = blob_batch_new(b);
	assert_int_equal(blob_add_data(batch, "gone", 4, two), 0);
	blob_batch_free(batch);
	assert_false(blob_exists(b, two, -1));
	assert_int_equal(rmdir(p->scratch), 0);
	blobs_free(b);
	free(lfs);
	free(from);
}

static void test_pointer(void **state)
{
	static const char sha[] =
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	static const char *const bad[] = {
		"",
		"version https://git-lfs.github.com/spec/v1\n",
		"version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 3\n",
		"version https://git-lfs.github.com/spec/v1\nsize 3\n",
		"version https://git-lfs.github.com/spec/v2\noid sha256:"
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\nsize 3\n",
		"version https://git-lfs.github.com/spec/v1\noid sha256:"
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\nsize -3\n",
		"version https://git-lfs.github.com/spec/v1\noid sha256:"
		"0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef\nsize 3\n",
		"version https://git-lfs.github.com/spec/v1\noid sha256:"
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\nsize 99999999999999999999\n",
	};
	struct buf b = BUF_INIT;
	struct pointer p;

	(void)state;
	pointer_write(sha, 12345678901, &b);
	assert_true(pointer_parse(b.data, b.len, &p));
	assert_string_equal(p.sha256, sha);
	assert_int_equal(p.size, 12345678901);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(pointer_parse(bad[i], strlen(bad[i]), &p));
	buf_clear(&b);
}

static void note_wait(const char *what, void *payload)
{
	assert_string_equal(what, "model/eta");
	++*(int *)payload;
}

static void test_lock(void **state)
{
	struct place *p = *state;
	char *path = path_join(p->mich, "locks/model/eta");
	int told = 0, a, b;
	struct lock_wait wait = { .deadline_ms = 1200, .fn = note_wait, .payload = &told };

	assert_int_equal(lock_take(path, "model/eta", &wait, &a), 0);
	assert_int_equal(lock_take(path, "model/eta", &wait, &b), ERR_BUSY);
	assert_int_equal(told, 1);
	assert_int_equal(error_exit_status(ERR_BUSY), 75);
	close(a);
	assert_int_equal(lock_take(path, "model/eta", &wait, &b), 0);
	close(b);
	free(path);
}

static void test_commit_parse(void **state)
{
	static const char good[] =
		"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n"
		"parent ce013625030ba8dba906f756967f9e9ca394464a\n"
		"author A B <a@b> 1234567890 +0100\ncommitter A B <a@b> 1 +0000\n"
		"gpgsig x\n y\n\nsubject\n\nMich-Id: 1\nMich-Event: note\nMich-Id: 2\n";
	struct commit c;
	char *id;

	(void)state;
	assert_int_equal(commit_parse(good, sizeof good - 1, &c), 0);
	assert_int_equal(c.n_parents, 1);
	assert_string_equal(c.author, "A B <a@b>");
	assert_int_equal(c.time_s, 1234567890);
	id = commit_trailer(&c, "Mich-Id");
	assert_string_equal(id, "2");
	free(id);
	assert_null(commit_trailer(&c, "Mich"));
	commit_clear(&c);
	for (size_t n = 0; n < 120; n++)
		if (commit_parse(good, n, &c) == 0)
			commit_clear(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_pack, begin, end),
		cmocka_unit_test_setup_teardown(test_keep_of_the_dead, begin, end),
		cmocka_unit_test_setup_teardown(test_tree, begin, end),
		cmocka_unit_test_setup_teardown(test_ref, begin, end),
		cmocka_unit_test_setup_teardown(test_fold, begin, end),
		cmocka_unit_test_setup_teardown(test_blob, begin, end),
		cmocka_unit_test_setup_teardown(test_lock, begin, end),
		cmocka_unit_test(test_pointer),
		cmocka_unit_test(test_commit_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
