/* comparison.c - two recorded models on the rows that neither learned from. */
#define _GNU_SOURCE
#include "lib/make/comparison.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/deal.h"
#include "lib/base/error.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/make/divisions.h"
#include "lib/make/loaded.h"
#include "lib/make/scored.h"
#include "lib/make/scratch.h"
#include "lib/make/trained.h"
#include "lib/measure/contrast.h"
#include "lib/model/model.h"
#include "lib/record/version.h"
#include "lib/table/seen.h"

struct side {
	const struct version *v;
	char *ref;
	struct model *m;
	char *group; /* ranking: the column; NULL */
	struct scored scored;
	struct subset kept; /* of the rows that are compared */
	int64_t seen;	    /* rows that it was trained on; -1: nobody knows */
};

struct comparison {
	struct repo *r;
	const struct comparison_ask *ask;
	struct side side[2];
	struct version data;
	char *scratch;		/* a folder of ours */
	char *data_ref, *table; /* the split's file in it */
	int threads;
	struct divisions divisions;
	struct strlist columns; /* to slice by: those asked for, then those searched */
	struct strlist searched;
	uint8_t *left; /* (rows) 1: left out */
	size_t rows;
	int64_t left_out, unlabelled;
	uint32_t *keep; /* (kept) rows that are compared */
	size_t kept;
};

static int open_side(struct comparison *c, struct side *s, const struct version *v)
{
	int rc;

	s->v = v;
	s->ref = version_ref(v);
	rc = loaded_model(c->r, v, &s->m);
	if (!rc)
		rc = scored_group(c->r, v, &s->group);
	if (!rc && !model_contract(s->m)->label)
		rc = error_set(ERR_INPUT, "%s does not know its label", s->ref);
	return rc;
}

static int refuse(const struct comparison *c, const char *what, const char *a, const char *b)
{
	return error_set(ERR_INPUT, "cannot compare %s with %s: %s '%s', the other '%s'",
			 c->side[0].ref, c->side[1].ref, what, a, b);
}

static bool same_classes(const struct contract *a, const struct contract *b)
{
	if (a->classes.n != b->classes.n)
		return false;
	for (size_t i = 0; i < a->classes.n; i++)
		if (!strlist_has(&b->classes, a->classes.v[i]))
			return false;
	return true;
}

/* Both must answer the same question. */
static int check_alike(const struct comparison *c)
{
	const struct contract *a = model_contract(c->side[0].m), *b = model_contract(c->side[1].m);
	const char *group[] = { c->side[0].group, c->side[1].group };

	if (a->task != b->task)
		return refuse(c, "the task of one is", contract_task_name(a->task),
			      contract_task_name(b->task));
	if (strcmp(a->label, b->label) != 0)
		return refuse(c, "one predicts", a->label, b->label);
	if (a->task == TASK_RANKING && group[0] && group[1] && strcmp(group[0], group[1]) != 0)
		return refuse(c, "one ranks within", group[0], group[1]);
	if (!same_classes(a, b))
		return error_set(
			ERR_INPUT,
			"cannot compare %s with %s: they do not tell apart the same classes",
			c->side[0].ref, c->side[1].ref);
	return 0;
}

/* The data set to compare on, unless one was asked for: what they learned from has the hold-out. */
static int find_data(struct comparison *c)
{
	int rc;

	if (c->ask->data)
		return version_copy(c->ask->data, &c->data);
	rc = trained_dataset(c->r, c->side[1].v, &c->data);
	if (rc == ERR_NOT_FOUND)
		rc = trained_dataset(c->r, c->side[0].v, &c->data);
	if (rc != ERR_NOT_FOUND)
		return rc;
	error_set(ERR_INPUT, "cannot compare %s with %s: it is not known on which rows",
		  c->side[0].ref, c->side[1].ref);
	return error_hint(ERR_INPUT, "say what to compare on: --on DATASET");
}

static int find_table(struct comparison *c)
{
	char *path = xasprintf("files/%s.parquet", c->ask->part), *dir = NULL;
	int rc = 0;

	c->data_ref = version_ref(&c->data);
	if (!version_has(c->r, &c->data, path)) {
		rc = error_set(ERR_INPUT, "%s has no rows in its split '%s'", c->data_ref,
			       c->ask->part);
		error_hint(rc, "compare on another: --split validation, --on DATASET");
	} else {
		rc = scratch_make(c->r, "compare", &c->scratch);
	}
	if (!rc) {
		dir = path_join(c->scratch, "files");
		c->table = path_join(c->scratch, path);
		rc = version_place(c->r, &c->data, PLACE_LINK, dir);
	}
	free(dir);
	free(path);
	return rc;
}

static void add_searched(struct comparison *c, const struct contract *contract)
{
	for (size_t i = 0; i < contract->n; i++)
		if (!strlist_has(&c->searched, contract->cols[i].name))
			strlist_add(&c->searched, contract->cols[i].name);
}

