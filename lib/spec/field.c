/* field.c - values into fields, fields into JSON. */
#include "lib/spec/field.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/spec/split_key.h"
#include "lib/spec/typed.h"

int field_error(const struct field_where *w, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	if (w->line > 0)
		error_set(ERR_INPUT, "%s:%d: %s", w->file, w->line, b.data);
	else
		error_set(ERR_INPUT, "%s: %s", w->file, b.data);
	buf_clear(&b);
	return ERR_INPUT;
}

static void *field_at(const struct key *k, struct spec_node *node)
{
	return (char *)node + k->at;
}

static const void *field_at_const(const struct key *k, const struct spec_node *node)
{
	return (const char *)node + k->at;
}

static void items_add(struct spec_items *l, const char *text, int line)
{
	ARRAY_GROW(l->v, l->n, l->cap);
	l->v[l->n++] = (struct spec_item){ .text = xstrdup(text), .line = line };
}

static void items_clear(struct spec_items *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].text);
	free(l->v);
	*l = (struct spec_items){ 0 };
}

static int read_list(const struct key *k, const struct field_where *w, const char *text,
		     struct spec_items *out)
{
	struct strlist words = STRLIST_INIT;
	int rc = 0;

	if (!typed_list(text, &words))
		rc = field_error(w, "'%s' must be names between commas, not '%s'", k->name, text);
	for (size_t i = 0; rc == 0 && i < words.n; i++) {
		for (size_t j = 0; j < out->n; j++)
			if (!(k->flags & KEY_REPEATS) && !strcmp(out->v[j].text, words.v[i]))
				rc = field_error(w, "'%s' is twice in '%s'", words.v[i], k->name);
		if (rc == 0)
			items_add(out, words.v[i], w->line);
	}
	strlist_clear(&words);
	return rc;
}

/* KEY=VALUE with blanks around the parts dropped; an earlier one of the same KEY goes. */
static int read_param(const struct key *k, const struct field_where *w, const char *text,
		      struct spec_items *out)
{
	const char *eq = strchr(text, '=');
	const char *value = eq ? eq + 1 + strspn(eq + 1, " \t") : text;
	size_t n = eq ? (size_t)(eq - text) : 0;
	char *pair;

	while (n && strchr(" \t", text[n - 1]))
		n--;
	if (!n || !*value)
		return field_error(w, "'%s' must be KEY=VALUE, not '%s'", k->name, text);
	for (size_t i = 0; i < out->n; i++) {
		if (strncmp(out->v[i].text, text, n) || out->v[i].text[n] != '=')
			continue;
		free(out->v[i].text);
		memmove(&out->v[i], &out->v[i + 1], (--out->n - i) * sizeof *out->v);
		break;
	}
	pair = xasprintf("%.*s=%s", (int)n, text, value);
	items_add(out, pair, w->line);
	free(pair);
	return 0;
}

static int read_int(const struct key *k, const struct field_where *w, const char *text,
		    int64_t *out)
{
	if (typed_int(text, out) && (double)*out >= k->min && (double)*out <= k->max)
		return 0;
	return field_error(w, "'%s' must be a whole number from %.0f to %.0f, not '%s'", k->name,
			   k->min, k->max, text);
}

static int read_double(const struct key *k, const struct field_where *w, const char *text,
		       double *out)
{
	if (typed_double(text, out) && *out >= k->min && *out <= k->max)
		return 0;
	return field_error(w, "'%s' must be a number from %g to %g, not '%s'", k->name, k->min,
			   k->max, text);
}

/* "a, b or c" from "a|b|c" */
static char *choices_text(const char *choices)
{
	struct buf b = BUF_INIT;

	for (const char *p = choices; *p; p++) {
		if (*p != '|')
			buf_addch(&b, *p);
		else
			buf_addstr(&b, strchr(p + 1, '|') ? ", " : " or ");
	}
	return buf_take(&b);
}

static int read_choice(const struct key *k, const struct field_where *w, const char *text, int *out)
{
	char *want;
	int i = typed_choice(text, k->choices);

	if (i >= 0) {
		*out = i;
		return 0;
	}
	want = choices_text(k->choices);
	field_error(w, "'%s' must be %s, not '%s'", k->name, want, text);
	free(want);
	return ERR_INPUT;
}

