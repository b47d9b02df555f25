/* record.c - tests of versions, events, sources, code and runs in a repository of their own. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/record/check/check.h"
#include "lib/record/draft.h"
#include "lib/record/event.h"
#include "lib/record/repo.h"
#include "lib/record/run/run.h"

static char dir[64];
static struct repo *r;

static void sh(const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	buf_addf(&b, "cd %s && (", dir);
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	buf_addstr(&b, ") >/dev/null 2>&1");
	assert_int_equal(system(b.data), 0);
	buf_clear(&b);
}

static void put(const char *name, const char *text)
{
	char *path = path_join(dir, name);

	assert_int_equal(file_make_parents(path), 0);
	assert_int_equal(file_write(path, text, strlen(text)), 0);
	free(path);
}

static void holds(const char *name, const char *text)
{
	char *path = path_join(dir, name);
	struct buf b = BUF_INIT;

	assert_int_equal(file_read(path, &b), 0);
	assert_string_equal(b.data, text);
	buf_clear(&b);
	free(path);
}

static int begin(void **state)
{
	bool made;

	(void)state;
	strcpy(dir, "/tmp/mich-record-XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(repo_init(dir, &made), 0);
	assert_true(made);
	assert_int_equal(repo_open(dir, REPO_WRITE, &r), 0);
	return 0;
}

static int end(void **state)
{
	struct check_plan plan = { .full = true };
	struct check_report report;

	(void)state;
	assert_int_equal(check_record(r, &plan, &report), 0);
	for (size_t i = 0; i < report.problems.n; i++)
		print_error("%s\n", report.problems.v[i]);
	assert_int_equal(report.problems.n, 0);
	check_clear(&report);
	repo_close(r);
	r = NULL;
	return file_remove_tree(dir);
}

static void record(const char *kind, const char *name, const char *print, const char *state,
		   struct version *out)
{
	json_t *m = json_pack("{s:s, s:s, s:{s:s}}", "fingerprint", print, "state", state, "params",
			      "print", print);
	json_t *metrics = json_pack("{s:{s:f, s:{s:f}}, s:s}", "test", "rmse", 2.5, "slice", "x",
				    3.0, "unit", "s");
	char *files = xasprintf("%s/made", dir);
	struct draft d = {
		.kind = kind, .name = name, .manifest = m, .files_dir = files, .metrics = metrics
	};

	put("made/table.csv", print);
	put("made/deep/er.txt", "deep");
	assert_int_equal(draft_record(r, &d, out), 0);
	json_decref(m);
	json_decref(metrics);
	free(files);
}

static void test_find(void **state)
{
	struct version v, w, *list;
	char prefix[64], *ref;
	size_t n;

	(void)state;
	record("model", "eta", "one", "good", &v);
	assert_int_equal(v.number, 1);
	assert_string_equal(v.build, "good");
	assert_string_equal(v.life, "active");
	ref = version_ref(&v);
	assert_string_equal(ref, "model/eta@1");
	free(ref);
	version_copy(&v, &w);
	version_clear(&v);
	assert_int_equal(version_find(r, NULL, "eta", &v), 0);
	assert_string_equal(v.id, w.id);
	version_clear(&v);
	snprintf(prefix, sizeof prefix, "model/eta@%.9s", w.id);
	if (strspn(prefix + 10, "0123456789") < 9) {
		assert_int_equal(version_find(r, "model", prefix, &v), 0);
		assert_string_equal(v.id, w.id);
		version_clear(&v);
	}
	version_clear(&w);
	record("model", "eta", "two", "failed", &v);
	assert_int_equal(v.number, 2);
	version_clear(&v);
	assert_int_equal(version_find(r, NULL, "eta", &v), 0); /* the latest good one */
	assert_int_equal(v.number, 1);
	version_clear(&v);
	/* Failed ones are made again, good ones are not. */
	record("model", "eta", "two", "failed", &v);
	assert_int_equal(v.number, 3);
	version_clear(&v);
	record("model", "eta", "one", "good", &v);
	assert_int_equal(v.number, 1);
	version_clear(&v);
	record("dataset", "eta", "one", "good", &v);
	version_clear(&v);
	assert_int_equal(version_find(r, NULL, "eta", &v), ERR_INPUT);
	assert_non_null(strstr(error_text(), "dataset/eta, model/eta"));
	assert_int_equal(version_find(r, "model", "eta@9", &v), ERR_NOT_FOUND);
	assert_non_null(strstr(error_text(), "newest is 3"));
	assert_int_equal(version_find(r, NULL, "model/etta", &v), ERR_NOT_FOUND);
	assert_non_null(strstr(error_hint_text(), "model/eta"));
	assert_int_equal(version_find(r, "model", "dataset/eta", &v), ERR_INPUT);
	assert_int_equal(version_find(r, "model", "eta@production", &v), ERR_NOT_FOUND);
	assert_int_equal(version_by_fingerprint(r, "model", "eta", "one", &v), 0);
	assert_int_equal(v.number, 1);
	version_clear(&v);
	assert_int_equal(version_by_fingerprint(r, "model", "eta", "two", &v), ERR_NOT_FOUND);
	assert_int_equal(version_list(r, "model", "eta", &list, &n), 0);
	assert_int_equal(n, 3);
	assert_int_equal(list[0].number, 3);
	for (size_t i = 0; i < n; i++)
		version_clear(&list[i]);
	free(list);
}

