/* section.c - one section of a Michfile as a node. */
#include "lib/spec/section.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/spec/field.h"
#include "lib/spec/members.h"
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

/* Does the key mean anything here, given what runs? */
static bool applies(const struct spec_node *node, const struct key *k)
{
	static const unsigned of_members = KEY_FOR_MEMBERS | KEY_FOR_STACKED;

	if (node->members.n && k->flags & (of_members | KEY_FOR_LEARNER))
		return k->flags & KEY_FOR_MEMBERS ||
		       (k->flags & KEY_FOR_STACKED && node->combine == SPEC_STACKED);
	if (k->flags & KEY_FOR_LEARNER)
		return node->learner;
	if (k->flags & of_members)
		return false;
	if (k->flags & KEY_FOR_COMMAND)
		return node->command;
	if (k->flags & KEY_FOR_PROGRAM)
		return node->command || node->learner;
	if (k->flags & KEY_FOR_QUERY)
		return node->query;
	if (k->flags & KEY_FOR_PARTITION)
		return node->learner && node->partition.n;
	return true;
}

static int check_applies(const struct spec_node *node)
{
	for (size_t i = 0; i < key_count; i++) {
		const struct key *k = &key_table[i];
		struct field_where w = { node->file, node->line_of[i] };
		const char *program =
			k->flags & KEY_FOR_PROGRAM ? "command and no learner" : "command";

		if (!w.line || applies(node, k))
			continue;
		return field_error(&w, "'%s' means nothing in [%s \"%s\"], which has no %s",
				   k->name, spec_kind_name(node->kind), node->name,
				   k->flags & KEY_FOR_LEARNER	  ? "learner"
				   : k->flags & KEY_FOR_STACKED	  ? "combine = stacked"
				   : k->flags & KEY_FOR_MEMBERS	  ? "members"
				   : k->flags & KEY_FOR_QUERY	  ? "query"
				   : k->flags & KEY_FOR_PARTITION ? "partition"
				   : node->kind == SPEC_MODEL	  ? program
								  : "command");
	}
	return 0;
}

static int check_dataset(const struct spec_node *node, const struct field_where *w)
{
	struct field_where at = { node->file, spec_line(node, "command") };

	if (!node->n_source && !node->command)
		return field_error(w, "[dataset \"%s\"] needs source = PATH, or command = PROGRAM",
				   node->name);
	if (node->query && node->command)
		return field_error(&at,
				   "[dataset \"%s\"] has a query and a command, want one of them",
				   node->name);
	if (node->n_source > 1 && !node->query && !node->command)
		return field_error(w,
				   "[dataset \"%s\"] has %zu sources, and needs a query that joins "
				   "them",
				   node->name, node->n_source);
	return 0;
}

enum { PARTITION_MOST = 4 }; /* columns */

/* Columns that part the rows: not what is learnt, none twice, and seen. */
static int check_partition(const struct spec_node *node)
{
	for (size_t i = 0; i < node->partition.n; i++) {
		const struct spec_item *item = &node->partition.v[i];
		struct field_where at = { node->file, item->line };

		if (i == PARTITION_MOST)
			return field_error(&at, "[model \"%s\"] is parted by more than %d columns",
					   node->name, PARTITION_MOST);
		for (size_t k = 0; k < i; k++)
			if (!strcmp(node->partition.v[k].text, item->text))
				return field_error(&at, "[model \"%s\"] is parted by '%s' twice",
						   node->name, item->text);
		for (size_t k = 0; k < node->exclude.n; k++)
			if (!strcmp(node->exclude.v[k].text, item->text))
				return field_error(
					&at,
					"'%s' is excluded, and parts the rows as well: it "
					"is no feature unless feature names it",
					item->text);
		if (node->members.n)
			return field_error(&at,
					   "[model \"%s\"] has members, which may be models of "
					   "partitions: leave out partition",
					   node->name);
		if (node->group)
			return field_error(&at, "ranked groups are not parted: leave out partition "
						"or group");
		if ((node->weight && !strcmp(node->weight, item->text)) ||
		    (node->label && !strcmp(node->label, item->text)))
			return field_error(
				&at, "'%s' cannot part the rows: it is the %s", item->text,
				node->weight && !strcmp(node->weight, item->text) ? "weight"
										  : "label");
	}
	return 0;
}

