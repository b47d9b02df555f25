/* opt.c - typed words into the fields that a table of options names. */
#define _GNU_SOURCE
#include "lib/cli/opt.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"

struct parse {
	const struct opt *opts;
	void *args;
	int argc, i; /* i: the next word */
	const char *const *argv;
	const char **words; /* the operands' own strings in argv */
	size_t n;
};

static void *field(const struct opt *o, void *args)
{
	return (char *)args + o->at;
}

static const char *dashes(const struct opt *o)
{
	return o->name ? "--" : "-";
}

static int bad_value(const struct opt *o, const char *want, const char *text)
{
	if (o->type == OPT_TYPE_OPERAND || !o->name)
		return error_set(ERR_USAGE, "'%s': want %s", text, want);
	return error_set(ERR_USAGE, "option '%s%s' wants %s, got '%s'", dashes(o), o->name, want,
			 text);
}

static int set_int(const struct opt *o, const char *text, int64_t *out)
{
	char *end;
	long long v;

	errno = 0;
	v = strtoll(text, &end, 10);
	if (end == text || *end || errno)
		return bad_value(o, "a whole number", text);
	*out = v;
	return 0;
}

static int set_double(const struct opt *o, const char *text, double *out)
{
	char *end;
	double v = strtod(text, &end);

	if (end == text || *end || !isfinite(v))
		return bad_value(o, "a number", text);
	*out = v;
	return 0;
}

static int set_span(const struct opt *o, const char *text, int64_t *out)
{
	if (clock_parse_span(text, out) < 0)
		return bad_value(o, "a length of time such as 90s, 15m, 2h or 1d", text);
	return 0;
}

static int set_choice(const struct opt *o, const char *text, const char **out)
{
	size_t n = strlen(text);

	for (const char *c = o->choices; n && c; c = strchr(c, '|') ? strchr(c, '|') + 1 : NULL)
		if (!strncmp(c, text, n) && (c[n] == '|' || !c[n])) {
			*out = text;
			return 0;
		}
	return error_set(ERR_USAGE, "option '--%s' wants one of %s, got '%s'", o->name, o->choices,
			 text);
}

/* Set one row's field from text. ERR_USAGE says what the row wants. */
static int set_field(const struct opt *o, const char *text, void *args)
{
	void *at = field(o, args);

	switch (o->type) {
	case OPT_TYPE_INT:
		return set_int(o, text, at);
	case OPT_TYPE_DOUBLE:
		return set_double(o, text, at);
	case OPT_TYPE_SPAN:
		return set_span(o, text, at);
	case OPT_TYPE_CHOICE:
		return set_choice(o, text, at);
	case OPT_TYPE_LIST:
		strlist_add(at, text);
		return 0;
	case OPT_TYPE_STRING:
		*(const char **)at = text;
		return 0;
	default:
		return error_set(ERR_USAGE, "option '--%s' takes no value", o->name);
	}
}

/* "force" or "no-force" against a row; *on says which of the two. */
static bool row_is(const struct opt *o, const char *name, size_t n, bool prefix, bool *on)
{
	const char *own = o->name;

	*on = true;
	if (o->type == OPT_TYPE_OPERAND || !own)
		return false;
	if (!strncmp(own, name, n) && (prefix || !own[n]))
		return true;
	if (o->type != OPT_TYPE_FLAG)
		return false;
	*on = false;
	if (!strncmp(own, "no-", 3)) /* --x undoes --no-x */
		return !strncmp(own + 3, name, n) && (prefix || !own[3 + n]);
	return n > 3 && !strncmp(name, "no-", 3) && !strncmp(own, name + 3, n - 3) &&
	       (prefix || !own[n - 3]);
}

/* The row of a long option: its whole name, or the only one that starts so. */
static int find_long(const struct opt *opts, const char *name, size_t n, const struct opt **out,
		     bool *on)
{
	const struct opt *found = NULL;
	bool found_on = true;

	for (const struct opt *o = opts; o->type; o++)
		if (row_is(o, name, n, false, on)) {
			*out = o;
			return 0;
		}
	for (const struct opt *o = opts; n && o->type; o++) {
		if (!row_is(o, name, n, true, on))
			continue;
		if (found)
			return error_set(ERR_USAGE, "option '--%.*s' could be '--%s' or '--%s'",
					 (int)n, name, found->name, o->name);
		found = o;
		found_on = *on;
	}
	*out = found;
	*on = found_on;
	return found ? 0 : ERR_NOT_FOUND;
}

static const struct opt *find_letter(const struct opt *opts, char c)
{
	for (const struct opt *o = opts; o->type; o++)
		if (c && o->letter == c)
			return o;
	return NULL;
}

const struct opt *opt_find(const struct opt *opts, const char *word)
{
	const struct opt *o = NULL;
	bool on;

	if (word[0] != '-' || !word[1])
		return NULL;
	if (word[1] != '-')
		return find_letter(opts, word[strlen(word) - 1]);
	return find_long(opts, word + 2, strcspn(word + 2, "="), &o, &on) == 0 ? o : NULL;
}

static int unknown_long(const struct opt *opts, const char *name, size_t n)
{
	const char *names[64] = { "help" }, *near;
	size_t count = 1;
	char *word = xstrndup(name, n);

	for (const struct opt *o = opts; o->type && count < ARRAY_LEN(names); o++)
		if (o->type != OPT_TYPE_OPERAND && o->name)
			names[count++] = o->name;
	near = strlist_nearest(names, count, word);
	error_set(ERR_USAGE, "unknown option '--%s'", word);
	if (near)
		error_hint(ERR_USAGE, "did you mean '--%s'?", near);
	free(word);
	return ERR_USAGE;
}

