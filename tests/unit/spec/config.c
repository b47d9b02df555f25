/* config.c - git's grammar: the same keys, values and refusals as `git config -f FILE -l -z`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/spec/command.h"
#include "lib/spec/config.h"

static char dir[] = "/tmp/mich-config.XXXXXX";
static bool keeps_blanks; /* git 2.45 keeps a tab inside a value; before, it became a space */

/* git's answer goes to the file "out" beside the file that it reads. */
static void run_git(void)
{
	int fd = open("out", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	int null = open("/dev/null", O_WRONLY);

	dup2(fd, 1);
	dup2(null, 2);
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	setenv("HOME", "/nonexistent", 1);
	execlp("git", "git", "config", "-f", "file", "-l", "-z", (char *)NULL);
	_exit(127);
}

/* What git prints, appended to out; false where it refuses. */
static bool ask_git(const char *text, size_t n, struct buf *out)
{
	int status;
	pid_t pid;

	assert_int_equal(file_write("file", text, n), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		run_git();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(file_read("out", out), 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 127);
	return WEXITSTATUS(status) == 0;
}

/* The same form from our own reading. */
static bool ask_us(const char *text, size_t n, struct buf *out)
{
	struct config c;

	if (config_parse(text, n, "file", &c) < 0)
		return false;
	for (size_t i = 0; i < c.n; i++)
		for (size_t j = 0; j < c.v[i].n; j++) {
			const struct config_section *s = &c.v[i];

			if (s->name)
				buf_addf(out, "%s.", s->name);
			if (s->sub)
				buf_addf(out, "%s.", s->sub);
			buf_addstr(out, s->v[j].key);
			if (s->v[j].value)
				buf_addf(out, "\n%s", s->v[j].value);
			buf_addch(out, '\0');
		}
	config_clear(&c);
	return true;
}

static void fold_blanks(struct buf *b)
{
	for (size_t i = 0; i < b->len && !keeps_blanks; i++)
		if (b->data[i] == '\t' || b->data[i] == '\r')
			b->data[i] = ' ';
}

static void compare(const char *text, size_t n)
{
	struct buf git = BUF_INIT, us = BUF_INIT;
	bool git_good = ask_git(text, n, &git), us_good = ask_us(text, n, &us);

	fold_blanks(&git);
	fold_blanks(&us);
	if (git_good != us_good ||
	    (git_good && (git.len != us.len || (git.len && memcmp(git.data, us.data, git.len))))) {
		fprintf(stderr, "text (%zu bytes):\n", n);
		fwrite(text, 1, n, stderr);
		fprintf(stderr, "\ngit %d (%zu), us %d (%zu): %s\n%s\n", git_good, git.len, us_good,
			us.len, error_text(), us.data);
		fail_msg("git reads it otherwise");
	}
	buf_clear(&git);
	buf_clear(&us);
}

static void test_corpus(void **state)
{
	static const char *const corpus[] = {
		"",
		"\n\n",
		"\xef\xbb\xbf[a]\nx=1\n",
		"\xef\xbb",
		"[a]\nx",
		"[a]\nx\n",
		"[a]x=1",
		"[a]x=1\\",
		"[a]x=\"1\\",
		"[a]x=\"1",
		"[a]x=1\r\ny=2\r\n",
		"[a]x=1\ry\r\n",
		"[a]x\r\n",
		"[a]x\r",
		"[A.B]x=1",
		"[A.B \"C\"]x=1",
		"[a \"b.c\"]x=1",
		"[ \"b\"]x=1",
		"[a \"\"]x=1",
		"[.]x=1",
		"[]x=1",
		"[a \"b\\\"c\\\\d\\e\"]x=1",
		"[a \"b\nc\"]x=1",
		"[a \"b\"  ]x=1",
		"[a  \t \"b\"]x=1",
		"[a b]x=1",
		"[a\n]x=1",
		"[a",
		"[a \"b",
		"x=1",
		"[a]\nx-Y9=1\n9x=1",
		"[a]\n-x=1",
		"[a]\nx_y=1",
		"[a]\nx y=1",
		"[a]\nx = a b  c \t",
		"[a]\nx = a;b",
		"[a]\nx = a ;b\\\ny=2",
		"[a]\nx = \"a ; b\" # c",
		"[a]\nx = a\\\n  b\\\n c",
		"[a]\nx = \"a\\\n  b\"",
		"[a]\nx = \\t\\n\\b\\\\\\\"",
		"[a]\nx = \\q",
		"[a]\nx = a\"b \"c\" \"d  ",
		"[a]\nx = \"\"  \"\" ",
		"[a]\nx = a \"\"  ",
		"[a]\nx =   \\\n  b",
		"[a]\nx = a \\\n",
		"[a]\nx = # c",
		"; c\n# d\n  [a] ; e\n x = 1 # f\n",
		"[a]\nx=1\n[a]\nx=2\n[b]\n[a]\ny\n",
		"[a]\nx=\xff\xfe",
		"[a]\nx=\x0b a \x0c",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(corpus); i++)
		compare(corpus[i], strlen(corpus[i]));
}

static uint64_t seed = 20261122;

static unsigned dice(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % n;
}

/* Pieces of the grammar in any order, so that about half of the files are well formed. */
static void add_piece(struct buf *b)
{
	static const char *const pieces[] = {
		"[a]\n",
		"[dataset \"x\"]\n",
		"[a.b \"c\"]",
		"[b \"\\\"q\\\\\"]\n",
		"x = 1\n",
		"y=\"a b\"\n",
		"key-2 = a ; c\n",
		"k = a\\\n b\n",
		"z\n",
		"\n",
		"  # c\n",
		"q = \"a;b\" x\n",
		"e = \\n\\t\n",
		"w = a\t b\n",
		"r = 1\r\n",
		"v =\n",
		"u = \"\" \n",
		"t = a\"b c\"d\n",
		"s = a \\\\ \n",
		"; x \\\n",
	};
	static const char noise[] = "[]\"\\;#= \t\r\nab.Z9-_\xc3\x0b";

	if (dice(24))
		buf_addstr(b, pieces[dice(ARRAY_LEN(pieces))]);
	else
		buf_addch(b, noise[dice(sizeof noise - 1)]);
}

static void test_generated(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	for (int i = 0; i < 400; i++) {
		unsigned n = dice(16);

		buf_reset(&b);
		for (unsigned j = 0; j < n; j++)
			add_piece(&b);
		for (unsigned j = dice(3); j > 0 && i % 4 == 0 && b.len; j--)
			b.data[dice((unsigned)b.len)] = (char)(1 + dice(255));
		compare(b.data, b.len);
	}
	buf_clear(&b);
}

/* Any value written is read back as it was, by us and by git. */
static void test_written(void **state)
{
	static const char *const values[] = {
		"",	   " a ",	   "a;b",	   "x # y",
		"a\"b\\c", "l1\nl2\tt\bb", "distance > 0", "max_depth=8",
		"\ttab",   "cr\r"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		const char *const pairs[] = { "x", values[i], "y", "2", NULL };
		struct buf text = BUF_INIT;
		struct config c;

		buf_addstr(&text, "# kept\n[z]\nk = v ; no newline");
		config_add_section(&text, "dataset", "a\"b\\c", pairs);
		assert_int_equal(config_parse(text.data, text.len, "file", &c), 0);
		assert_int_equal(strncmp(text.data, "# kept\n[z]\nk = v ; no newline\n[", 31), 0);
		assert_string_equal(c.v[1].sub, "a\"b\\c");
		assert_string_equal(c.v[1].v[0].value, values[i]);
		compare(text.data, text.len);
		config_clear(&c);
		buf_clear(&text);
	}
}

static void test_lines(void **state)
{
	static const char text[] = "\n[a]\nx = 1 \\\n  2\ny = \"a\"; c\n\n[b \"c\"] z = a#b\n";
	struct config c;

	(void)state;
	assert_int_equal(config_parse(text, sizeof text - 1, "f", &c), 0);
	assert_int_equal(c.v[0].line, 2);
	assert_int_equal(c.v[0].v[0].line, 3);
	assert_int_equal(c.v[0].v[1].line, 5);
	assert_int_equal(c.v[0].v[1].cut, CONFIG_CUT_GLUED);
	assert_int_equal(c.v[1].line, 7);
	assert_int_equal(c.v[1].v[0].line, 7);
	assert_int_equal(c.v[1].v[0].cut, CONFIG_CUT_GLUED);
	config_clear(&c);
	assert_int_equal(config_parse("[a]\nx = 1\ny = \"open\nz = 2\n", 25, "f", &c), ERR_INPUT);
	assert_string_equal(error_text(), "f:3: a quote is not closed");
	assert_int_equal(config_parse("[a]\nx = 1\n\0", 11, "f", &c), ERR_INPUT);
	assert_string_equal(error_text(), "f:3: a NUL byte: this is no text file");
}

static void test_words(void **state)
{
	struct strlist w = STRLIST_INIT;
	static const char *const want[] = { "FOO=1", "python3", "my script.py", "--x", "a b$c\"",
					    "",	     "tee",	"log",		"2",   "err" };

	(void)state;
	command_words("FOO=1 python3 'my script.py' --x \"a b$c\\\"\" ''| tee log 2>err;", &w);
	assert_int_equal(w.n, ARRAY_LEN(want));
	for (size_t i = 0; i < w.n; i++)
		assert_string_equal(w.v[i], want[i]);
	strlist_clear(&w);
	command_words("a\\ b 'open", &w);
	assert_int_equal(w.n, 2);
	assert_string_equal(w.v[0], "a b");
	assert_string_equal(w.v[1], "open");
	strlist_clear(&w);
}

static int set_up(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return -1;
	ask_git("[a]\nx = b\tc\n", 11, &b);
	keeps_blanks = b.len && strchr(b.data, '\t');
	buf_clear(&b);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return chdir("/") < 0 ? -1 : file_remove_tree(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_corpus),	cmocka_unit_test(test_generated),
		cmocka_unit_test(test_written), cmocka_unit_test(test_lines),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests_name("config", tests, set_up, tear_down);
}
