/* opt.c - the parser of option tables, and the text made from them. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/error.h"
#include "lib/cli/opt.h"
#include "lib/cli/usage.h"

struct args {
	bool force, json, no_cache, all;
	int verbose;
	const char *output, *format, *model, *rev;
	int64_t number, limit;
	double rate;
	struct strlist set, files;
};

static const struct opt opts[] = {
	OPT_FLAG('f', "force", struct args, force, "allow it"),
	OPT_FLAG('a', "all", struct args, all, "all of them"),
	OPT_FLAG(0, "no-cache", struct args, no_cache, "do without the cache"),
	OPT_COUNT('v', "verbose", struct args, verbose, "say more"),
	OPT_STRING('o', "output", struct args, output, "FILE", NULL, COMP_FILE, "where to"),
	OPT_INT('n', "number", struct args, number, "N", "10", "how many"),
	OPT_DOUBLE(0, "rate", struct args, rate, "X", "0.5", "how fast"),
	OPT_SPAN(0, "limit", struct args, limit, "TIME", "90s", "how long"),
	OPT_LIST('s', "set", struct args, set, "KEY=VALUE", COMP_NONE, "override a key"),
	OPT_CHOICE(0, "format", struct args, format, "text", "text|csv|jsonl", "how it looks"),
	OPT_JSON(struct args),
	OPERAND("model", struct args, model, ONE, COMP_MODEL, "what to do it to"),
	OPERAND("file", struct args, files, ANY, COMP_FILE, "more"),
	OPT_END
};

/* Words up to the first NULL. */
static int parse(struct args *a, ...)
{
	const char *argv[32];
	int argc = 0, rc;
	va_list ap;

	memset(a, 0, sizeof *a);
	error_clear();
	va_start(ap, a);
	while ((argv[argc] = va_arg(ap, const char *)))
		argc++;
	va_end(ap);
	rc = opt_parse(opts, argc, argv, a);
	return rc;
}

static void fills_defaults(void **state)
{
	struct args a;

	(void)state;
	assert_int_equal(parse(&a, "eta", NULL), 0);
	assert_int_equal(a.number, 10);
	assert_int_equal(a.limit, 90000);
	assert_true(a.rate == 0.5);
	assert_string_equal(a.format, "text");
	assert_string_equal(a.model, "eta");
	assert_null(a.output);
	assert_int_equal(a.files.n, 0);
	opt_clear(opts, &a);
}

static void takes_every_spelling(void **state)
{
	struct args a;

	(void)state;
	assert_int_equal(parse(&a, "-fvvo", "x.csv", "eta", "--number=3", "--set", "a=1", "-sb=2",
			       "--limit", "2h", "f1", "--", "-f2", NULL),
			 0);
	assert_true(a.force);
	assert_int_equal(a.verbose, 2);
	assert_string_equal(a.output, "x.csv");
	assert_int_equal(a.number, 3);
	assert_int_equal(a.limit, 7200000);
	assert_int_equal(a.set.n, 2);
	assert_string_equal(a.set.v[1], "b=2");
	assert_int_equal(a.files.n, 2);
	assert_string_equal(a.files.v[1], "-f2");
	opt_clear(opts, &a);
	assert_int_equal(parse(&a, "-n5", "-", NULL), 0);
	assert_int_equal(a.number, 5);
	assert_string_equal(a.model, "-");
	assert_int_equal(parse(&a, "-n", "-5", "x", NULL), 0);
	assert_int_equal(a.number, -5);
}

static void negates_and_shortens(void **state)
{
	struct args a;

	(void)state;
	assert_int_equal(parse(&a, "-f", "--no-force", "--no-cache", "x", NULL), 0);
	assert_false(a.force);
	assert_true(a.no_cache);
	assert_int_equal(parse(&a, "--no-cache", "--cache", "--js", "--out=y", "x", NULL), 0);
	assert_false(a.no_cache);
	assert_true(a.json);
	assert_string_equal(a.output, "y");
	assert_int_equal(parse(&a, "--fo", "x", NULL), ERR_USAGE);
	assert_string_equal(error_text(), "option '--fo' could be '--force' or '--format'");
}

static void refuses(void **state)
{
	struct args a;

	(void)state;
	assert_int_equal(parse(&a, "--forse", "x", NULL), ERR_USAGE);
	assert_string_equal(error_text(), "unknown option '--forse'");
	assert_string_equal(error_hint_text(), "did you mean '--force'?");
	assert_int_equal(parse(&a, "-x", NULL), ERR_USAGE);
	assert_int_equal(parse(&a, "-n", "ten", "x", NULL), ERR_USAGE);
	assert_string_equal(error_text(), "option '--number' wants a whole number, got 'ten'");
	assert_int_equal(parse(&a, "-n", "99999999999999999999", "x", NULL), ERR_USAGE);
	assert_int_equal(parse(&a, "--rate=nan", "x", NULL), ERR_USAGE);
	assert_int_equal(parse(&a, "--limit", "soon", "x", NULL), ERR_USAGE);
	assert_int_equal(parse(&a, "--format=tex", "x", NULL), ERR_USAGE);
	assert_string_equal(error_text(),
			    "option '--format' wants one of text|csv|jsonl, got 'tex'");
	assert_int_equal(parse(&a, "x", "--output", NULL), ERR_USAGE);
	assert_string_equal(error_text(), "option '--output' wants a value: FILE");
	assert_int_equal(parse(&a, "--force=yes", "x", NULL), ERR_USAGE);
	assert_int_equal(parse(&a, NULL), ERR_USAGE);
	assert_string_equal(error_text(), "missing MODEL: what to do it to");
}

static void help_wins(void **state)
{
	struct args a;

	(void)state;
	assert_int_equal(parse(&a, "x", "-fh", NULL), OPT_HELP);
	assert_int_equal(parse(&a, "--bogus", "--help", NULL), OPT_HELP);
	assert_int_equal(parse(&a, "x", "--", "--help", NULL), 0);
	opt_clear(opts, &a);
}

struct copy_args {
	struct strlist from;
	const char *to;
};

static const struct opt copy_opts[] = {
	OPERAND("from", struct copy_args, from, MANY, COMP_FILE, "what"),
	OPERAND("to", struct copy_args, to, ONE, COMP_FILE, "where"), OPT_END
};

static void keeps_words_for_later_operands(void **state)
{
	const char *argv[] = { "a", "b", "c", "d" };
	struct copy_args a = { 0 };

	(void)state;
	assert_int_equal(opt_parse(copy_opts, 4, argv, &a), 0);
	assert_int_equal(a.from.n, 3);
	assert_string_equal(a.to, "d");
	opt_clear(copy_opts, &a);
	assert_int_equal(opt_parse(copy_opts, 1, argv, &a), ERR_USAGE);
	opt_clear(copy_opts, &a);
}

static void help_fits(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	usage_help("mich do", "do it", opts, &b);
	for (const char *line = b.data; *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= USAGE_COLUMNS);
	assert_non_null(strstr(b.data, "MODEL [FILE...]"));
	assert_non_null(strstr(b.data, "[default: 10]"));
	assert_non_null(strstr(b.data, "-s, --set KEY=VALUE"));
	buf_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_defaults),
		cmocka_unit_test(takes_every_spelling),
		cmocka_unit_test(negates_and_shortens),
		cmocka_unit_test(refuses),
		cmocka_unit_test(help_wins),
		cmocka_unit_test(keeps_words_for_later_operands),
		cmocka_unit_test(help_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
