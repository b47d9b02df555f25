/* collect.c - tests of removing stored files, over a real repository. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/make/pick.h"
#include "lib/record/collect.h"
#include "lib/record/draft.h"
#include "lib/record/head.h"
#include "lib/record/repo.h"
#include "lib/record/run/run.h"

enum { LARGE_BYTES = 100000 };

static char *dir;
static struct repo *repo;

static void write_file(const char *folder, const char *name, char c)
{
	char *path = path_join(folder, name), *data = xmalloc(LARGE_BYTES);

	memset(data, c, LARGE_BYTES);
	assert_int_equal(file_write(path, data, LARGE_BYTES), 0);
	free(data);
	free(path);
}

/* kind/name with the files own (of c) and same (of 's'), made from in. */
static void record(const char *kind, const char *name, char c, const struct version *in,
		   struct version *out)
{
	char *files = path_join(dir, "files"), fingerprint[65];
	const char *ids[] = { in ? in->id : NULL };
	struct draft d = { .kind = kind, .name = name, .files_dir = files };

	snprintf(fingerprint, sizeof fingerprint, "%s%s%c", kind, name, c);
	assert_int_equal(file_make_dirs(files), 0);
	write_file(files, "own", c);
	write_file(files, "same", 's');
	d.manifest = json_pack("{s:s,s:s,s:{},s:[],s:{s:i},s:{},s:s,s:I,s:I,s:s}", "kind", kind,
			       "name", name, "recipe", "inputs", "params", "depth", 3, "engines",
			       "fingerprint", fingerprint, "started", (json_int_t)1000, "finished",
			       (json_int_t)2000, "state", "good");
	if (in)
		json_array_append_new(json_object_get(d.manifest, "inputs"),
				      json_pack("{s:s,s:s,s:s,s:s}", "role", "dataset", "ref",
						"dataset/d@1", "id", in->id, "content",
						in->content));
	d.metrics = json_pack("{s:{s:f}}", "test", "rmse", 1.5);
	d.inputs = ids;
	d.n_inputs = in != NULL;
	assert_int_equal(draft_record(repo, &d, out), 0);
	assert_int_equal(file_remove_tree(files), 0);
	json_decref(d.manifest);
	json_decref(d.metrics);
	free(files);
}

static int make(void **state)
{
	char template[] = "/tmp/mich-collect-XXXXXX";
	bool created;

	(void)state;
	setenv("GIT_AUTHOR_NAME", "A", 1);
	setenv("GIT_AUTHOR_EMAIL", "a@example.com", 1);
	setenv("GIT_COMMITTER_NAME", "A", 1);
	setenv("GIT_COMMITTER_EMAIL", "a@example.com", 1);
	dir = xstrdup(mkdtemp(template));
	return repo_init(dir, &created) || repo_open(dir, REPO_WRITE, &repo);
}

static int drop(void **state)
{
	(void)state;
	repo_close(repo);
	file_remove_tree(dir);
	free(dir);
	return 0;
}

static int count(const char *path, const char *rel, const struct stat *st, void *payload)
{
	(void)path;
	(void)rel;
	*(int *)payload += S_ISREG(st->st_mode);
	return 0;
}

static int stored(const char *below)
{
	char *path = path_join(dir, below);
	int n = 0;

	file_walk(path, count, &n);
	free(path);
	return n;
}

static void test_collect(void **state)
{
	struct version d, m, again;
	struct collected c;

	(void)state;
	record("dataset", "d", 'd', NULL, &d);
	record("model", "m", 'm', &d, &m);
	assert_int_equal(stored(".git/mich/blobs"), 3);
	assert_int_equal(collect_version(repo, &d, NULL, false, &c), ERR_INPUT);
	assert_string_equal(error_text(), "cannot remove dataset/d@1: used by model/m@1");
	assert_int_equal(collect_version(repo, &m, NULL, true, &c), 0);
	assert_int_equal(c.files, 1);
	assert_int_equal(c.shared, 1);
	assert_int_equal(c.bytes, LARGE_BYTES);
	assert_int_equal(stored(".git/mich/blobs"), 3);
	assert_int_equal(collect_version(repo, &m, NULL, false, &c), 0);
	assert_int_equal(stored(".git/mich/blobs"), 2);
	assert_int_equal(stored(".git/lfs/objects"), 2);
	assert_int_equal(version_by_id(repo, m.id, &again), 0);
	assert_true(again.collected);
	version_clear(&again);
	assert_int_equal(collect_version(repo, &d, NULL, false, &c),
			 0); /* nothing uses it any more */
	assert_int_equal(c.files, 2);
	assert_int_equal(stored(".git/mich/blobs"), 0);
	version_clear(&d);
	version_clear(&m);
}

static void test_busy(void **state)
{
	json_t *manifest = json_object();
	struct version v;
	struct collected c;
	struct run run;

	(void)state;
	record("dataset", "busy", 'b', NULL, &v);
	assert_int_equal(run_begin(repo, "model", "other", manifest, &run), 0);
	assert_int_equal(collect_version(repo, &v, NULL, false, &c), ERR_BUSY);
	assert_int_equal(stored(".git/mich/blobs"), 2);
	run_end(&run);
	assert_int_equal(collect_version(repo, &v, NULL, false, &c), 0);
	json_decref(manifest);
	version_clear(&v);
}

static void test_head(void **state)
{
	static const char *const members[] = { "kind",	   "name",    "number", "id",	"content",
					       "commit",   "state",   "inputs", "code", "params",
					       "metrics",  "engines", "host",	"user", "started",
					       "finished", "releases" };
	struct version d, m;
	json_t *head, *input;
	const char *key;
	json_t *value;
	size_t i = 0;

	(void)state;
	record("dataset", "h", 'h', NULL, &d);
	record("model", "h", 'i', &d, &m);
	assert_int_equal(head_json(repo, &m, &head), 0);
	json_object_foreach(head, key, value)
		assert_string_equal(key, members[i++]);
	assert_int_equal(i, ARRAY_LEN(members));
	input = json_array_get(json_object_get(head, "inputs"), 0);
	assert_string_equal(json_str(input, "ref", ""), "dataset/h@1");
	assert_string_equal(json_str(head, "started", ""), "1970-01-01T00:00:01.000Z");
	json_decref(head);
	version_clear(&d);
	version_clear(&m);
}

static void test_pick(void **state)
{
	struct version e, v;

	(void)state;
	record("eval", "h", 'e', NULL, &e);
	assert_int_equal(pick_version(repo, NULL, "h@1", &v), 0);
	assert_string_equal(v.kind, "model");
	version_clear(&v);
	assert_int_equal(pick_version(repo, "eval", "h", &v), 0);
	assert_string_equal(v.kind, "eval");
	version_clear(&v);
	e.id[7] = '\0';
	{
		char *text = xasprintf("h@%s", e.id);

		assert_int_equal(pick_version(repo, "eval", text, &v), 0);
		assert_string_equal(v.kind, "eval");
		free(text);
	}
	version_clear(&v);
	assert_int_equal(pick_version(repo, NULL, "nothing", &v), ERR_NOT_FOUND);
	version_clear(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_collect),
					    cmocka_unit_test(test_busy),
					    cmocka_unit_test(test_head),
					    cmocka_unit_test(test_pick) };

	return cmocka_run_group_tests(tests, make, drop);
}
