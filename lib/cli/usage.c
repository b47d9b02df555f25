/* usage.c - --help and scdoc source out of a table of options. */
#define _GNU_SOURCE
#include "lib/cli/usage.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/cli/term.h"

static char *upper(const char *s)
{
	char *u = xstrdup(s);

	for (char *c = u; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 32);
	return u;
}

/* "NAME" of an operand called "name"; "[NAME...]" and so on with its arity. Caller frees. */
static char *operand_text(const struct opt *o, bool with_arity)
{
	static const char *const shapes[] = {
		[ONE] = "%s", [OPTIONAL] = "[%s]", [MANY] = "%s...", [ANY] = "[%s...]"
	};
	char *name = upper(o->name), *out = NULL;
	const char *shape = with_arity ? shapes[o->arity] : "%s", *mark = strstr(shape, "%s");

	out = xasprintf("%.*s%s%s", (int)(mark - shape), shape, name, mark + 2);
	free(name);
	return out;
}

/* One word of the synopsis: "[-n N]", "[--set KEY=VALUE]...", "MODEL". Caller frees. */
static char *token(const struct opt *o)
{
	const char *value = o->value ? o->value : "", *space = o->value ? " " : "";
	const char *more = o->type == OPT_TYPE_LIST || o->type == OPT_TYPE_COUNT ? "..." : "";

	if (o->type == OPT_TYPE_OPERAND)
		return operand_text(o, true);
	if (o->letter)
		return xasprintf("[-%c%s%s]%s", o->letter, space, value, more);
	return xasprintf("[--%s%s%s]%s", o->name, space, value, more);
}

/* Options first, then operands, in the order of the table. */
static void tokens(const struct opt *opts, struct strlist *out)
{
	for (const struct opt *o = opts; o->type; o++)
		if (o->type != OPT_TYPE_OPERAND)
			strlist_take(out, token(o));
	for (const struct opt *o = opts; o->type; o++)
		if (o->type == OPT_TYPE_OPERAND)
			strlist_take(out, token(o));
}

/* A narrower terminal wraps earlier, down to what still reads well. */
static int line_columns(void)
{
	int n = term_stdout()->tty ? term_stdout()->columns : USAGE_COLUMNS;

	return n > USAGE_COLUMNS ? USAGE_COLUMNS : n < USAGE_COLUMNS_MIN ? USAGE_COLUMNS_MIN : n;
}

/* "usage: mich tag [--json] NAME", wrapped at USAGE_COLUMNS. */
static void add_synopsis(const char *command, const struct opt *opts, struct buf *out)
{
	struct strlist words = STRLIST_INIT;
	size_t indent = strlen("usage: ") + strlen(command), col = indent;

	buf_addf(out, "usage: %s", command);
	tokens(opts, &words);
	for (size_t i = 0; i < words.n; i++) {
		size_t n = strlen(words.v[i]) + 1;

		if (col + n > (size_t)line_columns()) {
			buf_addf(out, "\n%*s", (int)indent, "");
			col = indent;
		}
		buf_addf(out, " %s", words.v[i]);
		col += n;
	}
	buf_addch(out, '\n');
	strlist_clear(&words);
}

/* Words of text from column `at` on, going on there after each line break. */
static void wrapped(const char *text, int at, struct buf *out)
{
	int col = at;

	while (*text) {
		int n = (int)strcspn(text, " ");

		if (col > at && col + 1 + n > line_columns()) {
			buf_addf(out, "\n%*s", at, "");
			col = at;
		} else if (col > at) {
			buf_addch(out, ' ');
			col++;
		}
		buf_add(out, text, (size_t)n);
		col += n;
		text += n + (text[n] == ' ');
	}
	buf_addch(out, '\n');
}

void usage_row(const char *left, const char *help, int width, struct buf *out)
{
	int n = (int)strlen(left);

	buf_addf(out, "    %s", left);
	if (n > width) {
		buf_addch(out, '\n');
		n = -4;
	}
	buf_addf(out, "%*s", width + 2 - n, "");
	wrapped(help, width + 6, out);
}

/* "-n, --number N". Caller frees. */
static char *left_side(const struct opt *o)
{
	struct buf b = BUF_INIT;

	if (o->type == OPT_TYPE_OPERAND)
		return operand_text(o, false);
	if (o->letter)
		buf_addf(&b, "-%c%s", o->letter, o->name ? ", " : "");
	if (o->name)
		buf_addf(&b, "--%s", o->name);
	if (o->value)
		buf_addf(&b, " %s", o->value);
	return buf_take(&b);
}