static int find_columns(struct comparison *c)
{
	int rc = divisions_read(c->ask->by, c->ask->n_by, c->table, &c->divisions);

	for (size_t i = 0; !rc && i < c->divisions.columns.n; i++)
		strlist_add(&c->columns, c->divisions.columns.v[i]);
	for (int i = 0; !rc && c->ask->search && i < 2; i++)
		add_searched(c, model_contract(c->side[i].m));
	for (size_t i = 0; i < c->searched.n; i++)
		if (!strlist_has(&c->columns, c->searched.v[i]))
			strlist_add(&c->columns, c->searched.v[i]);
	return rc;
}

/* The columns come with the rows of the first model; the second needs its own inputs alone. */
static int score(struct comparison *c, int i)
{
	struct side *s = &c->side[i];
	struct scored_ask ask = { .part = c->ask->part,
				  .by = (const char *const *)c->columns.v,
				  .n_by = i ? 0 : c->columns.n,
				  .bins = c->ask->bins,
				  .threads = c->threads,
				  .group = s->group };
	int rc = scored_table(s->m, c->table, &ask, &s->scored);

	if (!rc && s->scored.rows != c->side[0].scored.rows)
		rc = error_set(ERR_FAIL, "%s gave %zu answers for %zu rows", s->ref, s->scored.rows,
			       c->side[0].scored.rows);
	return rc ? error_wrap(rc, "%s on %s", s->ref, c->data_ref) : 0;
}

/* The place among b's classes of each class of a. */
static void map_classes(const struct strlist *a, const struct strlist *b, size_t *to)
{
	for (size_t i = 0; i < a->n; i++)
		for (to[i] = 0; strcmp(b->v[to[i]], a->v[i]) != 0;)
			to[i]++;
}

/* Probabilities in the order of a's classes; of two classes there is one, that of the second. */
static void reorder(struct scored *s, const size_t *to, size_t classes)
{
	float *row = xcalloc(classes, sizeof *row);

	for (size_t i = 0; i < s->rows; i++) {
		float *p = s->predictions + i * s->k;

		if (s->k == 1) {
			*p = 1 - *p;
			continue;
		}
		for (size_t c = 0; c < classes; c++)
			row[c] = p[to[c]];
		memcpy(p, row, classes * sizeof *row);
	}
	free(row);
}

/* Two models may number the classes differently, where their data did. */
static void align_classes(struct comparison *c)
{
	struct scored *a = &c->side[0].scored, *b = &c->side[1].scored;
	size_t *to = xcalloc(a->classes.n + 1, sizeof *to);
	bool moved = false;

	map_classes(&a->classes, &b->classes, to);
	for (size_t i = 0; i < a->classes.n; i++)
		moved = moved || to[i] != i;
	if (moved) {
		reorder(b, to, a->classes.n);
		memcpy(b->labels, a->labels, a->rows * sizeof *b->labels);
	}
	free(to);
}

/* Mark the rows that a model was trained on. */
static int leave_out(struct comparison *c, struct side *s)
{
	struct table_seen seen = TABLE_SEEN_INIT;
	char *path = NULL;
	int rc = trained_rows(c->r, s->v, &path);

	s->seen = -1;
	if (!rc && path)
		rc = table_seen(c->table, path, c->threads, c->scratch, &seen);
	if (!rc && path && (size_t)seen.rows == c->rows) {
		s->seen = seen.n;
		for (size_t i = 0; i < c->rows; i++)
			c->left[i] |= seen.mask[i];
	}
	table_seen_clear(&seen);
	free(path);
	return rc;
}

/* Models of one data set learned from the same rows. */
static int leave_out_both(struct comparison *c)
{
	struct version of[2] = { VERSION_INIT, VERSION_INIT };
	int got[2], rc;

	for (int i = 0; i < 2; i++)
		got[i] = trained_dataset(c->r, c->side[i].v, &of[i]);
	error_clear();
	rc = leave_out(c, &c->side[0]);
	if (!rc && !got[0] && !got[1] && !strcmp(of[0].id, of[1].id))
		c->side[1].seen = c->side[0].seen;
	else if (!rc)
		rc = leave_out(c, &c->side[1]);
	version_clear(&of[0]);
	version_clear(&of[1]);
	return rc;
}

static int choose_rows(struct comparison *c)
{
	const float *labels = c->side[0].scored.labels;
	int rc;

	c->rows = c->side[0].scored.rows;
	if ((rc = mem_alloc(c->rows, 1, &c->left)) || (rc = leave_out_both(c)) ||
	    (rc = mem_alloc(c->rows, sizeof *c->keep, &c->keep)))
		return rc;
	for (size_t i = 0; i < c->rows; i++) {
		bool unlabelled = isnan(labels[i]);

		c->left_out += c->left[i];
		c->unlabelled += unlabelled && !c->left[i];
		if (!c->left[i] && !unlabelled)
			c->keep[c->kept++] = (uint32_t)i;
	}
	if (c->kept)
		return 0;
	rc = error_set(ERR_INPUT,
		       "cannot compare %s with %s on the split '%s' of %s: of its %zu rows %lld "
		       "trained one of them, and %lld have no label",
		       c->side[0].ref, c->side[1].ref, c->ask->part, c->data_ref, c->rows,
		       (long long)c->left_out, (long long)c->unlabelled);
	return error_hint(rc, "compare on a hold-out: --split test, --on DATASET");
}

