/* contract.c - the contract in memory, and as JSON. */
#include "lib/model/contract.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"

static const char *const modes[] = { "warn", "reject", "coerce" };
static const char *const tasks[] = { "regression", "binary", "multiclass", "ranking" };
static const char *const parts[] = { "value", "code", "hour", "weekday", "month" };

static const struct {
	enum contract_part part[CONTRACT_PARTS];
	size_t n;
} parts_of[] = {
	[FRAME_BOOL] = { { PART_VALUE }, 1 },
	[FRAME_INT] = { { PART_VALUE }, 1 },
	[FRAME_DOUBLE] = { { PART_VALUE }, 1 },
	[FRAME_STRING] = { { PART_CODE }, 1 },
	[FRAME_TIME] = { { PART_HOUR, PART_WEEKDAY, PART_MONTH }, 3 },
};

static int word_find(const char *const *words, size_t n, const char *word)
{
	for (size_t i = 0; word && i < n; i++)
		if (!strcmp(words[i], word))
			return (int)i;
	return -1;
}

int contract_mode_parse(const char *name, enum contract_mode *out)
{
	int i = word_find(modes, ARRAY_LEN(modes), name);

	if (i < 0)
		return error_set(ERR_INPUT, "'%s' is not a contract: want warn, reject or coerce",
				 name);
	*out = (enum contract_mode)i;
	return 0;
}

const char *contract_task_name(enum contract_task task)
{
	return tasks[task];
}

int contract_task_parse(const char *name, enum contract_task *out)
{
	int i = word_find(tasks, ARRAY_LEN(tasks), name);

	if (i < 0)
		return error_set(
			ERR_INPUT,
			"'%s' is not a task: want regression, binary, multiclass or ranking", name);
	*out = (enum contract_task)i;
	return 0;
}

void contract_clear(struct contract *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->cols[i].name);
		dict_clear(&c->cols[i].categories);
	}
	free(c->cols);
	free(c->label);
	strlist_clear(&c->classes);
	*c = (struct contract)CONTRACT_INIT;
}

struct contract_column *contract_add(struct contract *c, const char *name, enum frame_type type)
{
	struct contract_column *col;

	c->cols = xrealloc(c->cols, (c->n + 1) * sizeof(*c->cols));
	col = &c->cols[c->n++];
	*col = (struct contract_column){ .name = xstrdup(name), .type = type, .input = c->inputs };
	memcpy(col->parts, parts_of[type].part, sizeof col->parts);
	col->n_parts = parts_of[type].n;
	c->inputs += col->n_parts;
	return col;
}

struct contract_column *contract_add_coded(struct contract *c, const char *name,
					   enum frame_type type)
{
	struct contract_column *col = contract_add(c, name, type);

	if (type == FRAME_INT || type == FRAME_BOOL)
		col->parts[0] = PART_CODE;
	return col;
}

const struct contract_column *contract_find(const struct contract *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->cols[i].name, name))
			return &c->cols[i];
	return NULL;
}

void contract_inputs(const struct contract *c, struct strlist *out)
{
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->cols[i].n_parts; k++)
			if (c->cols[i].parts[k] <= PART_CODE)
				strlist_add(out, c->cols[i].name);
			else
				strlist_addf(out, "%s.%s", c->cols[i].name,
					     parts[c->cols[i].parts[k]]);
}

bool contract_is_code(const struct contract *c, size_t input)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct contract_column *col = &c->cols[i];

		if (input >= col->input && input < col->input + col->n_parts)
			return col->parts[input - col->input] == PART_CODE;
	}
	return false;
}

static json_t *strings_json(const struct dict *d)
{
	json_t *a = json_array();

	for (size_t i = 0; i < d->n; i++)
		json_array_append_new(a, json_stringn_nocheck(d->v[i].s, d->v[i].len));
	return a;
}

static json_t *column_json(const struct contract_column *col)
{
	json_t *o = json_pack("{s:s,s:s,s:b}", "name", col->name, "type",
			      frame_type_name(col->type), "nullable", col->nullable);
	json_t *names = json_array();

	for (size_t k = 0; k < col->n_parts; k++)
		json_array_append_new(names, json_string(parts[col->parts[k]]));
	json_object_set_new(o, "inputs", names);
	if (col->ranged) {
		json_object_set_new(o, "min", json_number(col->min));
		json_object_set_new(o, "max", json_number(col->max));
	}
	if (contract_coded(col))
		json_object_set_new(o, "categories", strings_json(&col->categories));
	if (col->dropped)
		json_object_set_new(o, "dropped", json_integer(col->dropped));
	return o;
}

json_t *contract_json(const struct contract *c)
{
	json_t *o = json_pack("{s:s,s:s}", "mode", modes[c->mode], "task", tasks[c->task]);
	json_t *cols = json_array();

	for (size_t i = 0; i < c->n; i++)
		json_array_append_new(cols, column_json(&c->cols[i]));
	json_object_set_new(o, "columns", cols);
	if (c->label || c->classes.n) {
		json_t *label = json_pack("{s:s*,s:s}", "name", c->label, "type",
					  frame_type_name(c->label_type));
		json_t *classes = json_array();

		for (size_t i = 0; i < c->classes.n; i++)
			json_array_append_new(classes, json_string_nocheck(c->classes.v[i]));
		json_object_set_new(label, "classes", classes);
		json_object_set_new(o, "label", label);
	}
	return o;
}