/* The help with what the row itself knows: its default, and that it may be given again. */
static char *right_side(const struct opt *o)
{
	struct buf b = BUF_INIT;

	buf_addstr(&b, o->help);
	if (o->type == OPT_TYPE_LIST)
		buf_addstr(&b, " (may be repeated)");
	if (o->fallback)
		buf_addf(&b, " [default: %s]", o->fallback);
	return buf_take(&b);
}

static int left_width(const struct opt *opts)
{
	int width = 10;

	for (const struct opt *o = opts; o->type; o++) {
		char *left = left_side(o);

		if ((int)strlen(left) > width && strlen(left) <= 30)
			width = (int)strlen(left);
		free(left);
	}
	return width;
}

static void help_rows(const struct opt *opts, bool operands, int width, struct buf *out)
{
	for (const struct opt *o = opts; o->type; o++) {
		char *left, *right;

		if ((o->type == OPT_TYPE_OPERAND) != operands)
			continue;
		left = left_side(o);
		right = right_side(o);
		usage_row(left, right, width, out);
		free(left);
		free(right);
	}
}

void usage_help(const char *command, const char *summary, const struct opt *opts, struct buf *out)
{
	int width = left_width(opts);

	add_synopsis(command, opts, out);
	buf_addf(out, "\n%s\n", summary);
	if (opts->type)
		buf_addch(out, '\n');
	help_rows(opts, true, width, out);
	help_rows(opts, false, width, out);
}

/* Text that scdoc prints as it is. */
static void scd_text(const char *s, struct buf *out)
{
	for (; *s; s++) {
		if (strchr("*_\\#[]<>~`", *s))
			buf_addch(out, '\\');
		buf_addch(out, *s);
	}
}

static void scd_value(const char *value, struct buf *out)
{
	buf_addch(out, '_');
	scd_text(value, out);
	buf_addch(out, '_');
}

/* "*-n*, *--number* _N_" */
static void scd_left(const struct opt *o, struct buf *out)
{
	if (o->type == OPT_TYPE_OPERAND) {
		char *name = operand_text(o, false);

		scd_value(name, out);
		free(name);
		return;
	}
	if (o->letter)
		buf_addf(out, "*-%c*%s", o->letter, o->name ? ", " : "");
	if (o->name)
		buf_addf(out, "*--%s*", o->name);
	if (o->value) {
		buf_addch(out, ' ');
		scd_value(o->value, out);
	}
}

static void scd_token(const struct opt *o, struct buf *out)
{
	bool optional = o->type != OPT_TYPE_OPERAND || o->arity == OPTIONAL || o->arity == ANY;
	bool many = o->type == OPT_TYPE_OPERAND ? o->arity >= MANY : o->type == OPT_TYPE_LIST;
	struct opt shown = *o;

	if (o->type != OPT_TYPE_OPERAND && o->letter)
		shown.name = NULL;
	buf_addstr(out, optional ? " \\[" : " ");
	scd_left(&shown, out);
	buf_addf(out, "%s%s", many ? "..." : "", optional ? "\\]" : "");
}

static void scd_options(const struct opt *opts, bool operands, struct buf *out)
{
	for (const struct opt *o = opts; o->type; o++) {
		char *right;

		if ((o->type == OPT_TYPE_OPERAND) != operands)
			continue;
		right = right_side(o);
		scd_left(o, out);
		buf_addstr(out, "\n\t");
		scd_text(right, out);
		buf_addstr(out, "\n\n");
		free(right);
	}
}

void usage_scd(const char *command, const struct opt *opts, struct buf *out)
{
	buf_addf(out, "@synopsis@\n*%s*", command);
	for (const struct opt *o = opts; o->type; o++)
		if (o->type != OPT_TYPE_OPERAND)
			scd_token(o, out);
	for (const struct opt *o = opts; o->type; o++)
		if (o->type == OPT_TYPE_OPERAND)
			scd_token(o, out);
	buf_addstr(out, "\n@options@\n");
	scd_options(opts, true, out);
	scd_options(opts, false, out);
	buf_addstr(out, "*-h*, *--help*\n\tprint the synopsis and the options\n");
}