static void test_events(void **state)
{
	json_t *data = json_pack("{s:s, s:s}", "key", "owner", "value", "ann"), *got;
	struct version v, w;

	(void)state;
	record("model", "eta", "one", "good", &v);
	assert_int_equal(event_last(r, &v, "tag", &got), ERR_NOT_FOUND);
	assert_int_equal(event_record(r, &v, "tag", data), 0);
	assert_int_equal(event_last(r, &v, "tag", &got), 0);
	assert_true(json_equal(got, data));
	json_decref(got);
	assert_int_equal(event_record(r, &v, "deprecated", NULL), 0);
	assert_int_equal(version_by_id(r, v.id, &w), 0);
	assert_string_equal(w.life, "deprecated");
	version_clear(&w);
	assert_int_equal(event_record(r, &v, "retired", NULL), 0);
	assert_int_equal(version_find(r, NULL, "eta", &w), ERR_NOT_FOUND);
	assert_int_equal(version_find(r, NULL, "eta@1", &w), 0);
	assert_string_equal(w.life, "retired");
	version_clear(&w);
	json_object_set_new(data, "value", json_null());
	assert_int_equal(event_record(r, &v, "tag", data), 0);
	assert_int_equal(event_last(r, &v, "tag", &got), 0);
	assert_true(json_is_null(json_object_get(got, "value")));
	json_decref(got);
	json_decref(data);
	assert_int_equal(event_record(r, &v, "Bad Type", NULL), ERR_INPUT);
	version_clear(&v);
}

static void test_place(void **state)
{
	struct buf b = BUF_INIT;
	struct version v;
	struct stat st;
	char *out = path_join(dir, "out"), *path, *script = path_join(dir, "made/run"),
	     *big = xmalloc(100000);
	json_t *m;

	(void)state;
	memset(big, 'x', 100000);
	path = path_join(dir, "made/big");
	assert_int_equal(file_make_parents(path), 0);
	assert_int_equal(file_write(path, big, 100000), 0);
	free(path);
	put("made/run", "#!/bin/sh\n");
	assert_int_equal(chmod(script, 0755), 0);
	sh("ln -s deep/er.txt made/link");
	record("dataset", "d", "one", "good", &v);
	assert_int_equal(version_place(r, &v, PLACE_LINK, out), 0);
	holds("out/table.csv", "one");
	holds("out/link", "deep");
	sh("test -x out/run && test $(stat -c %%h out/big) = 3");
	assert_int_equal(version_place(r, &v, PLACE_COPY, out), ERR_EXISTS);
	assert_int_equal(file_remove_tree(out), 0);
	assert_int_equal(version_place(r, &v, PLACE_COPY, out), 0);
	sh("test $(stat -c %%h out/big) = 1 && echo more >>out/big");
	assert_int_equal(version_cat(r, &v, "files/big", &b), 0);
	assert_int_equal(b.len, 100000);
	assert_int_equal(version_cat(r, &v, "files/none", &b), ERR_NOT_FOUND);
	assert_int_equal(version_cat(r, &v, "files", &b), ERR_NOT_FOUND);
	assert_int_equal(version_path(r, &v, "files/big", &path), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 100000);
	free(path);
	assert_int_equal(version_path(r, &v, "files/table.csv", &path), 0);
	buf_reset(&b);
	assert_int_equal(file_read(path, &b), 0);
	assert_string_equal(b.data, "one");
	free(path);
	assert_int_equal(version_metrics(r, &v, &m), 0);
	assert_true(json_real_value(json_object_get(json_object_get(m, "test"), "rmse")) == 2.5);
	json_decref(m);
	assert_int_equal(version_profile(r, &v, &m), 0);
	assert_null(m);
	version_clear(&v);
	buf_clear(&b);
	free(out);
	free(script);
	free(big);
}