/* A flag or a count: no value. */
static bool set_plain(const struct opt *o, void *args, bool on)
{
	if (o->type == OPT_TYPE_FLAG)
		*(bool *)field(o, args) = on;
	else if (o->type == OPT_TYPE_COUNT)
		++*(int *)field(o, args);
	else
		return false;
	return true;
}

static int take_value(struct parse *p, const struct opt *o, const char *shown,
		      const char *inline_value)
{
	if (inline_value)
		return set_field(o, inline_value, p->args);
	if (p->i >= p->argc)
		return error_set(ERR_USAGE, "option '%s' wants a value: %s", shown, o->value);
	return set_field(o, p->argv[p->i++], p->args);
}

static int parse_long(struct parse *p, const char *word)
{
	const char *name = word + 2, *eq = strchr(name, '=');
	size_t n = eq ? (size_t)(eq - name) : strlen(name);
	const struct opt *o = NULL;
	char shown[64] = "--";
	bool on = true;
	int rc = find_long(p->opts, name, n, &o, &on);

	if (rc == ERR_USAGE)
		return rc;
	if (rc < 0)
		return !strcmp(word, "--help") ? OPT_HELP : unknown_long(p->opts, name, n);
	if (!eq && set_plain(o, p->args, on))
		return 0;
	strncat(shown, o->name, sizeof shown - 3);
	return take_value(p, o, shown, eq ? eq + 1 : NULL);
}

static int parse_letters(struct parse *p, const char *word)
{
	for (const char *c = word + 1; *c; c++) {
		const struct opt *o = find_letter(p->opts, *c);
		char shown[3] = { '-', *c, '\0' };

		if (!o && *c == 'h')
			return OPT_HELP;
		if (!o)
			return error_set(ERR_USAGE, "unknown option '-%c'", *c);
		if (!set_plain(o, p->args, true))
			return take_value(p, o, shown, c[1] ? c + 1 : NULL);
	}
	return 0;
}

static size_t required(const struct opt *o)
{
	size_t n = 0;

	for (; o->type; o++)
		n += o->type == OPT_TYPE_OPERAND && (o->arity == ONE || o->arity == MANY);
	return n;
}

/* Give the words to the operands, left to right, keeping enough for those that must have one. */
static int place_operands(struct parse *p)
{
	size_t i = 0;

	for (const struct opt *o = p->opts; o->type; o++) {
		size_t left = p->n - i, after = required(o + 1),
		       spare = left > after ? left - after : 0;

		if (o->type != OPT_TYPE_OPERAND)
			continue;
		if (!spare && (o->arity == ONE || o->arity == MANY)) {
			char *name = xstrdup(o->name);

			for (char *c = name; *c; c++)
				*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
			error_set(ERR_USAGE, "missing %s: %s", name, o->help);
			free(name);
			return ERR_USAGE;
		}
		if (spare && (o->arity == ONE || o->arity == OPTIONAL))
			*(const char **)field(o, p->args) = p->words[i++];
		while (spare-- && (o->arity == MANY || o->arity == ANY))
			strlist_add(field(o, p->args), p->words[i++]);
	}
	if (i < p->n)
		return error_set(ERR_USAGE, "unexpected word '%s'", p->words[i]);
	return 0;
}

static int set_defaults(const struct opt *opts, void *args)
{
	int rc = 0;

	for (const struct opt *o = opts; o->type && rc == 0; o++)
		if (o->fallback)
			rc = set_field(o, o->fallback, args);
	return rc;
}

static int parse_words(struct parse *p)
{
	int rc = 0;

	while (rc == 0 && p->i < p->argc) {
		const char *word = p->argv[p->i++];

		if (!strcmp(word, "--")) {
			while (p->i < p->argc)
				p->words[p->n++] = p->argv[p->i++];
		} else if (word[0] != '-' || !word[1]) {
			p->words[p->n++] = word;
		} else if (word[1] == '-') {
			rc = parse_long(p, word);
		} else {
			rc = parse_letters(p, word);
		}
	}
	return rc;
}

/* Somebody who asks for help gets it, whatever else is wrong with the line. */
static bool asks_help(const struct parse *p)
{
	for (int i = p->i; i < p->argc && strcmp(p->argv[i], "--"); i++)
		if (!strcmp(p->argv[i], "--help") || !strcmp(p->argv[i], "-h"))
			return true;
	return false;
}

int opt_parse(const struct opt *opts, int argc, const char *const *argv, void *args)
{
	struct parse p = { .opts = opts, .args = args, .argc = argc, .argv = argv };
	int rc = set_defaults(opts, args);

	p.words = xcalloc((size_t)argc + 1, sizeof *p.words);
	if (rc == 0)
		rc = parse_words(&p);
	if (rc == 0)
		rc = place_operands(&p);
	if (rc < 0 && asks_help(&p))
		rc = OPT_HELP;
	free(p.words);
	return rc;
}

void opt_clear(const struct opt *opts, void *args)
{
	for (const struct opt *o = opts; o->type; o++)
		if (o->type == OPT_TYPE_LIST ||
		    (o->type == OPT_TYPE_OPERAND && (o->arity == MANY || o->arity == ANY)))
			strlist_clear(field(o, args));
}
