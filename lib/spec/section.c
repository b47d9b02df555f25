/* section.c - one section of a Michfile as a node. */
#include "lib/spec/section.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/spec/field.h"
#include "lib/spec/needs.h"

static bool has_key(const struct spec_node *node, const struct key *k)
{
	return k->kinds >> node->kind & 1;
}

static void read_fallback(struct spec_node *node, const struct key *k)
{
	struct field_where w = { "default", 0 };

	if (k->fallback)
		field_read(k, &w, k->fallback, node);
}

struct spec_node *section_new(enum spec_kind kind, const char *name, const char *file, int line)
{
	struct spec_node *node = xcalloc(1, sizeof *node);

	node->kind = kind;
	node->name = xstrdup(name);
	node->file = file;
	node->line = line;
	node->line_of = xcalloc(key_count, sizeof *node->line_of);
	for (size_t i = 0; i < key_count; i++)
		if (has_key(node, &key_table[i]))
			read_fallback(node, &key_table[i]);
	return node;
}

static void clear_json(struct spec_node *node)
{
	json_decref(node->json.output);
	json_decref(node->json.input);
	json_decref(node->json.check);
	json_decref(node->json.run);
	json_decref(node->params);
	node->json.output = node->json.input = node->json.check = node->json.run = NULL;
	node->params = NULL;
}

void section_free(struct spec_node *node)
{
	if (!node)
		return;
	needs_clear(node);
	for (size_t i = 0; i < key_count; i++)
		if (has_key(node, &key_table[i]))
			field_clear(&key_table[i], node);
	clear_json(node);
	json_decref(node->override);
	free(node->line_of);
	free(node->name);
	free(node);
}

int spec_line(const struct spec_node *node, const char *key)
{
	const struct key *k = key_find(node->kind, key);
	int line = k ? node->line_of[k - key_table] : 0;

	return line > 0 ? line : node->line;
}

bool section_given(const struct spec_node *node, const char *key)
{
	const struct key *k = key_find(node->kind, key);

	return k && node->line_of[k - key_table];
}

/* "only of [model] and [eval]" for a key that other kinds have, else the nearest spelling. */
static int unknown_key(const struct spec_node *node, const struct field_where *w, const char *name)
{
	const char *kind = spec_kind_name(node->kind), *near = key_nearest(node->kind, name);
	struct buf b = BUF_INIT;

	for (int i = 0; i < SPEC_KINDS; i++)
		if (key_find((enum spec_kind)i, name))
			buf_addf(&b, "%s[%s]", b.len ? ", " : "",
				 spec_kind_name((enum spec_kind)i));
	if (b.len)
		field_error(w, "'%s' is a key of %s, not of [%s \"%s\"]", name, b.data, kind,
			    node->name);
	else if (near)
		field_error(w, "unknown key '%s' in [%s \"%s\"], did you mean '%s'?", name, kind,
			    node->name, near);
	else
		field_error(w, "unknown key '%s' in [%s \"%s\"]", name, kind, node->name);
	buf_clear(&b);
	return error_hint(ERR_INPUT, "mich help Michfile lists the keys");
}

/* git would cut the value there in silence. */
static int check_cut(const struct key *k, const struct field_where *w, const struct config_entry *e)
{
	if (e->cut == CONFIG_WHOLE || (e->cut == CONFIG_CUT_BLANK && !(k->flags & KEY_QUOTED)))
		return 0;
	field_error(w, "the value of '%s' is cut by a ';' or '#', which begins a comment", k->name);
	return error_hint(ERR_INPUT,
			  "put the whole value in double quotes, and a comment on a line "
			  "of its own");
}