static void test_source(void **state)
{
	struct source s, again, *loaded;
	struct version v;
	char content[65], *to = path_join(dir, "placed");
	size_t n;
	json_t *m = json_pack("{s:s, s:s}", "fingerprint", "s", "state", "good");
	struct draft d = {
		.kind = "dataset", .name = "s", .manifest = m, .sources = &s, .n_sources = 1
	};

	(void)state;
	put("raw/a.csv", "a\n");
	put("raw/sub/b.csv", "b\n");
	assert_int_equal(source_stat(r, "raw", "raw", true, &s), 0);
	assert_true(s.is_dir && s.n == 2);
	strcpy(content, s.content);
	assert_int_equal(source_import(r, &s), 0);
	put("raw/a.csv", "A\n"); /* what was imported stays */
	assert_int_equal(source_place(r, &s, PLACE_LINK, to), 0);
	holds("placed/a.csv", "a\n");
	holds("placed/sub/b.csv", "b\n");
	assert_int_equal(draft_record(r, &d, &v), 0);
	assert_int_equal(source_stat(r, "raw", "raw", true, &again), 0);
	assert_string_not_equal(again.content, content);
	source_clear(&again);
	/* As in a clone: the small files are in git alone. */
	sh("chmod -R u+w .git/mich/blobs && rm -rf .git/mich/blobs/*");
	assert_int_equal(source_load(r, &v, &loaded, &n), 0);
	assert_int_equal(n, 1);
	assert_string_equal(loaded[0].content, content);
	assert_int_equal(file_remove_tree(to), 0);
	assert_int_equal(source_place(r, &loaded[0], PLACE_COPY, to), 0);
	holds("placed/sub/b.csv", "b\n");
	source_clear(&loaded[0]);
	free(loaded);
	source_clear(&s);
	version_clear(&v);

	assert_int_equal(source_stat(r, "raw", "absent", true, &s), ERR_NOT_FOUND);
	sh("mkdir empty");
	assert_int_equal(source_stat(r, "raw", "empty", true, &s), ERR_INPUT);
	put("pointer",
	    "version https://git-lfs.github.com/spec/v1\noid sha256:"
	    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\nsize 3\n");
	assert_int_equal(source_stat(r, "raw", "pointer", true, &s), ERR_INPUT);
	assert_string_equal(error_hint_text(), "git lfs pull");
	sh("mkfifo pipe");
	assert_int_equal(source_stat(r, "raw", "pipe", true, &s), ERR_INPUT);
	json_decref(m);
	free(to);
}

/* A hash that is cached is right although the file changed within the clock's grain. */
static void test_racy_source(void **state)
{
	char text[16], last[65] = "";

	(void)state;
	for (int i = 0; i < 50; i++) {
		struct source s;

		snprintf(text, sizeof text, "%04d\n", i);
		put("racy", text);
		assert_int_equal(source_stat(r, "raw", "racy", true, &s), 0);
		assert_string_not_equal(s.content, last);
		strcpy(last, s.content);
		source_clear(&s);
	}
}

static void test_code(void **state)
{
	struct strlist paths = STRLIST_INIT, words = STRLIST_INIT, found = STRLIST_INIT;
	char *to = path_join(dir, "code"), head[41];
	struct code c, back;
	struct buf b = BUF_INIT;
	json_t *j;

	(void)state;
	put("train.py", "one\n");
	put("lib/a.py", "a\n");
	put("lib/deep/b.py", "b\n");
	put("other.txt", "x\n");
	put(".gitignore", "*.o\n");
	put("lib/x.o", "object\n");
	sh("git add . && git -c user.name=A -c user.email=a@b commit -qm first");
	strlist_add(&paths, "lib/");
	strlist_add(&paths, "./train.py");
	assert_int_equal(code_snapshot(r, &paths, &c), 0);
	assert_false(c.dirty);
	assert_int_equal(c.paths.n, 2);
	assert_string_equal(c.paths.v[0], "lib");
	strcpy(head, c.commit);
	assert_true(code_in_head(r, &c));
	assert_int_equal(code_place(r, &c, to), 0);
	holds("code/lib/deep/b.py", "b\n");
	holds("code/train.py", "one\n");
	sh("test ! -e code/lib/x.o && test ! -e code/other.txt");
	code_clear(&c);

	put("lib/deep/b.py", "changed\n");
	assert_int_equal(code_snapshot(r, &paths, &c), 0);
	assert_true(c.dirty);
	assert_string_not_equal(c.commit, head);
	assert_false(code_in_head(r, &c));
	sh("git gc -q --prune=now && git repack -adq"); /* held until the repository is closed */
	assert_int_equal(file_remove_tree(to), 0);
	assert_int_equal(code_place(r, &c, to), 0);
	holds("code/lib/deep/b.py", "changed\n");
	j = code_json(&c);
	assert_int_equal(code_load(j, &back), 0);
	assert_string_equal(back.commit, c.commit);
	assert_true(back.dirty && json_equal(back.trees, c.trees));
	sh("git -c user.name=A -c user.email=a@b commit -qam second");
	assert_true(code_in_head(r, &back));
	json_decref(j);
	code_clear(&back);
	code_clear(&c);

	strlist_split(&words,
		      "python3 train.py --x lib/a.py lib/x.o ../out /etc/passwd nothing lib", " ");
	assert_int_equal(code_words(r, &words, &found), 0);
	assert_int_equal(found.n, 2);
	assert_string_equal(found.v[0], "train.py");
	assert_string_equal(found.v[1], "lib/a.py");
	strlist_add(&paths, "absent");
	assert_int_equal(code_snapshot(r, &paths, &c), ERR_NOT_FOUND);
	assert_non_null(strstr(error_text(), "absent"));
	assert_int_equal(code_head_file(r, "lib/deep/b.py", &b), 0);
	assert_string_equal(b.data, "changed\n");
	assert_int_equal(code_head_file(r, "none", &b), ERR_NOT_FOUND);
	buf_clear(&b);
	strlist_clear(&paths);
	strlist_clear(&words);
	strlist_clear(&found);
	free(to);
}

static void test_run(void **state)
{
	json_t *m = json_pack("{s:s, s:I}", "fingerprint", "f", "started", (json_int_t)1000), *live;
	struct version v;
	struct run run;
	pid_t pid;
	char *log;

	(void)state;
	assert_int_equal(run_begin(r, "model", "eta", m, &run), 0);
	assert_int_equal(run_live(r, &live), 0);
	assert_int_equal(json_array_size(live), 1);
	json_decref(live);
	assert_int_equal(run_sweep(r), 0); /* it lives */
	assert_true(file_is_dir(run.dir));
	run_end(&run);
	assert_int_equal(run_live(r, &live), 0);
	assert_int_equal(json_array_size(live), 0);
	json_decref(live);

	pid = fork();
	if (!pid) {
		if (run_begin(r, "model", "eta", m, &run) < 0)
			_exit(1);
		log = path_join(run.dir, "log");
		_exit(file_write(log, "so far\n", 7) < 0);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(run_sweep(r), 0);
	assert_int_equal(run_sweep(r), 0);
	assert_int_equal(version_find(r, "model", "eta@1", &v), 0);
	assert_string_equal(v.build, "aborted");
	struct buf b = BUF_INIT;
	assert_int_equal(version_cat(r, &v, "log", &b), 0);
	assert_string_equal(b.data, "so far\n");
	buf_clear(&b);
	version_clear(&v);
	assert_int_equal(version_find(r, "model", "eta@2", &v), ERR_NOT_FOUND);
	json_decref(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_find, begin, end),
		cmocka_unit_test_setup_teardown(test_events, begin, end),
		cmocka_unit_test_setup_teardown(test_place, begin, end),
		cmocka_unit_test_setup_teardown(test_source, begin, end),
		cmocka_unit_test_setup_teardown(test_racy_source, begin, end),
		cmocka_unit_test_setup_teardown(test_code, begin, end),
		cmocka_unit_test_setup_teardown(test_run, begin, end),
	};

	setenv("GIT_AUTHOR_NAME", "A", 1);
	setenv("GIT_AUTHOR_EMAIL", "a@b", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
