/*
 * opt.h - one table of options and operands a command: the parser, --help, the manual's synopsis
 * and completion all read it.
 *
 * A row says where its value goes as an offset into the command's own struct, so tables are
 * constant and every call gets a fresh struct. A row aimed at a field of another type does not
 * compile.
 */
#ifndef MICH_CLI_OPT_H
#define MICH_CLI_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/strlist.h"

enum opt_type {
	OPT_TYPE_END,
	OPT_TYPE_FLAG,	 /* bool */
	OPT_TYPE_COUNT,	 /* int: how often it was given */
	OPT_TYPE_STRING, /* const char *, borrowed from argv */
	OPT_TYPE_INT,	 /* int64_t */
	OPT_TYPE_DOUBLE, /* double */
	OPT_TYPE_SPAN,	 /* int64_t milliseconds, typed as 90s, 15m, 2h, 1d */
	OPT_TYPE_LIST,	 /* struct strlist: may be given again */
	OPT_TYPE_CHOICE, /* const char *: one of a few words */
	OPT_TYPE_OPERAND,
};

enum opt_arity { ONE, OPTIONAL, MANY, ANY }; /* exactly 1, 0 or 1, 1 or more, 0 or more */

/* What a word stands for, so that Tab can complete it. */
enum opt_comp {
	COMP_NONE,
	COMP_FILE,
	COMP_DIR,
	COMP_NAME,     /* an artifact: kind/name or name */
	COMP_VERSION,  /* the same with @rev */
	COMP_KIND,     /* dataset, model, eval, prediction, bench */
	COMP_MODEL,    /* names of models */
	COMP_DATASET,  /* names of data sets */
	COMP_STAGE,    /* staging, production, ... */
	COMP_RELEASED, /* NAMESPACE/NAME of what was released */
	COMP_COMMAND,  /* a mich command */
	COMP_SETTING,  /* KEY=VALUE, KEY of the section that the operand names, or of its learner */
	COMP_CHOICE,   /* the row's own choices */
};

struct opt {
	enum opt_type type;
	enum opt_arity arity; /* operands only */
	enum opt_comp comp;
	char letter;	      /* 0: no short form */
	const char *name;     /* long option without its dashes; an operand's name */
	const char *value;    /* placeholder of the value, upper case; NULL: takes none */
	const char *fallback; /* default as typed, parsed like typed text; NULL: field stays zero */
	const char *choices;  /* "text|csv|json"; NULL: anything */
	const char *help;     /* lower case, no full stop */
	size_t at;
};

#define OPT_AT(T, f, type) (offsetof(T, f) * _Generic(((T *)0)->f, type : 1))

/*
 * Rows. letter 0: long form only. value: placeholder such as "N". fallback: NULL or typed text.
 *	OPT_FLAG('f', "force", struct x_args, force, "help")                       --no-force too
 *	OPT_STRING('o', "output", struct x_args, output, "FILE", NULL, COMP_FILE, "help")
 *	OPT_INT('n', "number", struct x_args, number, "N", "10", "help")
 *	OPT_LIST(0, "set", struct x_args, set, "KEY=VALUE", COMP_NONE, "help")
 *	OPT_CHOICE(0, "format", struct x_args, format, "text", "text|csv", "help")
 *	OPT_JSON(struct x_args)                                                    bool json
 *	OPERAND("model", struct x_args, model, ONE, COMP_MODEL, "help")
 */
/* clang-format off */
#define OPT_FLAG(l, n, T, f, h)                                                                    \
	{ .type = OPT_TYPE_FLAG, .letter = l, .name = n, .at = OPT_AT(T, f, bool), .help = h }
#define OPT_COUNT(l, n, T, f, h)                                                                   \
	{ .type = OPT_TYPE_COUNT, .letter = l, .name = n, .at = OPT_AT(T, f, int), .help = h }
#define OPT_VALUE(t, l, n, T, f, ctype, v, d, c, h)                                                \
	{ .type = t, .letter = l, .name = n, .at = OPT_AT(T, f, ctype), .value = v, .fallback = d, \
	  .comp = c, .help = h }
#define OPT_STRING(l, n, T, f, v, d, c, h)                                                         \
	OPT_VALUE(OPT_TYPE_STRING, l, n, T, f, const char *, v, d, c, h)
#define OPT_INT(l, n, T, f, v, d, h)                                                               \
	OPT_VALUE(OPT_TYPE_INT, l, n, T, f, int64_t, v, d, COMP_NONE, h)
#define OPT_DOUBLE(l, n, T, f, v, d, h)                                                            \
	OPT_VALUE(OPT_TYPE_DOUBLE, l, n, T, f, double, v, d, COMP_NONE, h)
#define OPT_SPAN(l, n, T, f, v, d, h)                                                              \
	OPT_VALUE(OPT_TYPE_SPAN, l, n, T, f, int64_t, v, d, COMP_NONE, h)
#define OPT_LIST(l, n, T, f, v, c, h)                                                              \
	OPT_VALUE(OPT_TYPE_LIST, l, n, T, f, struct strlist, v, NULL, c, h)
#define OPT_CHOICE(l, n, T, f, d, list, h)                                                         \
	{ .type = OPT_TYPE_CHOICE, .letter = l, .name = n, .at = OPT_AT(T, f, const char *),       \
	  .value = list, .fallback = d, .choices = list, .comp = COMP_CHOICE, .help = h }
#define OPT_JSON(T) OPT_FLAG(0, "json", T, json, "print JSON, as the manual page describes it")

/* ONE, OPTIONAL: const char *. MANY, ANY: struct strlist. Any other field does not compile. */
#define OPERAND(n, T, f, a, c, h)                                                                  \
	{ .type = OPT_TYPE_OPERAND, .name = n, .arity = a, .comp = c, .help = h,                   \
	  .at = offsetof(T, f) +                                                                   \
		0 * sizeof(char[_Generic(((T *)0)->f, const char * : 1, struct strlist : 2) ==     \
						((a) == ONE || (a) == OPTIONAL ? 1 : 2)            \
					? 1                                                        \
					: -1]) }
#define OPT_END { .type = OPT_TYPE_END }
/* clang-format on */

enum { OPT_HELP = 1 };

/*
 * Fill *args (zeroed by the caller) with the defaults and then with argv[0..argc). Options and
 * operands may be mixed; "--" ends options; letters may be bundled (-xf, -n5); a long option may
 * be shortened while it stays unambiguous. Strings are borrowed from argv. 0, OPT_HELP when -h or
 * --help is among the words, ERR_USAGE. opt_clear() frees the lists, after errors too.
 */
int opt_parse(const struct opt *opts, int argc, const char *const *argv, void *args);
void opt_clear(const struct opt *opts, void *args);

/* The row of a long or short option as typed ("--js", "-n", "--no-color"), NULL when unknown. */
const struct opt *opt_find(const struct opt *opts, const char *word);

#endif
