/* prospect.c - a profile read as the label of a matrix that is not there yet. */
#include "lib/make/train/prospect.h"

#include <math.h>
#include <string.h>

#include "lib/base/error.h"
#include "lib/model/task.h"
#include "lib/spec/spec.h"
#include "lib/step/step.h"

static const json_t *column_of(const json_t *columns, const char *name)
{
	const json_t *column;
	size_t i;

	json_array_foreach(columns, i, column)
		if (!strcmp(json_str(column, "name", ""), name))
			return column;
	return NULL;
}

static int no_column(const json_t *columns, const char *name)
{
	struct strlist names = STRLIST_INIT;
	const json_t *column;
	size_t i;

	json_array_foreach(columns, i, column)
		strlist_add(&names, json_str(column, "name", ""));
	error_set(ERR_INPUT, "the data have no column '%s'", name);
	strlist_hint(ERR_INPUT, (const char *const *)names.v, names.n, name);
	strlist_clear(&names);
	return ERR_INPUT;
}

static int check_column(const json_t *columns, const char *name)
{
	return !name || column_of(columns, name) ? 0 : no_column(columns, name);
}

static int check_items(const json_t *columns, const struct spec_items *items)
{
	int rc = 0;

	for (size_t i = 0; i < items->n && !rc; i++)
		rc = check_column(columns, items->v[i].text);
	return rc;
}

static int check_columns(const json_t *columns, const struct spec_node *node, const char *label)
{
	int rc = check_items(columns, &node->feature);

	if (!rc && !node->feature.n)
		rc = check_items(columns, &node->exclude);
	if (!rc)
		rc = check_items(columns, &node->partition);
	if (!rc)
		rc = check_column(columns, label);
	if (!rc)
		rc = check_column(columns, node->weight);
	return rc ? rc : check_column(columns, node->group);
}

static enum frame_type type_of(const char *kind)
{
	if (!strcmp(kind, "bool"))
		return FRAME_BOOL;
	if (!strcmp(kind, "time"))
		return FRAME_TIME;
	return strcmp(kind, "number") ? FRAME_STRING : FRAME_DOUBLE;
}

/* The label's values in train, or in another split. */
static struct task_label values_of(const char *label, const json_t *column, const char *part)
{
	const json_t *s = json_object_get(json_object_get(column, "splits"), part);
	int64_t distinct = json_int(s, "distinct", 0);
	struct task_label t = { .name = label,
				.type = type_of(json_str(column, "kind", "")),
				.rows = json_int(s, "rows", 0),
				.missing = json_int(s, "nulls", 0),
				.distinct = (size_t)distinct,
				.min = json_num(s, "min", INFINITY),
				.max = json_num(s, "max", -INFINITY) };

	t.many = t.type != FRAME_STRING && t.distinct > TASK_CLASSES_MAX;
	if (t.many)
		t.distinct = TASK_CLASSES_MAX;
	if (t.type == FRAME_BOOL) {
		t.min = json_num(s, "mean", 0) >= 1;
		t.max = json_num(s, "mean", 0) > 0;
	}
	return t;
}

/* Its numbers are all there and finite, so that the profile has what fit.h would find. */
static bool judgeable(const json_t *column)
{
	const json_t *s = json_object_get(json_object_get(column, "splits"), "train");
	bool number = type_of(json_str(column, "kind", "")) == FRAME_DOUBLE;

	if (!json_int(s, "rows", 0) || json_int(s, "nans", 0))
		return false;
	return !number || (json_is_number(json_object_get(s, "min")) &&
			   json_is_number(json_object_get(s, "max")));
}

static void put_classes(const struct task_label *t, struct matrix *m)
{
	if (m->task == MATRIX_BINARY || m->task == MATRIX_MULTICLASS)
		for (size_t i = 0; i < t->distinct; i++)
			strlist_addf(&m->classes, "%zu", i);
}

static int see_label(const struct spec_node *node, const char *label, const json_t *column,
		     struct prospect *p)
{
	static const char *const tasks[] = { [SPEC_TASK_AUTO] = NULL,
					     [SPEC_TASK_REGRESSION] = "regression",
					     [SPEC_TASK_BINARY] = "binary",
					     [SPEC_TASK_MULTICLASS] = "multiclass",
					     [SPEC_TASK_RANKING] = "ranking" };
	struct task_label t = values_of(label, column, "train");
	struct task_label validation = values_of(label, column, "validation");
	enum contract_task task;
	int rc = task_choose(&t, tasks[node->task], &task);

	if (rc)
		return rc;
	p->known = true;
	p->lowest = validation.rows && validation.min < t.min ? validation.min : t.min;
	rc = matrix_task_parse(contract_task_name(task), &p->meta.task);
	put_classes(&t, &p->meta);
	return rc;
}

static int see_rows(struct repo *r, const struct version *v, struct matrix *m)
{
	json_t *metrics = NULL;
	int rc = version_metrics(r, v, &metrics);

	for (int part = 0; part < MATRIX_PARTS; part++) {
		const json_t *split =
			json_object_get(metrics, matrix_part_name((enum matrix_part)part));

		m->splits[part].present = split != NULL;
		m->splits[part].rows = json_int(split, "rows", 0);
	}
	json_decref(metrics);
	return rc;
}

int prospect_see(struct repo *r, const struct spec_node *node, const struct step *s,
		 struct prospect *out)
{
	const struct step_input *in = step_find_input(s, "dataset");
	const char *label = json_str(s->recipe, "label", NULL);
	json_t *profile = NULL;
	const json_t *columns, *column;
	int rc;

	*out = (struct prospect)PROSPECT_INIT;
	if (!in || in->is_source || !label)
		return 0;
	rc = version_profile(r, &in->version, &profile);
	columns = json_object_get(json_object_get(profile, "profile"), "columns");
	if (!rc && json_array_size(columns))
		rc = check_columns(columns, node, label);
	column = rc ? NULL : column_of(columns, label);
	if (column && judgeable(column))
		rc = see_label(node, label, column, out);
	if (!rc && out->known)
		rc = see_rows(r, &in->version, &out->meta);
	json_decref(profile);
	return rc;
}

void prospect_clear(struct prospect *p)
{
	matrix_close(&p->meta);
	*p = (struct prospect)PROSPECT_INIT;
}
