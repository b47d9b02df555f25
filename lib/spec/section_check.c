/* section_check.c - what the keys of a section ask of each other, and of the nodes that it reads. */
#include "lib/spec/section.h"

#include <string.h>

#include "lib/base/error.h"
#include "lib/base/mem.h"
#include "lib/spec/field.h"
#include "lib/spec/members.h"

bool section_applies(const struct spec_node *node, const struct key *k)
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

		if (!w.line || section_applies(node, k))
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

int section_check(const struct spec_node *node)
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
	return rc < 0 ? rc : check_variables(node);
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