static int read_learner(const struct key *k, const struct field_where *w, const char *text,
			char **out)
{
	char *have;

	if (typed_choice(text, k->choices) >= 0) {
		*out = xstrdup(text);
		return 0;
	}
	have = choices_text(k->choices);
	field_error(w, "unknown learner '%s', want %s", text, have);
	free(have);
	return error_hint(ERR_INPUT, "a program of your own trains by command = PROGRAM ARG...");
}

static int read_refresh(const struct key *k, const struct field_where *w, const char *text,
			struct spec_refresh *out)
{
	static const char *const words[] = { "never", "always" };
	int i = typed_choice(text, "never|always");
	const char *near;

	if (i >= 0) {
		out->when = i ? SPEC_REFRESH_ALWAYS : SPEC_REFRESH_NEVER;
		return 0;
	}
	if (typed_span(text, &out->span_ms) && out->span_ms > 0) {
		out->when = SPEC_REFRESH_EVERY;
		return 0;
	}
	near = strpbrk(text, " /") ? NULL : strlist_nearest(words, ARRAY_LEN(words), text);
	if (near)
		return field_error(w, "'%s' is '%s', did you mean '%s'?", k->name, text, near);
	if (*text >= '0' && *text <= '9')
		return field_error(w,
				   "'%s' must be never, always, a length of time such as 1d, or a "
				   "command, not '%s'",
				   k->name, text);
	out->when = SPEC_REFRESH_COMMAND;
	out->command = xstrdup(text);
	return 0;
}

static void add_source(struct spec_node *node, const char *text, int line)
{
	ARRAY_GROW(node->source, node->n_source, node->source_cap);
	node->source[node->n_source++] =
		(struct spec_source){ .text = xstrdup(text), .line = line };
}

static int read_switch(const struct key *k, const struct field_where *w, const char *text,
		       bool *out)
{
	if (!text)
		*out = true;
	else if (!typed_bool(text, out))
		return field_error(w, "'%s' must be yes or no, not '%s'", k->name, text);
	return 0;
}

/* Types of one value and a fixed form. */
static int read_amount(const struct key *k, const struct field_where *w, const char *text, void *at)
{
	switch (k->type) {
	case KEY_INT:
		return read_int(k, w, text, at);
	case KEY_DOUBLE:
		return read_double(k, w, text, at);
	case KEY_CHOICE:
		return read_choice(k, w, text, at);
	case KEY_SPAN:
		if (!typed_span(text, at))
			return field_error(w,
					   "'%s' must be a length of time such as 90s, 15m, 2h or "
					   "1d, not '%s'",
					   k->name, text);
		return 0;
	default:
		if (!typed_size(text, at))
			return field_error(w, "'%s' must be a size such as 512M or 4G, not '%s'",
					   k->name, text);
		return 0;
	}
}

/* JSON and SQL both want UTF-8, so no key takes anything else. */
static int check_text(const struct key *k, const struct field_where *w, const char *text)
{
	json_t *probe;

	if (!text)
		return field_error(w, "'%s' needs a value: %s = %s", k->name, k->name,
				   k->placeholder ? k->placeholder : k->choices);
	if (!text[strspn(text, " \t\r\n")])
		return field_error(w, "'%s' is empty, want %s", k->name,
				   k->placeholder ? k->placeholder : "a value");
	if (!(probe = json_string(text)))
		return field_error(w, "'%s' is not UTF-8", k->name);
	json_decref(probe);
	return 0;
}

int field_read(const struct key *k, const struct field_where *w, const char *text,
	       struct spec_node *node)
{
	void *at = field_at(k, node);
	int rc;

	if (!(k->flags & KEY_MANY))
		field_clear(k, node);
	if (k->type == KEY_BOOL)
		return read_switch(k, w, text, at);
	if ((rc = check_text(k, w, text)) < 0)
		return rc;
	switch (k->type) {
	case KEY_TEXT:
	case KEY_REF:
		*(char **)at = xstrdup(text);
		return 0;
	case KEY_LEARNER:
		return read_learner(k, w, text, at);
	case KEY_TEXTS:
		items_add(at, text, w->line);
		return 0;
	case KEY_LIST:
		return read_list(k, w, text, at);
	case KEY_PARAM:
		return read_param(k, w, text, at);
	case KEY_SPLIT:
		return split_key_read(text, w, at);
	case KEY_REFRESH:
		return read_refresh(k, w, text, at);
	case KEY_SOURCE:
		add_source(node, text, w->line);
		return 0;
	default:
		return read_amount(k, w, text, at);
	}
}

