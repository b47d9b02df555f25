/* gate.c - reading conditions. */
#include "lib/measure/gate/gate.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/base/mem.h"

enum { MAX_BYTES = 1000 };

static const char *const ops[] = { "<", "<=", ">", ">=", "==" };

const char *gate_op_text(enum gate_op op)
{
	return ops[op];
}

struct cursor {
	const char *text, *at; /* NUL-ended, trimmed */
};

static int wanted(const struct cursor *c, const char *what)
{
	if (!*c->at)
		return error_set(ERR_INPUT, "cannot read gate '%s': %s is wanted at its end",
				 c->text, what);
	return error_set(ERR_INPUT, "cannot read gate '%s': %s is wanted at '%s'", c->text, what,
			 c->at);
}

static void skip_blanks(struct cursor *c)
{
	c->at += strspn(c->at, " \t");
}

static bool is_word(char ch)
{
	return isalnum((unsigned char)ch) || ch == '_' || ch == '-' || ch == '@';
}

static bool eat(struct cursor *c, const char *token)
{
	size_t n = strlen(token);

	if (strncmp(c->at, token, n) != 0)
		return false;
	c->at += n;
	return true;
}

/* A keyword is followed by something that is no part of a name. */
static bool eat_keyword(struct cursor *c, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(c->at, word, n) != 0 || is_word(c->at[n]) || c->at[n] == '.')
		return false;
	c->at += n;
	skip_blanks(c);
	return true;
}

/* Digits decide, so that nan, inf and hexadecimal are no numbers here. */
static int parse_number(struct cursor *c, double *out)
{
	const char *s = c->at + (*c->at == '-' || *c->at == '+');
	size_t n = strspn(s, "0123456789.");
	char *end;

	if (!n || (*s == '.' && !isdigit((unsigned char)s[1])) || s[1] == 'x' || s[1] == 'X')
		return wanted(c, "a number");
	*out = strtod(c->at, &end);
	if (!isfinite(*out) || is_word(*end) || *end == '.')
		return wanted(c, "a number");
	c->at = end;
	return 0;
}

static bool starts_number(const struct cursor *c)
{
	const char *s = c->at + (*c->at == '-' || *c->at == '+');

	return isdigit((unsigned char)*s) || *s == '.';
}

static int parse_metric(struct cursor *c, char **out)
{
	const char *first = c->at;

	for (;;) {
		if (!is_word(*c->at))
			return wanted(c, "a metric such as test.rmse");
		while (is_word(*c->at))
			c->at++;
		if (*c->at != '.')
			break;
		c->at++;
	}
	*out = xstrndup(first, (size_t)(c->at - first));
	return 0;
}

/* Letters of all languages, too: columns are not named by us. */
static bool is_column(char ch)
{
	return is_word(ch) || (unsigned char)ch >= 0x80;
}

/* Any bytes in double quotes; a double quote itself is written twice. */
static int parse_quoted(struct cursor *c, char **out)
{
	struct buf b = BUF_INIT;
	const char *s = c->at + 1;

	for (; *s && (*s != '"' || s[1] == '"'); s++) {
		s += *s == '"';
		buf_addch(&b, *s);
	}
	if (!*s || !b.len) {
		buf_clear(&b);
		return wanted(c, "a column in double quotes");
	}
	c->at = s + 1;
	*out = buf_take(&b);
	return 0;
}

static int parse_column(struct cursor *c, char **out)
{
	const char *first = c->at;

	if (*c->at == '"')
		return parse_quoted(c, out);
	while (is_column(*c->at))
		c->at++;
	if (c->at == first)
		return wanted(c, "a column");
	*out = xstrndup(first, (size_t)(c->at - first));
	return 0;
}

/* "min = 50" or "tolerance = 2%", and only where a "=" follows: a column may have any name. */
static bool at_setting(const struct cursor *c)
{
	const char *s = c->at;

	while (is_column(*s))
		s++;
	return s > c->at && s[strspn(s, " \t")] == '=';
}

static int parse_min(struct cursor *c, int64_t *out)
{
	double v;

	if (parse_number(c, &v) || v < 1 || v > 1e15 || floor(v) != v)
		return error_set(ERR_INPUT,
				 "cannot read gate '%s': min wants a number of rows from 1 on",
				 c->text);
	*out = (int64_t)v;
	return 0;
}

static int parse_tolerance(struct cursor *c, double *out)
{
	double v;

	if (parse_number(c, &v) || v < 0)
		return error_set(
			ERR_INPUT,
			"cannot read gate '%s': tolerance wants a share from 0 on, as 0.02 or 2%%",
			c->text);
	*out = eat(c, "%") ? v / 100 : v;
	return 0;
}

static int parse_setting(struct cursor *c, struct gate_slice *s, bool regress)
{
	bool min = eat_keyword(c, "min");

	if (!min && !(regress && eat_keyword(c, "tolerance")))
		return wanted(c, regress ? "min = ROWS or tolerance = SHARE" : "min = ROWS");
	eat(c, "=");
	skip_blanks(c);
	return min ? parse_min(c, &s->min) : parse_tolerance(c, &s->tolerance);
}

static int parse_by(struct cursor *c, struct gate_slice *s)
{
	struct gate_by *by;
	int rc;

	ARRAY_GROW(s->by, s->n, s->cap);
	by = &s->by[s->n++];
	*by = (struct gate_by){ { NULL, NULL } };
	rc = parse_column(c, &by->column[0]);
	skip_blanks(c);
	if (rc || !eat(c, "*"))
		return rc;
	skip_blanks(c);
	rc = parse_column(c, &by->column[1]);
	skip_blanks(c);
	if (!rc && *c->at == '*')
		rc = wanted(c, "no third column, as two are crossed at most,");
	return rc;
}