int section_read(struct spec_node *node, const struct config_entry *e)
{
	const struct key *k = key_find(node->kind, e->key);
	struct field_where w = { node->file, e->line };
	int rc;

	if (!k)
		return unknown_key(node, &w, e->key);
	if ((rc = check_cut(k, &w, e)) < 0)
		return rc;
	if (node->line_of[k - key_table] && !(k->flags & KEY_MANY))
		return field_error(&w, "'%s' is given twice, first on line %d", k->name,
				   node->line_of[k - key_table]);
	if ((rc = field_read(k, &w, e->value, node)) < 0)
		return rc;
	if (!node->line_of[k - key_table])
		node->line_of[k - key_table] = e->line ? e->line : -1;
	return 0;
}

static int set_key(struct spec_node *node, const char *name, const char *value, const char *whole)
{
	struct field_where w = { "--set", 0 };
	const struct key *k = key_find(node->kind, name);
	int rc;

	if (!k && !key_find(node->kind, "param"))
		return unknown_key(node, &w, name);
	if (k) {
		if (k->type != KEY_PARAM)
			field_clear(k, node);
		node->line_of[k - key_table] = -1;
		return field_read(k, &w, value, node);
	}
	k = key_find(node->kind, "param");
	if ((rc = field_read(k, &w, whole, node)) == 0)
		node->line_of[k - key_table] = -1;
	return rc;
}

int section_set(struct spec_node *node, const char *assignment)
{
	const char *eq = strchr(assignment, '=');
	char *name, *value;
	int rc;

	if (!eq || eq == assignment)
		return error_set(ERR_INPUT, "--set wants KEY=VALUE, not '%s'", assignment);
	name = xstrndup(assignment, (size_t)(eq - assignment));
	value = xstrdup(eq + 1);
	rc = set_key(node, name, value, assignment);
	if (rc == 0) {
		if (!node->override)
			node->override = json_object();
		json_object_set_new(node->override, name, json_string(value));
	}
	free(name);
	free(value);
	return rc;
}

/* The key that name is a slip of: the same first letter, two others at most. NULL: of none. */
static const char *slip_of(const struct spec_node *node, const char *name)
{
	enum { LETTERS = 2 };
	const char *near = key_nearest(node->kind, name);

	return near && near[0] == name[0] && strlist_distance(name, near) <= LETTERS ? near : NULL;
}

char *spec_set_doubt(const struct spec_node *node, const char *assignment)
{
	char *name = xstrndup(assignment, strcspn(assignment, "=")), *text = NULL;
	const char *near = slip_of(node, name);

	if (!node->command || key_find(node->kind, name) || json_object_get(node->params, name))
		;
	else if (near)
		text = xasprintf(
			"--set: '%s' is no key and becomes a parameter of the command; did "
			"you mean '%s'?",
			name, near);
	else if (strchr(name, '-'))
		text = xasprintf("--set: '%s' is no key and becomes a parameter of the command; "
				 "mich help Michfile lists the keys",
				 name);
	free(name);
	return text;
}

void section_take_gates(struct spec_node *node, const struct spec_node *model)
{
	const struct key *k = key_find(node->kind, "gate");

	if (node->implied)
		field_clear(k, node);
	for (size_t i = 0; i < model->gate.n; i++) {
		struct field_where w = { node->file, model->gate.v[i].line };

		field_read(k, &w, model->gate.v[i].text, node);
	}
}

static void fill_json(struct spec_node *node)
{
	clear_json(node);
	node->json.output = json_object();
	node->json.input = json_object();
	node->json.check = json_object();
	node->json.run = json_object();
	for (size_t i = 0; i < key_count; i++) {
		const struct key *k = &key_table[i];
		json_t *v =
			has_key(node, k) && section_applies(node, k) ? field_json(k, node) : NULL;
		json_t *into = k->class == KEY_CHECK  ? node->json.check
			       : k->class == KEY_RUN  ? node->json.run
			       : k->flags & KEY_INPUT ? node->json.input
						      : node->json.output;

		if (v)
			json_object_set_new(into, k->name, v);
		if (k->type == KEY_PARAM)
			node->params = v ? json_incref(v) : json_object();
	}
}

int section_finish(struct spec_node *node)
{
	int rc = section_check(node);

	if (rc == 0)
		fill_json(node);
	return rc;
}