static void clear_sources(struct spec_node *node)
{
	for (size_t i = 0; i < node->n_source; i++) {
		free(node->source[i].text);
		free(node->source[i].name);
		free(node->source[i].path);
		free(node->source[i].table);
	}
	free(node->source);
	node->source = NULL;
	node->n_source = node->source_cap = 0;
}

static void clear_refresh(struct spec_refresh *r)
{
	free(r->command);
	*r = (struct spec_refresh){ 0 };
}

void field_clear(const struct key *k, struct spec_node *node)
{
	void *at = field_at(k, node);

	switch (k->type) {
	case KEY_TEXT:
	case KEY_REF:
	case KEY_LEARNER:
		free(*(char **)at);
		*(char **)at = NULL;
		break;
	case KEY_TEXTS:
	case KEY_LIST:
	case KEY_PARAM:
		items_clear(at);
		break;
	case KEY_SPLIT:
		split_key_clear(at);
		break;
	case KEY_REFRESH:
		clear_refresh(at);
		break;
	case KEY_SOURCE:
		clear_sources(node);
		break;
	case KEY_INT:
	case KEY_SPAN:
	case KEY_SIZE:
		*(int64_t *)at = 0;
		break;
	case KEY_DOUBLE:
		*(double *)at = 0;
		break;
	case KEY_CHOICE:
		*(int *)at = 0;
		break;
	case KEY_BOOL:
		*(bool *)at = false;
		break;
	}
}

static json_t *items_json(const struct spec_items *l)
{
	json_t *a;

	if (!l->n)
		return NULL;
	a = json_array();
	for (size_t i = 0; i < l->n; i++)
		json_array_append_new(a, json_string(l->v[i].text));
	return a;
}

static json_t *params_json(const struct spec_items *l)
{
	json_t *o;

	if (!l->n)
		return NULL;
	o = json_object();
	for (size_t i = 0; i < l->n; i++) {
		const char *eq = strchr(l->v[i].text, '=');

		json_object_setn_new(o, l->v[i].text, (size_t)(eq - l->v[i].text),
				     typed_json(eq + 1));
	}
	return o;
}

static json_t *sources_json(const struct spec_node *node)
{
	json_t *a;

	if (!node->n_source)
		return NULL;
	a = json_array();
	for (size_t i = 0; i < node->n_source; i++)
		json_array_append_new(a, json_string(node->source[i].text));
	return a;
}

static json_t *refresh_json(const struct spec_refresh *r)
{
	switch (r->when) {
	case SPEC_REFRESH_NEVER:
		return json_string("never");
	case SPEC_REFRESH_ALWAYS:
		return json_string("always");
	case SPEC_REFRESH_EVERY:
		return json_integer(r->span_ms / 1000);
	default:
		return json_string(r->command);
	}
}

static json_t *choice_json(const char *choices, int i)
{
	for (; i > 0; i--)
		choices = strchr(choices, '|') + 1;
	return json_stringn(choices, strcspn(choices, "|"));
}

json_t *field_json(const struct key *k, const struct spec_node *node)
{
	const void *at = field_at_const(k, node);

	switch (k->type) {
	case KEY_TEXT:
	case KEY_REF:
	case KEY_LEARNER:
		return *(char *const *)at ? json_string(*(char *const *)at) : NULL;
	case KEY_TEXTS:
	case KEY_LIST:
		return items_json(at);
	case KEY_PARAM:
		return params_json(at);
	case KEY_SPLIT:
		return json_string(((const struct spec_split *)at)->text);
	case KEY_REFRESH:
		return refresh_json(at);
	case KEY_SOURCE:
		return sources_json(node);
	case KEY_DOUBLE:
		return json_number(*(const double *)at);
	case KEY_CHOICE:
		return choice_json(k->choices, *(const int *)at);
	case KEY_BOOL:
		return json_boolean(*(const bool *)at);
	case KEY_INT:
		return json_integer(*(const int64_t *)at);
	default: /* sizes and spans: 0 stands for none */
		return *(const int64_t *)at ? json_integer(*(const int64_t *)at) : NULL;
	}
}