static int parse_slice(struct cursor *c, struct gate_slice *s, bool regress)
{
	int rc = 0;
	bool more;

	s->min = GATE_MIN_ROWS;
	if (!eat(c, "slice"))
		return wanted(c, "slice(COLUMN)");
	skip_blanks(c);
	if (!eat(c, "("))
		return wanted(c, "(");
	do {
		skip_blanks(c);
		rc = s->n && at_setting(c) ? parse_setting(c, s, regress) : parse_by(c, s);
		skip_blanks(c);
		more = !rc && (eat(c, ",") || eat(c, ";"));
	} while (more);
	if (rc)
		return rc;
	if (eat(c, ")"))
		return 0;
	rc = wanted(c, "a comma or )");
	return error_hint(rc,
			  "a column of other than letters, digits, _ and - goes in double quotes");
}

static int parse_worst(struct cursor *c, struct gate_side *s)
{
	int rc = parse_slice(c, &s->slice, false);

	if (rc)
		return rc;
	if (!eat(c, "."))
		return wanted(c, "a metric such as .rmse");
	return parse_metric(c, &s->metric);
}

static int parse_quantity(struct cursor *c, struct gate_side *s)
{
	int rc;

	s->production = eat(c, "production.");
	if (eat_keyword(c, "worst"))
		return parse_worst(c, s);
	rc = parse_metric(c, &s->metric);
	if (!rc && !strchr(s->metric, '.'))
		rc = error_set(ERR_INPUT,
			       "cannot read gate '%s': '%s' names no split, as test.%s does",
			       c->text, s->metric, s->metric);
	return rc;
}

static int parse_side(struct cursor *c, struct gate_side *s)
{
	int rc;

	s->factor = 1;
	if (starts_number(c)) {
		if ((rc = parse_number(c, &s->factor)))
			return rc;
		skip_blanks(c);
		if (!eat(c, "*"))
			return 0;
		skip_blanks(c);
	}
	rc = parse_quantity(c, s);
	if (!rc)
		skip_blanks(c);
	return rc;
}

static int parse_op(struct cursor *c, enum gate_op *out)
{
	if (eat(c, "<="))
		*out = GATE_LE;
	else if (eat(c, ">="))
		*out = GATE_GE;
	else if (eat(c, "=="))
		*out = GATE_EQ;
	else if (eat(c, "<"))
		*out = GATE_LT;
	else if (eat(c, ">"))
		*out = GATE_GT;
	else
		return wanted(c, "one of < <= > >= ==");
	skip_blanks(c);
	return 0;
}

static int parse_compare(struct cursor *c, struct gate *g)
{
	int rc = parse_side(c, &g->left);

	if (!rc)
		rc = parse_op(c, &g->op);
	if (!rc)
		rc = parse_side(c, &g->right);
	if (rc)
		return rc;
	if (!g->left.metric && !g->right.metric)
		return error_set(ERR_INPUT,
				 "cannot read gate '%s': it compares numbers, and no metric",
				 c->text);
	if (g->left.production || g->right.production)
		g->kind = GATE_PRODUCTION;
	if (g->left.slice.n || g->right.slice.n)
		g->kind = GATE_SLICE;
	return 0;
}

static int parse_regress(struct cursor *c, struct gate *g)
{
	int rc = parse_slice(c, &g->left.slice, true);

	g->kind = GATE_NO_REGRESS;
	if (!rc && eat(c, "."))
		rc = parse_metric(c, &g->left.metric);
	return rc;
}

static int parse_gate(struct cursor *c, struct gate *g)
{
	int rc = eat_keyword(c, "no-regress") ? parse_regress(c, g) : parse_compare(c, g);

	if (rc)
		return rc;
	skip_blanks(c);
	return *c->at ? wanted(c, "the end") : 0;
}

int gate_parse(const char *text, size_t n, struct gate *out)
{
	struct cursor c;
	int rc;

	*out = (struct gate)GATE_INIT;
	while (n && isspace((unsigned char)text[n - 1]))
		n--;
	while (n && isspace((unsigned char)*text))
		text++, n--;
	if (n > MAX_BYTES || memchr(text, '\0', n) || memchr(text, '\n', n))
		return error_set(ERR_INPUT, "cannot read a gate: want one line of at most %d bytes",
				 MAX_BYTES);
	out->text = xstrndup(text, n);
	c.text = c.at = out->text;
	rc = parse_gate(&c, out);
	if (rc)
		gate_clear(out);
	return rc;
}

static bool is_bench(const struct gate_side *s)
{
	return s->metric && !s->slice.n && !strncmp(s->metric, "bench.", 6);
}

unsigned gate_needs(const struct gate *g)
{
	unsigned needs = 0;

	if (g->kind == GATE_NO_REGRESS || g->left.production || g->right.production)
		needs |= GATE_NEEDS_PRODUCTION;
	if (gate_by(g, 0))
		needs |= GATE_NEEDS_SLICES;
	if (is_bench(&g->left) || is_bench(&g->right))
		needs |= GATE_NEEDS_BENCH;
	return needs;
}

const struct gate_by *gate_by(const struct gate *g, size_t i)
{
	if (i < g->left.slice.n)
		return &g->left.slice.by[i];
	i -= g->left.slice.n;
	return i < g->right.slice.n ? &g->right.slice.by[i] : NULL;
}

static void side_clear(struct gate_side *s)
{
	for (size_t i = 0; i < s->slice.n; i++) {
		free(s->slice.by[i].column[0]);
		free(s->slice.by[i].column[1]);
	}
	free(s->slice.by);
	free(s->metric);
}

void gate_clear(struct gate *g)
{
	side_clear(&g->left);
	side_clear(&g->right);
	free(g->text);
	*g = (struct gate)GATE_INIT;
}
