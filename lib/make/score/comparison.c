/* comparison.c - two recorded models on the rows that neither learned from. */
#include "lib/make/score/comparison.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/make/score/divisions.h"
#include "lib/make/score/matched.h"
#include "lib/measure/compare/contrast.h"
#include "lib/model/model.h"

struct comparison {
	const struct comparison_ask *ask;
	struct matched m;
	struct divisions divisions;
	struct strlist columns; /* to slice by: those asked for, then those searched */
	struct strlist searched;
};

static void add_searched(struct comparison *c, const struct contract *contract)
{
	for (size_t i = 0; i < contract->n; i++)
		if (!strlist_has(&c->searched, contract->cols[i].name))
			strlist_add(&c->searched, contract->cols[i].name);
}

static int find_columns(struct comparison *c)
{
	int rc = divisions_read(c->ask->by, c->ask->n_by, c->m.table, &c->divisions);

	for (size_t i = 0; !rc && i < c->divisions.columns.n; i++)
		strlist_add(&c->columns, c->divisions.columns.v[i]);
	for (int i = 0; !rc && c->ask->search && i < 2; i++)
		add_searched(c, model_contract(c->m.side[i].m));
	for (size_t i = 0; i < c->searched.n; i++)
		if (!strlist_has(&c->columns, c->searched.v[i]))
			strlist_add(&c->columns, c->searched.v[i]);
	return rc;
}

/* Columns that are searched, together; their codes stay where they are. */
static struct slice_column *searched_columns(const struct comparison *c)
{
	struct slice_column *v = xcalloc(c->searched.n + 1, sizeof *v);

	for (size_t i = 0; i < c->searched.n; i++)
		v[i] = *scored_by(&c->m.side[0].scored, c->searched.v[i]);
	return v;
}

static int contrast(struct comparison *c, json_t **out)
{
	struct slices *slices = xcalloc(c->divisions.n + 1, sizeof *slices);
	struct slice_column *search = searched_columns(c);
	struct contrast_ask ask = { .a = c->m.side[0].kept.in,
				    .b = c->m.side[1].kept.in,
				    .slices = slices,
				    .n_slices = c->divisions.n,
				    .search = search,
				    .n_search = c->searched.n,
				    .tolerance = c->ask->tolerance,
				    .min_rows = c->ask->min_rows,
				    .samples = c->ask->samples,
				    .seed = c->ask->seed,
				    .threads = c->m.threads };
	int rc = divisions_slices(&c->divisions, &c->m.side[0].scored, slices);

	if (!rc)
		rc = contrast_make(&ask, out);
	for (size_t i = 0; i < c->divisions.n; i++)
		slices_clear(&slices[i]);
	free(slices);
	free(search);
	return rc;
}

static json_t *count_json(int64_t n)
{
	return n < 0 ? json_null() : json_integer(n);
}

static void describe(const struct comparison *c, json_t *doc)
{
	const struct matched_side *a = &c->m.side[0], *b = &c->m.side[1];
	json_t *head =
		json_pack("{s:s,s:{s:s,s:s},s:{s:s,s:s},s:{s:s,s:s},s:s,s:s}", "format",
			  COMPARISON_FORMAT, "a", "ref", a->ref, "id", a->v->id, "b", "ref", b->ref,
			  "id", b->v->id, "dataset", "ref", c->m.data_ref, "id", c->m.data.id,
			  "split", c->ask->part, "label", model_contract(a->m)->label);

	json_object_set_new(head, "left_out",
			    json_pack("{s:o,s:o,s:I,s:I}", "a", count_json(a->seen), "b",
				      count_json(b->seen), "rows", (json_int_t)c->m.left_out,
				      "unlabelled", (json_int_t)c->m.unlabelled));
	json_object_update_missing(head, doc);
	json_object_clear(doc);
	json_object_update(doc, head);
	json_decref(head);
}

int comparison_make(struct repo *r, const struct version *a, const struct version *b,
		    const struct comparison_ask *ask, json_t **out)
{
	struct comparison c = { .ask = ask, .m = { .part = ask->part, .threads = ask->threads } };
	int rc = matched_open(r, a, b, ask->data, &c.m), closed;

	*out = NULL;
	if (!rc)
		rc = find_columns(&c);
	if (!rc)
		rc = matched_score(&c.m, (const char *const *)c.columns.v, c.columns.n, ask->bins,
				   ask->threshold);
	if (!rc)
		rc = contrast(&c, out);
	if (!rc)
		describe(&c, *out);
	closed = matched_close(&c.m);
	divisions_clear(&c.divisions);
	strlist_clear(&c.columns);
	strlist_clear(&c.searched);
	return rc ? rc : closed;
}
