/* composed.c - members, their weights and their figures side by side. */
#include "cmd/composed.h"

#include "lib/base/mem.h"
#include "lib/cli/grid.h"

/* The figure that members are told apart by: the first that the whole has. */
static const char *figure_of(const json_t *whole)
{
	static const char *const names[] = { "rmse", "auc", "logloss", "ndcg" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (json_is_number(json_object_get(whole, names[i])))
			return names[i];
	return NULL;
}

static void add_number(struct grid *g, const json_t *v)
{
	if (json_is_number(v))
		grid_cellf(g, "%.6g", json_number_value(v));
	else
		grid_cell(g, NULL);
}

static void add_row(struct grid *g, const json_t *member, const char *figure)
{
	grid_cell(g, "  ");
	grid_cell(g, json_str(member, "name", ""));
	grid_cell(g, json_str(member, "ref", ""));
	grid_cell(g, json_str(member, "kind", ""));
	add_number(g, json_object_get(member, "weight"));
	add_number(g, figure ? json_object_get(json_object_get(member, "metrics"), figure) : NULL);
}

void composed_add(const json_t *ensemble, const json_t *metrics, struct buf *out)
{
	const char *split = json_str(ensemble, "split", "");
	const json_t *whole = json_object_get(metrics, split), *member;
	const char *figure = figure_of(whole);
	struct grid g;
	size_t i;

	if (!ensemble)
		return;
	buf_addf(out, "\nmembers, %s", json_str(ensemble, "combine", ""));
	if (figure)
		buf_addf(out, "; %s.%s of each and of all", split, figure);
	buf_addch(out, '\n');
	grid_init(&g, 6);
	for (i = 0; i < 6; i++)
		grid_column(&g, NULL, i > 3);
	json_array_foreach(json_object_get(ensemble, "members"), i, member)
		add_row(&g, member, figure);
	if (figure) {
		for (i = 0; i < 5; i++)
			grid_cell(&g, i == 0 ? "  " : i == 1 ? "all" : NULL);
		add_number(&g, json_object_get(whole, figure));
	}
	grid_render(&g, 0, out);
	grid_clear(&g);
}