static int check_model(const struct spec_node *node, const struct field_where *w)
{
	struct field_where at = { node->file, spec_line(node, "command") };

	if (!node->ref_text[SPEC_DATASET])
		return field_error(w, "[model \"%s\"] needs dataset = NAME", node->name);
	if (node->members.n)
		return members_check(node);
	if (!node->learner && !node->command)
		return field_error(
			w,
			"[model \"%s\"] needs learner = xgboost, net or linear, command = PROGRAM, "
			"or members = MODEL, ...",
			node->name);
	if (node->learner && node->command)
		return field_error(&at,
				   "[model \"%s\"] has a learner and a command, want one of them",
				   node->name);
	at.line = spec_line(node, "init-from");
	if (node->init_from && node->partition.n)
		return field_error(&at, "the models of partitions start from nothing");
	at.line = spec_line(node, "exclude");
	if (node->feature.n && node->exclude.n)
		return field_error(&at, "[model \"%s\"] has feature and exclude, want one of them",
				   node->name);
	at.line = spec_line(node, "task");
	if (node->task == SPEC_TASK_RANKING && !node->group)
		return field_error(&at, "ranking needs group = COLUMN, the rows of one question");
	return check_partition(node);
}

static int check_other(const struct spec_node *node, const struct field_where *w)
{
	const char *kind = spec_kind_name(node->kind);

	if (!node->ref_text[SPEC_MODEL])
		return field_error(w, "[%s \"%s\"] needs model = NAME", kind, node->name);
	if (node->kind == SPEC_PREDICTION && !node->n_source)
		return field_error(w, "[%s \"%s\"] needs source = PATH or DATASET", kind,
				   node->name);
	if (node->kind == SPEC_PREDICTION && node->n_source > 1 && !node->query)
		return field_error(w, "[%s \"%s\"] has %zu sources, so it needs a query", kind,
				   node->name, node->n_source);
	if (node->kind == SPEC_BENCH && node->synthetic && node->ref_text[SPEC_DATASET])
		return field_error(
			w, "[bench \"%s\"] has a dataset and synthetic = yes, want one of them",
			node->name);
	return 0;
}

static bool is_variable(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");

	return n && !name[n] && !(name[0] >= '0' && name[0] <= '9');
}

/* A secret that is in the fingerprint too, or recorded, would be none. */
static int check_variables(const struct spec_node *node)
{
	const struct spec_items *lists[] = { &node->env, &node->pass, &node->secret };

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		for (size_t j = 0; j < lists[i]->n; j++) {
			const struct spec_item *item = &lists[i]->v[j];
			struct field_where w = { node->file, item->line };

			if (!is_variable(item->text))
				return field_error(&w, "'%s' is no name of an environment variable",
						   item->text);
			if (!strncmp(item->text, "MICH_", 5))
				return field_error(&w, "'%s' is mich's own to set", item->text);
			for (size_t k = 0; lists[i] != &node->secret && k < node->secret.n; k++)
				if (!strcmp(node->secret.v[k].text, item->text))
					return field_error(&w,
							   "'%s' is a secret as well, which is "
							   "never recorded",
							   item->text);
		}
	return 0;
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
		json_t *v = has_key(node, k) && applies(node, k) ? field_json(k, node) : NULL;
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
	struct field_where w = { node->file, node->line };
	int rc;

	if (node->kind == SPEC_DATASET)
		rc = check_dataset(node, &w);
	else if (node->kind == SPEC_MODEL)
		rc = check_model(node, &w);
	else
		rc = check_other(node, &w);
	if (rc == 0)
		rc = check_applies(node);
	if (rc == 0)
		rc = check_variables(node);
	if (rc == 0)
		fill_json(node);
	return rc;
}

static const struct spec_ref *ref_of(const struct spec_node *node, const char *role)
{
	for (size_t i = 0; i < node->n_ref; i++)
		if (!strcmp(node->ref[i].role, role))
			return &node->ref[i];
	return NULL;
}

/* A learner needs a label, and must not see it. */
static int check_label(const struct spec_node *node)
{
	const struct spec_ref *data = ref_of(node, "dataset");
	const char *label = node->label;
	struct field_where w = { node->file, spec_line(node, "dataset") };

	if (!label && (!data || !data->node))
		return 0; /* the recorded data set knows */
	if (!label)
		label = data->node->label;
	if (!label) {
		field_error(&w, "neither [model \"%s\"] nor [dataset \"%s\"] says what to predict",
			    node->name, data->name);
		return error_hint(ERR_INPUT, "add label = COLUMN to one of them");
	}
	for (size_t i = 0; i < node->feature.n; i++) {
		w.line = node->feature.v[i].line;
		if (!strcasecmp(node->feature.v[i].text, label))
			return field_error(&w,
					   "the label '%s' is among the features of [model \"%s\"]",
					   label, node->name);
	}
	return 0;
}

int section_check_linked(const struct spec_node *node)
{
	if (node->kind == SPEC_MODEL && (node->learner || node->members.n))
		return check_label(node);
	return 0;
}