static int bad(const char *what, const char *name)
{
	return error_set(ERR_CORRUPT, "cannot read the model's contract: %s of column '%s'", what,
			 name);
}

static int categories_parse(const json_t *v, struct contract_column *col)
{
	size_t i;
	json_t *e;

	if (!json_is_array(v) || json_array_size(v) > CONTRACT_CATEGORIES)
		return bad("bad 'categories'", col->name);
	json_array_foreach((json_t *)v, i, e)
		if (!json_is_string(e) || strlen(json_string_value(e)) != json_string_length(e) ||
		    dict_add(&col->categories, json_string_value(e)) != i)
			return bad("bad or repeated category", col->name);
	return 0;
}

static int parts_parse(const json_t *v, struct contract_column *col)
{
	size_t i;
	json_t *e;

	if (json_array_size(v) != col->n_parts)
		return bad("bad 'inputs'", col->name);
	json_array_foreach((json_t *)v, i, e)
		if (word_find(parts, ARRAY_LEN(parts), json_string_value(e)) != (int)col->parts[i])
			return bad("bad 'inputs'", col->name);
	return 0;
}

/* seen: the names so far, for a model may have a hundred thousand. */
static int column_parse(const json_t *v, struct dict *seen, struct contract *out)
{
	const char *name = json_str(v, "name", NULL), *type_name = json_str(v, "type", "");
	const json_t *min = json_object_get(v, "min"), *max = json_object_get(v, "max");
	bool coded = json_is_array(json_object_get(v, "categories"));
	struct contract_column *col;
	enum frame_type type;

	if (!name || dict_add(seen, name) != out->n)
		return bad("no or repeated name", name ? name : "");
	if (frame_type_parse(type_name, &type) < 0)
		return bad("bad type", name);
	col = coded ? contract_add_coded(out, name, type) : contract_add(out, name, type);
	col->nullable = json_bool(v, "nullable", false);
	col->dropped = json_int(v, "dropped", 0);
	if (min || max) {
		if (!json_is_number(min) || !json_is_number(max) || contract_coded(col))
			return bad("bad 'min' or 'max'", name);
		col->ranged = true;
		col->min = json_number_value(min);
		col->max = json_number_value(max);
	}
	if (parts_parse(json_object_get(v, "inputs"), col) < 0)
		return ERR_CORRUPT;
	return contract_coded(col) ? categories_parse(json_object_get(v, "categories"), col) : 0;
}

static int label_parse(const json_t *v, struct contract *out)
{
	const char *name = json_str(v, "name", NULL);
	size_t i;
	json_t *e;

	if (frame_type_parse(json_str(v, "type", ""), &out->label_type) < 0)
		return error_set(ERR_CORRUPT, "cannot read the model's contract: bad label");
	out->label = name ? xstrdup(name) : NULL;
	json_array_foreach(json_object_get(v, "classes"), i, e) {
		if (!json_is_string(e) || strlen(json_string_value(e)) != json_string_length(e))
			return error_set(ERR_CORRUPT,
					 "cannot read the model's contract: bad class");
		strlist_add(&out->classes, json_string_value(e));
	}
	return 0;
}

static int members_parse(const json_t *v, struct contract *out)
{
	const json_t *cols = json_object_get(v, "columns"), *label = json_object_get(v, "label");
	struct dict seen = DICT_INIT;
	int rc = 0;
	size_t i;
	json_t *e;

	if (!json_is_array(cols) || contract_mode_parse(json_str(v, "mode", ""), &out->mode) < 0 ||
	    contract_task_parse(json_str(v, "task", ""), &out->task) < 0)
		return error_set(
			ERR_CORRUPT,
			"cannot read the model's contract: bad 'columns', 'mode' or 'task'");
	json_array_foreach((json_t *)cols, i, e)
		if (!rc)
			rc = column_parse(e, &seen, out);
	dict_clear(&seen);
	if (rc < 0)
		return rc;
	if (label && label_parse(label, out) < 0)
		return ERR_CORRUPT;
	if (out->task == TASK_BINARY && label && out->classes.n != 2)
		return error_set(ERR_CORRUPT,
				 "cannot read the model's contract: %zu classes, want 2",
				 out->classes.n);
	return 0;
}

int contract_parse(const json_t *v, struct contract *out)
{
	int rc = members_parse(v, out);

	if (rc < 0)
		contract_clear(out);
	return rc;
}

int contract_parse_text(const char *data, size_t n, struct contract *out)
{
	json_t *v;
	int rc = json_parse(data, n, "the model's contract", &v);

	if (rc < 0)
		return rc;
	rc = contract_parse(v, out);
	json_decref(v);
	return rc;
}