/* Columns and answers of the rows that are compared; keep is ascending, so columns move in place. */
static int keep_rows(struct comparison *c)
{
	struct scored *a = &c->side[0].scored;
	int rc = 0;

	for (int i = 0; i < 2 && !rc; i++) {
		struct measure_input in = scored_input(&c->side[i].scored, c->ask->threshold);

		rc = subset_make(&in, c->keep, c->kept, &c->side[i].kept);
	}
	for (size_t k = 0; k < a->n_by; k++) {
		for (size_t i = 0; i < c->kept; i++)
			a->by[k].code[i] = a->by[k].code[c->keep[i]];
		a->by[k].rows = c->kept;
	}
	return rc;
}

/* Columns that are searched, together; their codes stay where they are. */
static struct slice_column *searched_columns(const struct comparison *c)
{
	struct slice_column *v = xcalloc(c->searched.n + 1, sizeof *v);

	for (size_t i = 0; i < c->searched.n; i++)
		v[i] = *scored_by(&c->side[0].scored, c->searched.v[i]);
	return v;
}

static int contrast(struct comparison *c, json_t **out)
{
	struct slices *slices = xcalloc(c->divisions.n + 1, sizeof *slices);
	struct slice_column *search = searched_columns(c);
	struct contrast_ask ask = { .a = c->side[0].kept.in,
				    .b = c->side[1].kept.in,
				    .slices = slices,
				    .n_slices = c->divisions.n,
				    .search = search,
				    .n_search = c->searched.n,
				    .tolerance = c->ask->tolerance,
				    .min_rows = c->ask->min_rows,
				    .samples = c->ask->samples,
				    .seed = c->ask->seed,
				    .threads = c->threads };
	int rc = divisions_slices(&c->divisions, &c->side[0].scored, slices);

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
	const struct side *a = &c->side[0], *b = &c->side[1];
	json_t *head =
		json_pack("{s:s,s:{s:s,s:s},s:{s:s,s:s},s:{s:s,s:s},s:s,s:s}", "format",
			  COMPARISON_FORMAT, "a", "ref", a->ref, "id", a->v->id, "b", "ref", b->ref,
			  "id", b->v->id, "dataset", "ref", c->data_ref, "id", c->data.id, "split",
			  c->ask->part, "label", model_contract(a->m)->label);

	json_object_set_new(head, "left_out",
			    json_pack("{s:o,s:o,s:I,s:I}", "a", count_json(a->seen), "b",
				      count_json(b->seen), "rows", (json_int_t)c->left_out,
				      "unlabelled", (json_int_t)c->unlabelled));
	json_object_update_missing(head, doc);
	json_object_clear(doc);
	json_object_update(doc, head);
	json_decref(head);
}

static int clear(struct comparison *c)
{
	int rc = c->scratch ? file_remove_tree(c->scratch) : 0;

	for (int i = 0; i < 2; i++) {
		free(c->side[i].ref);
		free(c->side[i].group);
		model_free(c->side[i].m);
		scored_clear(&c->side[i].scored);
		subset_clear(&c->side[i].kept);
	}
	version_clear(&c->data);
	divisions_clear(&c->divisions);
	strlist_clear(&c->columns);
	strlist_clear(&c->searched);
	free(c->data_ref);
	free(c->table);
	free(c->scratch);
	free(c->left);
	free(c->keep);
	return rc;
}

int comparison_make(struct repo *r, const struct version *a, const struct version *b,
		    const struct comparison_ask *ask, json_t **out)
{
	struct comparison c = { .r = r,
				.ask = ask,
				.threads = ask->threads > 0 ? ask->threads : deal_cores() };
	int rc = open_side(&c, &c.side[0], a), removed;

	*out = NULL;
	if (!rc)
		rc = open_side(&c, &c.side[1], b);
	if (!rc)
		rc = check_alike(&c);
	if (!rc)
		rc = find_data(&c);
	if (!rc)
		rc = find_table(&c);
	if (!rc)
		rc = find_columns(&c);
	if (!rc)
		rc = score(&c, 0);
	if (!rc)
		rc = score(&c, 1);
	if (!rc)
		align_classes(&c);
	if (!rc)
		rc = choose_rows(&c);
	if (!rc)
		rc = keep_rows(&c);
	if (!rc)
		rc = contrast(&c, out);
	if (!rc)
		describe(&c, *out);
	removed = clear(&c);
	return rc ? rc : removed;
}
